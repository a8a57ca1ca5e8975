package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.internal.declared.ConformanceCheck;
import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleFile;
import dev.sightline.onnx.Model;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Robot policies whose masks are known: what the numbers must be was measured when the models were
 * made, by another runtime.
 */
class PolicyConformanceTest {
  private static final String GROOT =
      "0,2,4: key-padding(1111111111,1111111000,0011110111); 1,3,5: full";
  private static final String GROOT_SEGMENTS = "state=1,future=32,action=8,vl=10";
  private static final String PI05 =
      """
      # Actions are kept from the subtask.
      0,1,2: (block-causal(00000000000111110000)
        & padding(11111111111111111111,11111111100110011111,
                  11111111110000011111,11111100111010111111))
        - (query-padding(00000000000000011111) & key-padding(00000000000111100000))
      """;
  private static final String PI05_SEGMENTS = "image=6,language=5,subtask=4,flow=5";

  private static Conformance check(String model, String inputs, String expect, String segments)
      throws IOException {
    Model read = Model.open(Policies.file(model + ".onnx"));
    List<Sample> samples =
        SampleFile.read(read, Policies.file(inputs), new RandomTokens(read, 0, 1)).samples();
    return ConformanceCheck.run(
        read,
        samples,
        0,
        Expectation.parse(expect),
        segments.isEmpty() ? Segments.none() : Segments.parse(segments),
        new RandomTokens(read, 0, 2),
        layer -> "implemented " + layer);
  }

  private static List<Integer> offending(Conformance conformance) {
    return conformance.attentions().stream()
        .filter(a -> a.state() == State.OFFENDS)
        .map(Attention::attention)
        .toList();
  }

  /** How many pairs of query and key offend in the row that is drawn, whatever the head. */
  private static long offendingCells(@Nullable CellPicture of) {
    CellPicture picture = requireNonNull(of);
    long cells = 0;
    for (int r = 0; r < picture.rows().size(); r++) {
      for (int c = 0; c < picture.columns().size(); c++) {
        cells += picture.offends(r, c) ? 1 : 0;
      }
    }
    return cells;
  }

  @Test
  void maskedGroot_conforms_insideAndOutside() throws IOException {
    Conformance seen = check("groot-dit-masked", "groot-dit.feed.npz", GROOT, GROOT_SEGMENTS);

    assertThat(seen.inside().outcome())
        .as(VerdictText.of(Probe.DECLARED_INSIDE, seen.inside()))
        .isEqualTo(Outcome.PASS);
    assertThat(seen.outside().outcome())
        .as(VerdictText.of(Probe.DECLARED_OUTSIDE, seen.outside()))
        .isEqualTo(Outcome.PASS);
    assertThat(seen.attentions()).hasSize(6).allMatch(a -> a.state() == State.CONFORMS);
    assertThat(seen.attentions()).allMatch(a -> a.unused() == 0);
    assertThat(seen.reach().compared()).isEqualTo(1224);
    assertThat(seen.reach().unreachable()).isEqualTo(48);
    assertThat(seen.reach().leaks()).isZero();
    assertThat(seen.reach().unmoved()).isZero();
    assertThat(seen.reach().outputs()).containsExactly("action_velocities");
  }

  @Test
  void grootThatIgnoresItsMask_failsInEveryCrossAttention_thoughItHandsTheMaskOn()
      throws IOException {
    Conformance seen = check("groot-dit-ignored", "groot-dit.feed.npz", GROOT, GROOT_SEGMENTS);

    assertThat(seen.inside().outcome()).isEqualTo(Outcome.FAIL);
    assertThat(offending(seen)).containsExactly(0, 2, 4);
    // 123 cells in each of two rows, in each of four heads.
    assertThat(seen.attentions().get(0).offences()).isEqualTo(4 * (123 + 123));
    assertThat(offendingCells(seen.attentions().get(4).picture())).isEqualTo(123);
    assertThat(seen.outside().outcome()).isEqualTo(Outcome.FAIL);
    assertThat(seen.reach().leaks()).isEqualTo(48);
    assertThat(seen.reach().outputs()).containsExactly("action_velocities");
  }

  @Test
  void grootWithOneUnmaskedBlock_isLocated_whereOutsideShowsTheSameLeaks() throws IOException {
    Conformance seen = check("groot-dit-one-unmasked", "groot-dit.feed.npz", GROOT, GROOT_SEGMENTS);

    assertThat(offending(seen)).containsExactly(2);
    assertThat(seen.attentions().get(2).worst()).hasSize(20);
    assertThat(VerdictText.of(seen.attentions().get(2).worst().getFirst()))
        .matches(
            "\\w+ \\d+ attends to vl [016789] in attention 2, head [0-3] \\(row [12]\\),"
                + " probability 0\\.\\d+");
    assertThat(seen.reach().leaks()).isEqualTo(48);
    assertThat(seen.reach().worst().stream().map(VerdictText::of).toList().toString())
        .contains("action ")
        .contains(" depends on vl ")
        .contains("(row 1), though the declared masks give no path");
    CellPicture picture = requireNonNull(seen.reach().picture());
    assertThat(picture.rows()).first().isEqualTo("action 0");
    assertThat(picture.columns()).hasSize(51).contains("state 0", "future 31");
  }

  @Test
  void correctPi05_conforms_andItsPaddingIsNotJudged() throws IOException {
    Conformance seen = check("pi05-correct", "pi05.feed.npz", PI05, PI05_SEGMENTS);

    assertThat(seen.inside().outcome())
        .as(VerdictText.of(Probe.DECLARED_INSIDE, seen.inside()))
        .isEqualTo(Outcome.PASS);
    assertThat(seen.outside().outcome())
        .as(VerdictText.of(Probe.DECLARED_OUTSIDE, seen.outside()))
        .isEqualTo(Outcome.PASS);
    assertThat(seen.reach().compared()).isEqualTo(1340);
    assertThat(seen.reach().unreachable()).isEqualTo(566);
    assertThat(seen.reach().unmoved()).isZero();
    assertThat(seen.reach().outputs()).containsExactly("action_hidden", "prefix_hidden");
    // 67 real queries of 80, 20 keys, 4 heads.
    assertThat(seen.attentions()).allMatch(a -> a.cells() == 67 * 20 * 4);
    assertThat(seen.attentions()).allMatch(a -> a.skippedQueries() == 0);
  }

  @Test
  void flowThatSeesTheSubtask_isNamed_inAllThreeAttentions() throws IOException {
    Conformance seen = check("pi05-flow-sees-subtask", "pi05.feed.npz", PI05, PI05_SEGMENTS);

    assertThat(offending(seen)).containsExactly(0, 1, 2);
    assertThat(seen.attentions()).allMatch(a -> a.offences() == 4 * (20 + 10 + 10));
    assertThat(seen.attentions().stream().flatMap(a -> a.worst().stream()))
        .allMatch(o -> o.queryName().startsWith("flow") && o.keyName().startsWith("subtask"));
    CellPicture picture = requireNonNull(seen.attentions().getFirst().picture());
    assertThat(picture.sample()).isZero();
    assertThat(offendingCells(picture)).isEqualTo(20);
    assertThat(seen.reach().leaks()).isEqualTo(40);
    assertThat(seen.reach().compared() - seen.reach().unreachable()).isEqualTo(774);
    assertThat(VerdictText.of(Probe.DECLARED_OUTSIDE, seen.outside()))
        .startsWith("In 40 pairs")
        .containsPattern("flow \\d depends on subtask \\d \\(row \\d\\)");
  }

  @Test
  void fixingTheDeclarationInstead_makesTheSameModelConform() throws IOException {
    String open = PI05.substring(0, PI05.indexOf("  - ("));

    Conformance seen = check("pi05-flow-sees-subtask", "pi05.feed.npz", open, "");

    assertThat(seen.inside().outcome()).isEqualTo(Outcome.PASS);
    assertThat(seen.outside().outcome()).isEqualTo(Outcome.PASS);
    assertThat(seen.tokens()).contains("prefix_embeddings 14", "suffix_embeddings 0");
  }

  @Test
  void attentionsOfWhichNothingIsDeclared_areListed_andLetEverythingThrough() throws IOException {
    Conformance seen =
        check(
            "groot-dit-one-unmasked",
            "groot-dit.feed.npz",
            "0,4: key-padding(1111111111,1111111000,0011110111)",
            GROOT_SEGMENTS);

    assertThat(seen.inside().outcome()).isEqualTo(Outcome.PASS);
    assertThat(seen.attentions().get(2).state()).isEqualTo(State.NOT_DECLARED);
    assertThat(seen.notes().toString()).contains("no mask is declared for attentions 1, 2, 3, 5");
    assertThat(seen.outside().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
  }

  @Test
  void declarationThatForbidsNothing_isInconclusive() throws IOException {
    Conformance seen = check("groot-dit-ignored", "groot-dit.feed.npz", "full", "");

    assertThat(seen.inside().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(seen.outside().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
  }

  private static final List<String> STEP =
      List.of(
          "11111111111000011111",
          "11111111100000011111",
          "11111111110000011111",
          "11111100111000011111");

  /** Samples of a step over a cache whose keys and values are made up. */
  private static List<Sample> steps(Model model, List<String> masks) throws IOException {
    List<Sample> samples = new ArrayList<>();
    List<Sample> random = new RandomTokens(model, 0, 3).samples(masks.size());
    for (int n = 0; n < masks.size(); n++) {
      byte[] bits = new byte[5 * 20];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = (byte) (masks.get(n).charAt(i % 20) - '0');
      }
      Map<String, RawTensor> others = new HashMap<>();
      others.put(
          "step_mask", RawTensor.of(ElementType.BOOL, Shape.of(5, 20), TensorBytes.of(bits)));
      others.put(
          "position_ids",
          RawTensor.of(
              ElementType.INT64, Shape.of(5), TensorBytes.of(new long[] {11, 12, 13, 14, 15})));
      Sample one = random.get(n);
      samples.add(new Sample(one.number(), one.label(), one.streams(), one.placements(), others));
    }
    return samples;
  }

  private static Conformance checkStep(List<String> fed) throws IOException {
    Model model = Model.open(Policies.file("pi05-cached-step.onnx"));
    StringBuilder rows = new StringBuilder("per-batch(");
    for (int n = 0; n < STEP.size(); n++) {
      rows.append(n == 0 ? "" : "; ").append("key-padding(").append(STEP.get(n)).append(')');
    }
    return ConformanceCheck.run(
        model,
        steps(model, fed),
        0,
        Expectation.parse(rows.append(')').toString()),
        Segments.parse(PI05_SEGMENTS),
        new RandomTokens(model, 0, 4),
        layer -> "implemented " + layer);
  }

  @Test
  void stepOverACache_conforms_andItsPositionsAreTokensToo() throws IOException {
    Conformance seen = checkStep(STEP);

    assertThat(seen.inside().outcome())
        .as(VerdictText.of(Probe.DECLARED_INSIDE, seen.inside()))
        .isEqualTo(Outcome.PASS);
    assertThat(seen.outside().outcome())
        .as(VerdictText.of(Probe.DECLARED_OUTSIDE, seen.outside()))
        .isEqualTo(Outcome.PASS);
    assertThat(seen.reach().unreachable()).isEqualTo(105);
    assertThat(seen.reach().compared()).isEqualTo(400);
    assertThat(seen.reach().unmoved()).isZero();
  }

  @Test
  void stepMaskWithTheSubtaskOpen_isFound_inCachePositions() throws IOException {
    List<String> open = new ArrayList<>(STEP);
    open.set(0, "11111111111111111111");

    Conformance seen = checkStep(open);

    assertThat(offending(seen)).containsExactly(0, 1, 2);
    assertThat(seen.reach().leaks()).isEqualTo(5 * 4);
    assertThat(seen.reach().worst()).allMatch(leak -> leak.input().startsWith("subtask"));
  }
}
