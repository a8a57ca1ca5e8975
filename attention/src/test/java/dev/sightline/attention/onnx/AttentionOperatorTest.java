package dev.sightline.attention.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.attention.Numbers;
import dev.sightline.attention.Provider;
import dev.sightline.attention.Workers;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttentionOperatorTest {
  private static final AttentionAttributes NONE = AttentionAttributes.defaults();
  private static final float INF = Float.POSITIVE_INFINITY;

  private final Random random = new Random(7);

  private RawTensor normal(int... dims) {
    return normal(ElementType.FLOAT32, dims);
  }

  private RawTensor normal(ElementType type, int... dims) {
    Shape shape = Shape.of(dims);
    return RawTensor.ofFloats(FloatTensor.of(shape, Numbers.normal(random, shape.size())), type);
  }

  private static RawTensor floats(Shape shape, float... values) {
    return RawTensor.ofFloats(FloatTensor.of(shape, values), ElementType.FLOAT32);
  }

  private RawTensor booleans(int... dims) {
    Shape shape = Shape.of(dims);
    byte[] cells = new byte[shape.size()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = (byte) (random.nextInt(3) > 0 ? 1 : 0);
    }
    return RawTensor.of(ElementType.BOOL, shape, TensorBytes.of(cells));
  }

  private RawTensor biasWithInfinities(int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = Numbers.normal(random, shape.size());
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(3) == 0 ? -INF : values[i];
    }
    return floats(shape, values);
  }

  private static RawTensor longs(long... values) {
    return RawTensor.of(ElementType.INT64, Shape.of(values.length), TensorBytes.of(values));
  }

  private AttentionInputs inputs(
      int batch, int queryHeads, int keyHeads, int queries, int keys, int size, int valueSize) {
    return AttentionInputs.of(
        normal(batch, queryHeads, queries, size),
        normal(batch, keyHeads, keys, size),
        normal(batch, keyHeads, keys, valueSize));
  }

  private static AttentionInputs with(
      AttentionInputs in, @Nullable RawTensor mask, @Nullable RawTensor nonpad) {
    return new AttentionInputs(in.q(), in.k(), in.v(), mask, in.pastKey(), in.pastValue(), nonpad);
  }

  private static AttentionAttributes causal(int left, int right) {
    return new AttentionAttributes(true, null, 0, 0, 0, 0, 0, left, right);
  }

  private static AttentionAttributes window(int left, int right) {
    return new AttentionAttributes(false, null, 0, 0, 0, 0, 0, left, right);
  }

  private static AttentionAttributes mode(AttentionAttributes a, int mode) {
    return new AttentionAttributes(
        a.isCausal(),
        a.scale(),
        a.softcap(),
        a.queryHeads(),
        a.keyHeads(),
        mode,
        a.softmaxPrecision(),
        a.leftWindow(),
        a.rightWindow());
  }

  /** Holds every output, in every mode, on every kernel, against the definition. */
  private static void holds(AttentionAttributes attributes, AttentionInputs in) {
    AttentionOperatorReference expected = new AttentionOperatorReference(attributes, in);
    for (Provider provider : Provider.values()) {
      for (int mode = 0; mode < 4; mode++) {
        AttentionOutputs out =
            AttentionOperator.of(mode(attributes, mode)).provider(provider).run(in, true);
        assertThat(Numbers.distance(out.y().toFloats().data(), expected.y))
            .as(provider + " Y")
            .isLessThan(2e-5);
        assertThat(Numbers.distance(matrix(out), expected.matrix[mode]))
            .as(provider + " qk_matmul_output, mode " + mode)
            .isLessThan(2e-5);
      }
    }
  }

  private static float[] matrix(AttentionOutputs out) {
    return Objects.requireNonNull(out.qkMatmulOutput()).toFloats().data();
  }

  @Test
  void masksOfEveryRank_areRightAligned_andAShortLastAxisMasksTheRest() {
    AttentionInputs in = inputs(2, 4, 2, 5, 9, 8, 6);
    for (int keys : new int[] {9, 4, 1}) {
      for (int[] dims :
          List.of(
              new int[] {keys},
              new int[] {5, keys},
              new int[] {1, keys},
              new int[] {4, 5, keys},
              new int[] {4, 1, keys},
              new int[] {2, 1, 5, keys},
              new int[] {1, 4, 1, keys},
              new int[] {2, 4, 5, keys})) {
        holds(NONE, with(in, booleans(dims), null));
        holds(NONE, with(in, biasWithInfinities(dims), null));
        holds(NONE, with(in, normal(dims), null));
      }
    }
  }

  @Test
  void causal_startsAtThePast_atTheRealKeys_orAtZero() {
    holds(causal(-1, -1), inputs(2, 2, 2, 7, 4, 8, 8));
    holds(causal(-1, -1), inputs(2, 2, 2, 4, 7, 8, 8));
    holds(causal(-1, -1), with(inputs(3, 2, 1, 4, 9, 8, 8), null, longs(9, 4, 6)));
  }

  @Test
  void fewerRealKeysThanQueries_leaveTheFirstQueriesEmpty() {
    AttentionInputs in = with(inputs(3, 2, 1, 6, 8, 8, 5), null, longs(2, 0, 5));

    holds(causal(-1, -1), in);

    float[] y = AttentionOperator.of(causal(-1, -1)).run(in, false).y().toFloats().data();
    assertThat(Arrays.copyOfRange(y, 0, 4 * 5)).containsOnly(0f);
    assertThat(Arrays.copyOfRange(y, 2 * 6 * 5, 4 * 6 * 5)).containsOnly(0f);
  }

  @Test
  void windows_standWhereTheCausalDiagonalDoes() {
    AttentionInputs fresh = inputs(2, 2, 1, 6, 9, 8, 8);
    AttentionInputs cached =
        new AttentionInputs(
            fresh.q(), fresh.k(), fresh.v(), null, normal(2, 1, 5, 8), normal(2, 1, 5, 8), null);
    for (int left : new int[] {-1, 0, 2, Integer.MAX_VALUE}) {
      for (int right : new int[] {-1, 0, 3, Integer.MAX_VALUE}) {
        for (AttentionInputs in : List.of(fresh, cached, with(fresh, null, longs(9, 3)))) {
          holds(window(left, right), in);
          holds(causal(left, right), in);
        }
      }
    }
  }

  @Test
  void threeAxes_withGroupsOtherValueSizesAndAPast_areReadAndWrittenTokensFirst() {
    AttentionAttributes attributes = new AttentionAttributes(true, 0.3f, 2f, 6, 2, 0, 1, -1, -1);
    AttentionInputs fresh =
        AttentionInputs.of(normal(2, 5, 6 * 4), normal(2, 5, 2 * 4), normal(2, 5, 2 * 3));
    AttentionInputs cached =
        new AttentionInputs(
            fresh.q(),
            fresh.k(),
            fresh.v(),
            booleans(5, 8),
            normal(2, 2, 3, 4),
            normal(2, 2, 3, 3),
            null);

    holds(attributes, fresh);
    holds(attributes, with(fresh, biasWithInfinities(6, 5, 5), null));
    holds(attributes, cached);

    AttentionOutputs out = AttentionOperator.of(attributes).run(cached, false);
    assertThat(out.y().shape()).isEqualTo(Shape.of(2, 5, 18));
    assertThat(out.presentKey().shape()).isEqualTo(Shape.of(2, 2, 8, 4));
    assertThat(out.presentValue().shape()).isEqualTo(Shape.of(2, 2, 8, 3));
    assertThat(out.qkMatmulOutput()).isNull();
    // The second head of the second row: three keys of the past, then those of K.
    float[] present = out.presentKey().toFloats().data();
    assertThat(Arrays.copyOfRange(present, 3 * 8 * 4, 3 * 8 * 4 + 12))
        .isEqualTo(
            Arrays.copyOfRange(
                Objects.requireNonNull(cached.pastKey()).toFloats().data(), 3 * 12, 4 * 12));
    assertThat(Arrays.copyOfRange(present, 3 * 8 * 4 + 12, 3 * 8 * 4 + 16))
        .isEqualTo(Arrays.copyOfRange(fresh.k().toFloats().data(), 5 * 8 + 4, 5 * 8 + 8));
  }

  @Test
  void everythingAtOnce_overManyTiles_onThreads() {
    AttentionAttributes attributes = new AttentionAttributes(true, null, 5f, 0, 0, 3, 0, 200, 10);
    AttentionInputs in =
        with(inputs(2, 4, 2, 70, 300, 16, 16), biasWithInfinities(4, 70, 280), longs(300, 41));
    holds(attributes, in);
    try (Workers workers = new Workers(3)) {
      AttentionOutputs alone = AttentionOperator.of(attributes).run(in, true);
      AttentionOutputs together = AttentionOperator.of(attributes).workers(workers).run(in, true);
      assertThat(matrix(together)).isEqualTo(matrix(alone));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"FLOAT16", "BFLOAT16", "FLOAT64"})
  void outputs_haveTheTypeOfTheirInputs(ElementType type) {
    boolean twice = type == ElementType.FLOAT64;
    RawTensor q = twice ? doubles(1, 2, 3, 4) : normal(type, 1, 2, 3, 4);
    RawTensor k = twice ? doubles(1, 2, 3, 4) : normal(type, 1, 2, 3, 4);
    RawTensor past = twice ? doubles(1, 2, 2, 4) : normal(type, 1, 2, 2, 4);
    RawTensor v = normal(1, 2, 3, 4);
    AttentionInputs in = new AttentionInputs(q, k, v, null, past, normal(1, 2, 2, 4), null);

    AttentionOutputs out = AttentionOperator.of(mode(NONE, 3)).run(in, true);

    assertThat(out.y().type()).isEqualTo(type);
    assertThat(out.presentKey().type()).isEqualTo(type);
    assertThat(out.presentValue().type()).isEqualTo(ElementType.FLOAT32);
    assertThat(Objects.requireNonNull(out.qkMatmulOutput()).type()).isEqualTo(type);
    AttentionOperatorReference expected = new AttentionOperatorReference(NONE, in);
    assertThat(Numbers.distance(out.y().toFloats().data(), expected.y)).isLessThan(1e-2);
    assertThat(Numbers.distance(matrix(out), expected.matrix[3])).isLessThan(1e-2);
  }

  private RawTensor doubles(int... dims) {
    Shape shape = Shape.of(dims);
    double[] values = new double[shape.size()];
    Arrays.setAll(values, i -> random.nextGaussian());
    TensorBytes bytes = TensorBytes.allocate(ElementType.FLOAT64, values.length);
    for (int i = 0; i < values.length; i++) {
      bytes.putDouble(8L * i, values[i]);
    }
    return RawTensor.of(ElementType.FLOAT64, shape, bytes);
  }

  @Test
  void aRowOfLowestFloats_isUniform_andARowOfMinusInfinitiesIsZero() {
    AttentionInputs in = inputs(1, 1, 1, 8, 4, 4, 4);
    float[] mask = new float[8 * 4];
    Arrays.fill(mask, 0, 4, -Float.MAX_VALUE);
    Arrays.fill(mask, 4, 8, -INF);

    AttentionOutputs out =
        AttentionOperator.of(mode(NONE, 3)).run(with(in, floats(Shape.of(8, 4), mask), null), true);

    float[] p = matrix(out);
    assertThat(Arrays.copyOfRange(p, 0, 4)).containsOnly(0.25f);
    assertThat(Arrays.copyOfRange(p, 4, 8)).containsOnly(0f);
    assertThat(Arrays.copyOfRange(out.y().toFloats().data(), 4, 8)).containsOnly(0f);
  }

  @Test
  void nothingOfAMaskedKeyOrValueReachesTheOutput() {
    AttentionInputs in = inputs(1, 2, 1, 5, 6, 4, 4);
    RawTensor mask = floats(Shape.of(6), 0, -INF, 0.5f, 0, 0, -INF);
    float[] clean =
        AttentionOperator.of(NONE).run(with(in, mask, null), false).y().toFloats().data();
    for (float poison : new float[] {Float.NaN, INF, 1e30f}) {
      float[] k = in.k().toFloats().data().clone();
      float[] v = in.v().toFloats().data().clone();
      Arrays.fill(k, 4, 8, poison);
      Arrays.fill(v, 20, 24, poison);
      AttentionInputs dirty =
          AttentionInputs.of(in.q(), floats(in.k().shape(), k), floats(in.v().shape(), v));
      AttentionOutputs out = AttentionOperator.of(mode(NONE, 2)).run(with(dirty, mask, null), true);

      assertThat(out.y().toFloats().data()).isEqualTo(clean);
      float[] scores = matrix(out);
      for (int row = 0; row < 10; row++) {
        assertThat(scores[row * 6 + 1]).isEqualTo(-INF);
        assertThat(scores[row * 6 + 2]).isFinite();
      }
    }
  }

  @Test
  void inputsThatDoNotFit_areRefusedInASentence() {
    AttentionInputs good = inputs(2, 4, 2, 3, 5, 8, 8);
    refused(
        AttentionInputs.of(normal(2, 3, 8), good.k(), good.v()), "must have three axes or four");
    refused(AttentionInputs.of(normal(8), normal(8), normal(8)), "three axes or four");
    refused(
        AttentionInputs.of(normal(2, 3, 8), normal(2, 3, 8), normal(2, 3, 8)),
        "q_num_heads, which they need, is not set");
    refused(AttentionInputs.of(normal(1, 4, 3, 8), good.k(), good.v()), "differ in the batch");
    refused(AttentionInputs.of(normal(2, 4, 3, 7), good.k(), good.v()), "head size, 7 and 8");
    refused(AttentionInputs.of(good.q(), good.k(), normal(2, 2, 4, 8)), "heads or length");
    refused(AttentionInputs.of(normal(2, 3, 3, 8), good.k(), good.v()), "multiple of the key");
    refused(
        AttentionInputs.of(good.q(), normal(ElementType.FLOAT16, 2, 2, 5, 8), good.v()),
        "they must have one type");
    refused(AttentionInputs.of(longs(1, 2), good.k(), good.v()), "Q is int64 [2]; expected");
    refused(with(good, null, longs(5)), "expected int64 [2]");
    refused(with(good, null, longs(5, 6)), "holds 6; expected 0 to 5");
    refused(with(good, null, longs(-1, 5)), "holds -1");
    refused(with(good, booleans(3, 6), null), "bool [3, 6] does not fit [2, 4, 3, 5]");
    refused(with(good, booleans(2, 5), null), "bool [2, 5] does not fit");
    refused(with(good, booleans(1, 2, 4, 3, 5), null), "does not fit");
    RawTensor past = normal(2, 2, 4, 8);
    refused(past(good, past, null, null), "only past_key is given");
    refused(past(good, null, past, null), "only past_value is given");
    refused(past(good, past, normal(2, 2, 3, 8), null), "differ in length");
    refused(past(good, normal(2, 4, 4, 8), past, null), "expected [2, 2, past length, 8]");
    refused(past(good, past, past, longs(5, 5)), "expected one of them");
  }

  private static AttentionInputs past(
      AttentionInputs in,
      @Nullable RawTensor key,
      @Nullable RawTensor value,
      @Nullable RawTensor nonpad) {
    return new AttentionInputs(in.q(), in.k(), in.v(), null, key, value, nonpad);
  }

  private static void refused(AttentionInputs in, String message) {
    assertThatThrownBy(() -> AttentionOperator.of(NONE).run(in, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void attributesOutOfRange_areRefused() {
    assertThatThrownBy(() -> window(-2, 0)).hasMessageContaining("at least 0, or -1");
    assertThatThrownBy(() -> mode(NONE, 4)).hasMessageContaining("0, 1, 2 or 3, but is 4");
    assertThatThrownBy(() -> new AttentionAttributes(false, null, -1, 0, 0, 0, 0, -1, -1))
        .hasMessageContaining("softcap");
    assertThatThrownBy(() -> new AttentionAttributes(false, null, 0, 0, 0, 0, 7, -1, -1))
        .hasMessageContaining("softmax_precision");
  }

  @Test
  void headsOfFourAxes_mustBeTheShapes() {
    AttentionInputs in = inputs(1, 4, 2, 3, 3, 8, 8);
    assertThatThrownBy(() ->
            AttentionOperator.of(new AttentionAttributes(false, null, 0, 2, 2, 0, 0, -1, -1))
                .run(in, false))
        .hasMessageContaining("q_num_heads is 2");
  }
}
