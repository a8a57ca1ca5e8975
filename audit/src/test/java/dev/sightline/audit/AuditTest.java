package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.audit.TinyEncoder.Masking;
import dev.sightline.audit.TinyEncoder.Trait;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.AttentionPicture;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Place;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AuditTest {
  /** Rounding by the largest value shows only if the other padding holds a larger one. */
  private static final long SEED_THAT_RAISES_THE_MAXIMUM = 7;

  @Test
  void correctEncoder_passes_withDifferencesOfExactlyZero() throws IOException {
    AuditResult result = audit(TinyEncoder.correct());

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(result.findings())
        .extracting(f -> f.verdict().outcome())
        .containsOnly(
            Outcome.PASS, Outcome.PAD_RIGHT_ONLY, Outcome.BY_DESIGN, Outcome.NOT_APPLICABLE);
    assertThat(outcome(result, Probe.CAUSALITY)).isEqualTo(Outcome.BY_DESIGN);
    assertThat(outcome(result, Probe.PAD_LEFT)).isEqualTo(Outcome.PAD_RIGHT_ONLY);
    assertThat(evidence(result, Probe.PAD_CONTENT).difference()).isZero();
    assertThat(evidence(result, Probe.NEIGHBOUR).difference()).isZero();
    assertThat(evidence(result, Probe.PADDING_MASS).difference()).isZero();
    assertThat(result.attention().found())
        .extracting(s -> s.masks().getFirst().route())
        .containsOnly(MaskRoute.VALUE);
  }

  @Test
  void correctEncoder_everyPassHasAControlThatMoves() throws IOException {
    AuditResult result = audit(TinyEncoder.correct());

    assertThat(control(result, Probe.PAD_CONTENT)).isGreaterThan(0.1);
    assertThat(control(result, Probe.PAD_LENGTH)).isGreaterThan(0.1);
    assertThat(control(result, Probe.MASK_VALUE)).isGreaterThan(0.1);
    assertThat(control(result, Probe.PADDING_MASS)).isGreaterThan(0.1);
    assertThat(evidence(result, Probe.MASK_VALUE).difference()).isGreaterThan(0.1);
  }

  /** All texts are compared alone against in a batch; the other questions are for the first. */
  @Test
  void probeFirst_asksEverythingOfTheFirstTextsOnly() throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      texts.addAll(TinyEncoder.texts().subList(i % 2, i % 2 + 1));
    }
    try (Tokenizer tokenizer = TinyEncoder.tokenizer()) {
      Audit all =
          Audit.of(Model.parse(TinyEncoder.correct(), "tiny"))
              .padId(0)
              .tokenizer(tokenizer)
              .texts(texts);
      AuditResult some = all.probeFirst(2).run();
      AuditResult every = all.run();

      assertThat(every.conditions().probed()).isEqualTo(11);
      assertThat(some.conditions().probed()).isEqualTo(2);
      assertThat(some.conditions().texts()).isEqualTo(11);
      assertThat(some.conditions().tokens()).isEqualTo(every.conditions().tokens());
      assertThat(evidence(some, Probe.BATCH).compared())
          .isEqualTo(evidence(every, Probe.BATCH).compared());
      assertThat(evidence(some, Probe.PAD_CONTENT).compared())
          .isLessThan(evidence(every, Probe.PAD_CONTENT).compared() / 4);
      assertThat(SampleText.of(some.conditions()))
          .contains("all probes ran on the first 2, the other 9 were compared alone");
    }
  }

  @Test
  void maskCutInOneLayer_fails_andNamesThatLayer() throws IOException {
    AuditResult result = audit(TinyEncoder.withLayers(Masking.BY_VALUE, Masking.CUT));

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.FAIL);
    Fail fail = (Fail) result.finding(Probe.PAD_CONTENT).verdict();
    assertThat(fail.leak()).extracting(Leak::layer).isEqualTo(OptionalInt.of(1));
    assertThat(VerdictText.of(Probe.PAD_CONTENT, fail))
        .contains("from layer 1 on, real tokens attend to padding");
    assertThat(outcome(result, Probe.PADDING_MASS)).isEqualTo(Outcome.FAIL);
    PaddingMass mass = requireNonNull(result.paddingMass());
    assertThat(mass.layers().get(0).max()).hasSize(TinyEncoder.HEADS).containsOnly(0.0);
    assertThat(mass.layers().get(1).max()).hasSize(TinyEncoder.HEADS).allMatch(m -> m > 0);
    assertThat(outcome(result, Probe.NEIGHBOUR)).isEqualTo(Outcome.PASS);
  }

  @Test
  void leakNamesTheHeadThatLooksAtPaddingMost() throws IOException {
    AuditResult result = audit(TinyEncoder.withLayers(Masking.CUT, Masking.BY_VALUE));

    Leak leak = requireNonNull(((Fail) result.finding(Probe.PADDING_MASS).verdict()).leak());
    List<Double> heads = requireNonNull(result.paddingMass()).layers().getFirst().max();
    assertThat(leak.layer()).hasValue(0);
    assertThat(leak.mass()).hasValue(heads.stream().mapToDouble(m -> m).max().orElseThrow());
    assertThat(leak.mass()).hasValue(heads.get(leak.head().getAsInt()));
  }

  @Test
  void maskCutInAllLayers_isReportedAsIgnored() throws IOException {
    AuditResult result = audit(TinyEncoder.withLayers(Masking.CUT, Masking.CUT));

    Verdict verdict = result.finding(Probe.MASK_VALUE).verdict();
    assertThat(verdict.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(VerdictText.of(Probe.MASK_VALUE, verdict))
        .contains("ignored", "does not reach layer 0, 1 of 2");
    assertThat(Answer.of(result).headline()).contains("attention_mask is not read");
  }

  @Test
  void maskThatArrivesOnlyByItsShape_fails_andTheGraphSaysSo() throws IOException {
    AuditResult result =
        audit(TinyEncoder.withLayers(Masking.BY_SHAPE_ONLY, Masking.BY_SHAPE_ONLY));

    assertThat(result.attention().found())
        .extracting(s -> s.masks().getFirst().route())
        .containsOnly(MaskRoute.SHAPE_ONLY);
    assertThat(VerdictText.of(result.finding(Probe.MASK_VALUE)))
        .contains("only its shape reaches layer 0, 1");
  }

  @Test
  void weakFill_fails_thoughItHidesMostOfThePadding() throws IOException {
    AuditResult weak = audit(TinyEncoder.withFill(-30));
    AuditResult none = audit(TinyEncoder.withFill(0));

    assertThat(weak.conclusion().outcome()).isEqualTo(Outcome.FAIL);
    assertThat(outcome(weak, Probe.MASK_VALUE)).isEqualTo(Outcome.PASS);
    assertThat(meanMass(weak)).isBetween(1e-6, meanMass(none) / 2);
  }

  @Test
  void modelThatRoundsByTheBatch_isNumeric() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.ROUNDED), SEED_THAT_RAISES_THE_MAXIMUM);

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.ROUNDING);
    assertThat(evidence(result, Probe.PAD_CONTENT).difference()).isPositive();
    assertThat(evidence(result, Probe.PADDING_MASS).difference()).isZero();
  }

  @Test
  void roundingIsNoExcuse_whenAHeadLooksAtPadding() throws IOException {
    AuditResult result =
        audit(TinyEncoder.withFill(-60, Trait.ROUNDED), SEED_THAT_RAISES_THE_MAXIMUM);

    Evidence evidence = evidence(result, Probe.PAD_CONTENT);
    assertThat(evidence.difference()).isLessThan(evidence.limit().value());
    assertThat(outcome(result, Probe.PAD_CONTENT)).isEqualTo(Outcome.FAIL);
    assertThat(outcome(result, Probe.PADDING_MASS)).isEqualTo(Outcome.FAIL);
  }

  @Test
  void leakOutsideAttention_fails_withNoMassAndSaysSo() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.SEQUENCE_MEAN));

    assertThat(outcome(result, Probe.PADDING_MASS)).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.PAD_CONTENT)).isEqualTo(Outcome.FAIL);
    assertThat(VerdictText.of(result.finding(Probe.PAD_CONTENT))).contains("outside attention");
  }

  @Test
  void rowsThatSeeEachOther_failTheNeighbourProbe() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.BATCH_MEAN));

    assertThat(outcome(result, Probe.NEIGHBOUR)).isEqualTo(Outcome.FAIL);
    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.FAIL);
  }

  /** What other rows hold changes nothing, how many there are does: more than rounding explains. */
  @Test
  void rowsThatCountEachOther_failByTheNoiseFloor() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.ROW_COUNT));

    Verdict verdict = result.finding(Probe.NEIGHBOUR).verdict();
    assertThat(verdict.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(verdict.cause()).isEqualTo(Kind.ROWS_COUNT);
    assertThat(requireNonNull(verdict.evidence()).difference()).isGreaterThan(1);
    assertThat(Answer.of(result).headline()).contains("texts of one batch reach each other");
    assertThat(result.faults()).hasSize(1);
  }

  @Test
  void causalModel_isProvedByPaddingBeforeItsTexts_notBehind() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.CAUSAL));

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.PAD_CONTENT)).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(outcome(result, Probe.SIDE_CONTENT)).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.PADDING_MASS)).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.CAUSALITY)).isEqualTo(Outcome.PASS);
    assertThat(outcome(result, Probe.MASK_VALUE)).isEqualTo(Outcome.PASS);
  }

  @Test
  void modelWithoutMaskInput_isSoByDesign_andSaysWhy() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.NO_MASK_INPUT));

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.BY_DESIGN);
    assertThat(Answer.of(result).headline()).contains("takes no mask");
    assertThat(result.attention().found()).hasSize(2);
  }

  @Test
  void modelWithoutAttention_isProbedFromOutside_andSaysWhyNotInside() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.NO_ATTENTION));

    assertThat(outcome(result, Probe.PADDING_MASS)).isEqualTo(Outcome.NO_DATA);
    assertThat(VerdictText.of(result.finding(Probe.PADDING_MASS)))
        .contains("no attention was found");
    assertThat(result.finding(Probe.MASK_VALUE).verdict().cause()).isEqualTo(Kind.TOKEN_WISE);
    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(VerdictText.of(result.finding(Probe.MASK_VALUE)))
        .contains("output of no token but its own");
  }

  @Test
  void modelWithoutAttentionAndMask_isNotApplicable_andSaysWhy() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(Trait.NO_ATTENTION, Trait.NO_MASK_INPUT));

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.NOT_APPLICABLE);
    assertThat(Answer.of(result).headline()).contains("no attention and takes no mask");
  }

  @Test
  void oneText_isEnough() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(), "w2 w3 w4");

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(evidence(result, Probe.NEIGHBOUR).compared()).isEqualTo(3);
  }

  /** One token, and what a tokenizer adds to it, show nothing of attention. */
  @Test
  void twoTokens_proveNothing() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(), "w2 w3", "w4");

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
  }

  @Test
  void emptyTexts_arePassedOverAndNoted() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(), "", "w2 w3", "  ", "w4");

    assertThat(result.conditions().texts()).isEqualTo(2);
    assertThat(result.conditions().notes()).hasSize(2).allMatch(n -> n.contains("empty text"));
  }

  @Test
  void onlyEmptyTexts_areRefused() {
    assertThatThrownBy(() -> audit(TinyEncoder.correct(), "", " "))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no text to audit with");
  }

  @Test
  void textLongerThanTheModelTakes_isCutAndNoted() throws IOException {
    AuditResult result = audit(TinyEncoder.correct(), "w2 w3", "w5 ".repeat(100));

    assertThat(result.conditions().longest()).isEqualTo(40);
    assertThat(result.conditions().notes())
        .containsExactly("text 2 has 100 tokens; the model takes 40, so the rest was cut off");
    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
  }

  @Test
  void sourceThatBreaks_losesNothingSeenBefore() throws IOException {
    Iterator<String> given = TinyEncoder.texts().iterator();
    int[] calls = new int[1];
    AuditResult result =
        audit(
            TinyEncoder.correct(),
            untilNull(() -> {
              if (calls[0]++ == 12) {
                throw new UncheckedIOException(new IOException("the disk is gone"));
              }
              return given.hasNext() ? given.next() : "w5 w6";
            }));

    assertThat(result.conditions().texts()).isEqualTo(12);
    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(result.conditions().notes())
        .containsExactly("the audit ended after text 12: the disk is gone");
  }

  @Test
  void tokenizerOfAnotherModel_isRefusedWithItsFirstStrangeToken() throws IOException {
    byte[] other =
        new String(TinyEncoder.tokenizerJson(), StandardCharsets.UTF_8)
            .replace("\"w9\": 9", "\"w9\": 900")
            .getBytes(StandardCharsets.UTF_8);
    try (Tokenizer tokenizer = Tokenizer.parse(other, "the other tokenizer")) {
      Model model = Model.parse(TinyEncoder.correct(), "tiny");
      Audit audit = Audit.of(model).padId(0).tokenizer(tokenizer).texts("w2 w9");
      assertThatThrownBy(audit::run)
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "the tokenizer gives 'w9' the id 900, but 'tiny' knows only 32 ids; they do not"
                  + " belong together");
    }
  }

  @Test
  void declaredMask_thatTellsRowsApart_isHeldAgainstThemInTheirOrder() throws IOException {
    AuditResult right = declared("padding(3,7,1,12)");
    AuditResult wrong = declared("padding(7,3,1,12)");

    assertThat(right.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(Answer.of(right).headline()).contains("exactly the declared mask");
    assertThat(outcome(wrong, Probe.DECLARED_INSIDE)).isEqualTo(Outcome.FAIL);
    assertThat(wrong.conclusion().outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void declaredMask_ofOtherRows_isRefusedWithBothNumbers() {
    assertThatThrownBy(() -> declared("padding(3,7)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 batch rows, but there are 4 samples");
  }

  private static AuditResult declared(String mask) throws IOException {
    try (Tokenizer tokenizer = TinyEncoder.tokenizer()) {
      Model model = Model.parse(TinyEncoder.correct(), "tiny");
      return Audit.of(model)
          .padId(0)
          .expect(Expectation.parse(mask))
          .tokenizer(tokenizer)
          .texts(TinyEncoder.texts())
          .run();
    }
  }

  @Test
  void notes_areBounded() throws IOException {
    Iterator<Integer> countdown = java.util.stream.IntStream.range(0, 101).iterator();
    AuditResult result =
        audit(
            TinyEncoder.correct(),
            untilNull(() -> {
              if (!countdown.hasNext()) {
                return null;
              }
              return countdown.next() == 100 ? "w2 w3" : "";
            }));

    assertThat(result.conditions().notes()).hasSize(21).last().isEqualTo("and 80 more of these");
  }

  @Test
  void tenThousandTexts_areHeldAFewAtATime() throws IOException {
    long[] heap = new long[2];
    int[] given = new int[1];
    AuditResult result =
        audit(
            TinyEncoder.correct(),
            untilNull(() -> {
              int n = given[0]++;
              if (n == 1_000 || n == 9_999) {
                heap[n == 1_000 ? 0 : 1] = usedHeap();
              }
              return n == 10_000 ? null : "w" + (2 + n % 30) + " w3".repeat(n % 11);
            }));

    assertThat(result.conditions().texts()).isEqualTo(10_000);
    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    // A megabyte is a tenth of what the outputs of 9,000 texts alone would hold.
    assertThat(heap[1] - heap[0]).isLessThan(1 << 20);
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void sameSeed_givesTheSameNumbers() throws IOException {
    assertThat(audit(TinyEncoder.withFill(-10)).findings())
        .isEqualTo(audit(TinyEncoder.withFill(-10)).findings());
  }

  @Test
  void picture_holdsEveryHeadAndRowsThatSumToOne() throws IOException {
    AttentionPicture picture = requireNonNull(audit(TinyEncoder.correct()).picture());

    assertThat(picture.isPadding(11)).isFalse();
    assertThat(picture.isPadding(12)).isTrue();
    assertThat(picture.tokens()).hasSize(16).endsWith("padding");
    assertThat(picture.layers()).hasSize(2);
    for (AttentionPicture.Layer layer : picture.layers()) {
      assertThat(layer.heads()).isEqualTo(TinyEncoder.HEADS);
      for (int q = 0; q < 12; q++) {
        double sum = 0;
        for (int k = 0; k < 16; k++) {
          sum += layer.probability(1, q, k);
        }
        assertThat(sum).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
        assertThat(layer.probability(1, q, 14)).isZero();
      }
    }
  }

  @Test
  void worstPlace_namesTextTokenAndBatch() throws IOException {
    AuditResult result = audit(TinyEncoder.withLayers(Masking.CUT, Masking.CUT), "w2 w3 w4", "w9");

    Place worst = requireNonNull(evidence(result, Probe.PAD_CONTENT).worst());
    assertThat(worst.batch()).isEqualTo("[2, 7]");
    assertThat(worst.output()).isEqualTo("last_hidden_state");
    assertThat(worst.spelling())
        .isEqualTo(worst.text() == 2 ? "w9" : "w" + (2 + worst.token().getAsInt()));
  }

  private static AuditResult audit(byte[] model, String... texts) throws IOException {
    return audit(model, texts.length == 0 ? TinyEncoder.texts() : List.of(texts));
  }

  private static AuditResult audit(byte[] model, long seed) throws IOException {
    return audit(model, TinyEncoder.texts(), seed);
  }

  private static Iterable<String> untilNull(Supplier<@Nullable String> texts) {
    return () -> Stream.generate(texts).takeWhile(Objects::nonNull).iterator();
  }

  private static AuditResult audit(byte[] model, Iterable<String> texts) throws IOException {
    return audit(model, texts, Audit.DEFAULT_SEED);
  }

  private static AuditResult audit(byte[] model, Iterable<String> texts, long seed)
      throws IOException {
    try (Tokenizer tokenizer = TinyEncoder.tokenizer()) {
      Model parsed = Model.parse(model, "tiny");
      return Audit.of(parsed).padId(0).seed(seed).tokenizer(tokenizer).texts(texts).run();
    }
  }

  private static double meanMass(AuditResult result) {
    return requireNonNull(result.paddingMass()).layers().stream()
        .flatMap(layer -> layer.mean().stream())
        .mapToDouble(mean -> mean)
        .average()
        .orElseThrow();
  }

  private static Outcome outcome(AuditResult result, Probe probe) {
    return result.finding(probe).verdict().outcome();
  }

  private static Evidence evidence(AuditResult result, Probe probe) {
    return requireNonNull(result.finding(probe).verdict().evidence());
  }

  private static double control(AuditResult result, Probe probe) {
    return requireNonNull(evidence(result, probe).control()).difference();
  }
}
