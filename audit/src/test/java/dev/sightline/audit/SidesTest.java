package dev.sightline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.audit.TinyEncoder.Trait;
import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.audit.zoo.ZooModel;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Padding is judged where callers put it. */
class SidesTest {
  @Test
  void encoderThatReadsItsFirstPosition_isRightOnTheRight() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.FIRST_POSITION_ONLY));

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PAD_RIGHT_ONLY);
    assertThat(Answer.of(result).headline()).contains("right with padding on the right");
    assertThat(outcome(result, Probe.PAD_CONTENT)).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.PAD_LEFT)).isEqualTo(Outcome.PAD_RIGHT_ONLY);
  }

  @Test
  void encoderThatReadsItsFirstPosition_fails_ifBothSidesAreAskedFor() throws IOException {
    byte[] model = TinyEncoder.correct(Trait.FIRST_POSITION_ONLY);

    assertThat(run(model, Sides.BOTH).conclusion().outcome()).isEqualTo(Outcome.FAIL);
    assertThat(run(model, Sides.LEFT).conclusion().outcome()).isEqualTo(Outcome.FAIL);
    assertThat(run(model, Sides.RIGHT).conclusion().outcome()).isEqualTo(Outcome.PAD_RIGHT_ONLY);
  }

  @Test
  void encoderThatPoolsItsFirstPosition_isRightOnTheRight_thoughItsTokensHoldOnBothSides()
      throws IOException {
    Audit audit = run(Zoo.model(Architecture.RELATIVE, Bug.POOL_FIRST_POSITION));

    AuditResult right = audit.run();
    assertThat(outcome(right, Probe.PAD_LEFT)).isEqualTo(Outcome.PASS);
    assertThat(outcome(right, Probe.POOLING)).isEqualTo(Outcome.PAD_RIGHT_ONLY);
    assertThat(right.conclusion().outcome()).isEqualTo(Outcome.PAD_RIGHT_ONLY);
    assertThat(outcome(audit.side(Sides.BOTH).run(), Probe.POOLING)).isEqualTo(Outcome.FAIL);
  }

  @Test
  void modelThatReadsItsLastPosition_isRightOnTheLeft_ifItsTokenizerPadsThere() throws IOException {
    byte[] model = TinyEncoder.correct(Trait.LAST_POSITION_ONLY, Trait.NO_POSITIONS);
    AuditResult left = audit(model, tokenizer("Left"));

    assertThat(left.conclusion().outcome()).isEqualTo(Outcome.PAD_LEFT_ONLY);
    assertThat(Answer.of(left).headline()).contains("right with padding on the left");
    assertThat(outcome(left, Probe.PAD_LEFT)).isEqualTo(Outcome.PASS);
    assertThat(audit(model, tokenizer("Right")).conclusion().outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void decoderWhoseAttentionDoesNotReadItsMask_fails_unlessPaddedOnTheRight() throws IOException {
    ZooModel cut = Zoo.model(Architecture.DECODER_NO_POSITIONS, Bug.MASK_CUT_ALL);

    assertThat(run(cut).run().conclusion().outcome()).isEqualTo(Outcome.FAIL);
    assertThat(run(cut).side(Sides.RIGHT).run().conclusion().outcome())
        .isEqualTo(Outcome.INCONCLUSIVE);
  }

  @Test
  void unknownSide_isRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> Sides.parse("top"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'top' is no side of a text; expected one of right, left, both");
  }

  @Test
  void causalMaskThatIsMissingWithoutPadding_failsAndSaysSo() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.CAUSAL_IF_PADDED));

    assertThat(outcome(result, Probe.CAUSALITY)).isEqualTo(Outcome.FAIL);
    assertThat(Answer.of(result).headline()).contains("without padding", "no causal mask");
    assertThat(Answer.of(result).fix()).doesNotContain("alone");
  }

  @Test
  void modelThatFindsPaddingByItsId_isSoByDesign() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.PAD_ID_MEAN, Trait.NO_POSITIONS));

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.PAD_CONTENT)).isEqualTo(Outcome.BY_DESIGN);
    assertThat(VerdictText.of(result.finding(Probe.PAD_CONTENT)))
        .contains("finds padding by its id");
  }

  @Test
  void sampleWithoutAToken_isPassedOverAndNoted() throws IOException {
    Model model = Model.parse(TinyEncoder.correct(), "tiny");
    List<Sample> samples = new java.util.ArrayList<>(new RandomTokens(model, 0, 1).samples(3));
    samples.add(
        1,
        new Sample(
            9,
            "empty",
            List.of(dev.sightline.onnx.TokenizedText.ofIds(new long[0])),
            List.of(java.util.Optional.empty()),
            Map.of()));
    AuditResult result = Audit.of(model).padId(0).samples(samples).run();

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(result.conditions().texts()).isEqualTo(3);
    assertThat(result.conditions().notes())
        .containsExactly("sample 9 has no token and was passed over");
  }

  private static Audit run(ZooModel zoo) throws IOException {
    Model model = Model.parse(zoo.bytes(), zoo.name());
    return Audit.of(model).padId(0).samples(new RandomTokens(model, 0, 1).samples(4));
  }

  private static AuditResult run(byte[] bytes, Sides sides) throws IOException {
    Model model = Model.parse(bytes, "tiny");
    try (Tokenizer tokenizer = TinyEncoder.tokenizer()) {
      return Audit.of(model).tokenizer(tokenizer).texts(TinyEncoder.texts()).side(sides).run();
    }
  }

  private static Tokenizer tokenizer(String direction) throws IOException {
    String json =
        new String(TinyEncoder.tokenizerJson(), StandardCharsets.UTF_8)
            .replace(
                "\"padding\": null",
                """
                "padding": {"strategy": "BatchLongest", "direction": "%s", "pad_to_multiple_of": null,
                  "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}
                """
                    .formatted(direction));
    return Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "the test's tokenizer");
  }

  private static AuditResult audit(byte[] bytes) throws IOException {
    return audit(bytes, TinyEncoder.tokenizer());
  }

  private static AuditResult audit(byte[] bytes, Tokenizer owned) throws IOException {
    try (Tokenizer tokenizer = owned) {
      return Audit.of(Model.parse(bytes, "tiny"))
          .tokenizer(tokenizer)
          .texts(TinyEncoder.texts())
          .run();
    }
  }

  private static Outcome outcome(AuditResult result, Probe probe) {
    return result.finding(probe).verdict().outcome();
  }
}
