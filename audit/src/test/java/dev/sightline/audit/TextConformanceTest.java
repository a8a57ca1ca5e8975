package dev.sightline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.audit.TinyEncoder.Masking;
import dev.sightline.audit.TinyEncoder.Trait;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.internal.declared.ConformanceCheck;
import dev.sightline.audit.internal.declared.OutsideProof;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Models that read ids, fed with ids that are made up: 5, 3 and 2 real tokens of 5. */
class TextConformanceTest {
  /** Of 5, 3 and 2 words, no word twice. */
  private static List<Sample> samples() {
    return List.of(sample(1, 2, 9, 16, 23, 30), sample(2, 5, 12, 19), sample(3, 8, 15));
  }

  private static Sample sample(long number, long... ids) {
    return new Sample(number, "sample " + number, List.of(TokenizedText.ofIds(ids)));
  }

  private static final String PADDING = "padding(5,3,2)";

  private static Conformance check(byte[] model, String expect) throws ModelException {
    Model read = Model.parse(model, "tiny");
    List<Sample> samples = samples();
    return ConformanceCheck.run(
        read,
        samples,
        0,
        Expectation.parse(expect),
        Segments.none(),
        new RandomTokens(read, 0, 2),
        layer -> "implemented " + layer);
  }

  private static List<State> states(Conformance conformance) {
    return conformance.attentions().stream().map(Attention::state).toList();
  }

  @Test
  void correctModels_conform() throws ModelException {
    Conformance both = check(TinyEncoder.correct(), PADDING);
    Conformance causal = check(TinyEncoder.correct(Trait.CAUSAL), PADDING + " & causal");

    assertThat(both.inside().outcome())
        .as(VerdictText.of(Probe.DECLARED_INSIDE, both.inside()))
        .isEqualTo(Outcome.PASS);
    assertThat(both.outside().outcome())
        .as(VerdictText.of(Probe.DECLARED_OUTSIDE, both.outside()))
        .isEqualTo(Outcome.PASS);
    assertThat(both.reach().compared()).isEqualTo((5 + 3 + 2) * 5);
    assertThat(both.reach().unreachable()).isEqualTo(3 * 2 + 2 * 3);
    assertThat(causal.inside().outcome()).isEqualTo(Outcome.PASS);
    assertThat(causal.outside().outcome()).isEqualTo(Outcome.PASS);
    assertThat(causal.tokens()).startsWith("input_ids 0", "input_ids 1");
  }

  @Test
  void modelThatLooksAhead_isFoundByBothProofs() throws ModelException {
    Conformance seen = check(TinyEncoder.correct(), PADDING + " & causal");

    assertThat(states(seen)).containsExactly(State.OFFENDS, State.OFFENDS);
    assertThat(seen.reach().leaks()).isEqualTo(10 + 3 + 1);
  }

  @Test
  void layerWithoutItsMask_isLocated() throws ModelException {
    Conformance seen = check(TinyEncoder.withLayers(Masking.BY_VALUE, Masking.CUT), PADDING);

    assertThat(states(seen)).containsExactly(State.CONFORMS, State.OFFENDS);
    assertThat(seen.reach().leaks()).isEqualTo(12);
  }

  @Test
  void leakOutsideOfAttention_passesInside_andFailsOutside() throws ModelException {
    Conformance seen = check(TinyEncoder.correct(Trait.SEQUENCE_MEAN), PADDING);

    assertThat(seen.inside().outcome()).isEqualTo(Outcome.PASS);
    assertThat(seen.outside().outcome()).isEqualTo(Outcome.FAIL);
    assertThat(seen.reach().leaks()).isEqualTo(12);
  }

  @Test
  void weakFill_leavesAProbability_thatIsReported() throws ModelException {
    Conformance seen = check(TinyEncoder.withFill(-40), PADDING);

    assertThat(seen.inside().outcome()).isEqualTo(Outcome.FAIL);
    assertThat(seen.attentions().getFirst().worst().getFirst().probability()).isLessThan(1e-6f);
  }

  @Test
  void modelWithoutAttention_givesNoData() throws ModelException {
    Conformance seen = check(TinyEncoder.correct(Trait.NO_ATTENTION), PADDING);

    assertThat(seen.inside().outcome()).isEqualTo(Outcome.NO_DATA);
    assertThat(seen.outside().outcome()).isEqualTo(Outcome.NO_DATA);
    assertThat(VerdictText.of(Probe.DECLARED_INSIDE, seen.inside()))
        .contains("No attention was found");
  }

  @Test
  void modelThatRoundsByTheWholeBatch_isNotTriedFromOutside() throws ModelException {
    Conformance seen = check(TinyEncoder.correct(Trait.ROUNDED), PADDING);

    assertThat(seen.inside().outcome()).isEqualTo(Outcome.PASS);
    assertThat(seen.outside().outcome()).isEqualTo(Outcome.NO_DATA);
    assertThat(VerdictText.of(Probe.DECLARED_OUTSIDE, seen.outside())).contains("8 bits");
  }

  @Test
  void manySamples_areReplacedInTheFirst_whichIsSaid() throws ModelException {
    Model read = Model.parse(TinyEncoder.correct(), "tiny");
    List<Sample> many = new RandomTokens(read, 0, 1).samples(40);

    Conformance seen =
        ConformanceCheck.run(
            read,
            many,
            0,
            Expectation.parse("0: full"),
            Segments.none(),
            new RandomTokens(read, 0, 2),
            layer -> "implemented " + layer);

    assertThat(seen.samples()).isEqualTo(40);
    assertThat(seen.reach().rows()).isEqualTo(OutsideProof.MOST_ROWS);
    assertThat(seen.notes().toString()).contains("the first 32 of 40 samples");
  }

  /** The model with its mask handed on as an output {@code [batch, 5]}, which looks pooled. */
  private static byte[] withEcho(byte[] model) {
    GraphBuilder echo = GraphBuilder.addition("echo.");
    String mask = echo.cast("attention_mask", ElementType.FLOAT32);
    echo.output("echo", mask, ElementType.FLOAT32, "batch", "5");
    byte[] more = ModelProto.newBuilder().setGraph(echo.graph()).build().toByteArray();
    byte[] whole = Arrays.copyOf(model, model.length + more.length);
    System.arraycopy(more, 0, whole, model.length, more.length);
    return whole;
  }

  @Test
  void outputThatMovesWithNothing_doesNotCount() throws ModelException {
    Conformance seen = check(withEcho(TinyEncoder.correct()), PADDING);

    assertThat(seen.reach().outputs()).containsExactly("last_hidden_state");
    assertThat(seen.reach().compared()).isEqualTo((5 + 3 + 2) * 5);
    assertThat(seen.reach().unmoved()).isZero();
  }
}
