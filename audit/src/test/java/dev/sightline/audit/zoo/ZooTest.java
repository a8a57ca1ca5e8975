package dev.sightline.audit.zoo;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds what the zoo says of its models, by asking ONNX Runtime alone. */
class ZooTest {
  private static final double SHOWS = 0.05;
  private static final double ROUNDING = 1e-4;

  static Stream<ZooModel> correct() {
    return Zoo.correct().filter(m -> m.architecture().takesTokens());
  }

  static Stream<ZooModel> correctFloat() {
    return correct().filter(m -> m.architecture() != Architecture.QUANTISED);
  }

  /** Lengths hide nothing that a causal model could see. */
  static Stream<ZooModel> masked() {
    return correct().filter(m -> m.architecture() != Architecture.GROUP_QUERY);
  }

  static Stream<ZooModel> bugs() {
    return Zoo.bugs().filter(m -> m.architecture().takesTokens());
  }

  static Stream<ZooModel> harmless() {
    return Zoo.harmless();
  }

  static Stream<ZooModel> crossFeatureBugs() {
    return Zoo.bugs().filter(m -> m.architecture() == Architecture.CROSS_FEATURES);
  }

  @Test
  void names_areUnique_andModelsAreTheSameAtEveryCall() {
    assertThat(Stream.of(Zoo.correct(), Zoo.bugs(), Zoo.harmless()).flatMap(m -> m))
        .extracting(ZooModel::name)
        .doesNotHaveDuplicates();
    ZooModel any = Zoo.model(Architecture.GQA, Bug.MASK_CUT_LAYER);
    assertThat(any.bytes()).isEqualTo(any.bytes());
  }

  @ParameterizedTest
  @MethodSource("correctFloat")
  void correctModel_movesByNothingItMayNotDependOn(ZooModel model) throws OrtException {
    Map<Symptom, Double> moves = Symptom.measure(model);

    moves.forEach((symptom, move) -> {
      switch (symptom) {
        case WIDTH, SIDE -> assertThat(move).as("%s", symptom).isLessThan(ROUNDING);
        default -> assertThat(move).as("%s", symptom).isZero();
      }
    });
  }

  @ParameterizedTest
  @MethodSource("masked")
  void correctModel_dependsOnItsMask(ZooModel model) throws OrtException {
    try (ZooSession session = ZooSession.open(model)) {
      TextBatch batch = TextBatch.of(10, false);

      double move =
          ZooSession.difference(session.run(batch), session.run(batch.withoutMaskBit(1, 0)));
      assertThat(move).isGreaterThan(SHOWS);
    }
  }

  @Test
  void quantisedModel_movesLessThanWithItsMaskCut() throws OrtException {
    Map<Symptom, Double> right = Symptom.measure(Zoo.model(Architecture.QUANTISED, Bug.NONE));
    Map<Symptom, Double> cut =
        Symptom.measure(Zoo.model(Architecture.QUANTISED, Bug.MASK_CUT_LAYER));

    assertThat(right.get(Symptom.PADDING_AFTER))
        .isPositive()
        .isLessThan(requireNonNull(cut.get(Symptom.PADDING_AFTER)) / 3);
  }

  /** A bug of causality leaves padding alone, and the reverse, so that verdicts tell them apart. */
  @ParameterizedTest
  @MethodSource("bugs")
  void bug_showsByItsSymptom_andPaddingAndFutureStayApart(ZooModel model) throws OrtException {
    Map<Symptom, Double> moves = Symptom.measure(model);

    assertThat(moves.get(model.symptom())).isGreaterThan(SHOWS);
    if (model.symptom() == Symptom.FUTURE) {
      assertThat(moves.get(Symptom.PADDING_AFTER)).isZero();
      assertThat(moves.getOrDefault(Symptom.PADDING_BEFORE, 0.0)).isZero();
    } else if (model.bug() != Bug.LEAK_OUTSIDE) {
      assertThat(moves.getOrDefault(Symptom.FUTURE, 0.0)).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void harmlessBug_showsUnderLeftPaddingOnly(ZooModel model) throws OrtException {
    Map<Symptom, Double> moves = Symptom.measure(model);

    assertThat(moves.getOrDefault(Symptom.PADDING_BEFORE, 1.0)).isGreaterThan(SHOWS);
    moves.remove(Symptom.PADDING_BEFORE);
    moves.remove(Symptom.SIDE);
    assertThat(moves.values()).isNotEmpty().allMatch(move -> move < ROUNDING);
  }

  @Test
  void crossFeatures_ignoreContextOutsideTheMask() throws OrtException {
    assertThat(moveByHiddenContext(Zoo.model(Architecture.CROSS_FEATURES, Bug.NONE))).isZero();
  }

  @ParameterizedTest
  @MethodSource("crossFeatureBugs")
  void crossFeatureBug_showsByContextOutsideTheMask(ZooModel model) throws OrtException {
    assertThat(moveByHiddenContext(model)).isGreaterThan(SHOWS);
  }

  private static double moveByHiddenContext(ZooModel model) throws OrtException {
    float[] context = gaussian(2 * 5 * 16, 2);
    float[] changed = context.clone();
    float[] other = gaussian(2 * 16, 3);
    // The last two of the first row's five.
    System.arraycopy(other, 0, changed, 3 * 16, other.length);
    try (ZooSession session = ZooSession.open(model)) {
      return ZooSession.difference(cross(session, context), cross(session, changed));
    }
  }

  private static Map<String, float[]> cross(ZooSession session, float[] context)
      throws OrtException {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    feed.put("queries", session.floats(gaussian(2 * 6 * 16, 1), 2, FeatureModels.QUERIES, 16));
    feed.put("context", session.floats(context, 2, 5, 16));
    feed.put("context_mask", session.longs(new long[][] {{1, 1, 1, 0, 0}, {1, 1, 1, 1, 1}}));
    return session.run(feed);
  }

  @Test
  void pictures_giveNumbersForEveryToken() throws OrtException {
    try (ZooSession vision = ZooSession.open(Zoo.model(Architecture.VISION, Bug.NONE));
        ZooSession line = ZooSession.open(Zoo.model(Architecture.SEQ_IMAGE, Bug.NONE))) {
      Map<String, float[]> patches =
          vision.run(feed("pixel_values", vision.floats(gaussian(2 * 3 * 64, 4), 2, 3, 8, 8)));
      Map<String, float[]> columns =
          line.run(feed("x", line.floats(gaussian(2 * 3 * 8 * 11, 5), 2, 3, 8, 11)));

      assertThat(patches.get("last_hidden_state")).hasSize(2 * 17 * 16);
      assertThat(columns.get("probabilities")).hasSize(2 * 11 * 64);
      assertThat(ZooSession.difference(patches, patches)).isZero();
      assertThat(ZooSession.difference(columns, columns)).isZero();
    }
  }

  @Test
  void decoderWithPast_givesInTwoPartsWhatItGivesInOne() throws OrtException {
    long[] text = TextBatch.TEXTS.get(1);
    try (ZooSession session = ZooSession.open(Zoo.model(Architecture.DECODER_PAST, Bug.NONE))) {
      float[] whole = logits(session.run(part(session, text, 0, text.length, Map.of())));
      Map<String, float[]> first = session.run(part(session, text, 0, 5, Map.of()));
      float[] rest = logits(session.run(part(session, text, 5, text.length, first)));

      float[] last = Arrays.copyOfRange(whole, 5 * 64, whole.length);
      assertThat(rest).containsExactly(last, within((float) ROUNDING));
    }
  }

  /** Tokens {@code from} to {@code to}, exclusive, after the cache that a run left. */
  private static Map<String, OnnxTensor> part(
      ZooSession session, long[] text, int from, int to, Map<String, float[]> before)
      throws OrtException {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    feed.put("input_ids", session.longs(new long[][] {Arrays.copyOfRange(text, from, to)}));
    feed.put("position_ids", session.longs(new long[][] {LongStream.range(from, to).toArray()}));
    feed.put(
        "attention_mask",
        session.longs(new long[][] {LongStream.range(1, to + 1).map(i -> 1).toArray()}));
    for (int layer = 0; layer < TokenModel.LAYERS; layer++) {
      for (String kind : List.of(".key", ".value")) {
        float[] cache = before.getOrDefault("present." + layer + kind, new float[0]);
        feed.put("past_key_values." + layer + kind, session.floats(cache, 1, 4, from, 4));
      }
    }
    return feed;
  }

  private static float[] logits(Map<String, float[]> outputs) {
    return requireNonNull(outputs.get("logits"));
  }

  private static Map<String, OnnxTensor> feed(String input, OnnxTensor tensor) {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    feed.put(input, tensor);
    return feed;
  }

  private static float[] gaussian(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
