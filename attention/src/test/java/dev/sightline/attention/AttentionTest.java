package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttentionTest {
  @ParameterizedTest
  @EnumSource(Provider.class)
  void theNumberOfThreads_changesNotABit(Provider provider) {
    for (int queries : new int[] {2, 150}) {
      AttentionShape s = new AttentionShape(2, 4, 2, queries, 1100, 16, 16);
      Mask mask = Mask.window(700, 20, Alignment.bottomRight());
      float[] q = Numbers.normal(new Random(1), s.querySize());
      float[] k = Numbers.normal(new Random(2), s.keySize());
      float[] v = Numbers.normal(new Random(3), s.valueSize());
      float[] one = new float[s.outputSize()];
      Attention.under(mask).provider(provider).plan(s).run(q, k, v, one);
      for (int threads : new int[] {2, 5}) {
        try (Workers workers = new Workers(threads)) {
          AttentionPlan plan = Attention.under(mask).provider(provider).workers(workers).plan(s);
          for (int run = 0; run < 5; run++) {
            float[] many = new float[s.outputSize()];
            plan.run(q, k, v, many);
            assertThat(many).as("%s threads, run %s", threads, run).isEqualTo(one);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void theOtherRowsOfTheBatch_changeNotABit(Provider provider) {
    AttentionShape three = new AttentionShape(3, 2, 2, 70, 70, 8, 8);
    AttentionShape single = new AttentionShape(1, 2, 2, 70, 70, 8, 8);
    Random random = new Random(4);
    float[] q = Numbers.normal(random, three.querySize());
    float[] k = Numbers.normal(random, three.keySize());
    float[] v = Numbers.normal(random, three.valueSize());
    float[] together = new float[three.outputSize()];
    Attention.under(Mask.padding(70, 33, 1)).provider(provider).plan(three).run(q, k, v, together);
    int[] lengths = {70, 33, 1};
    int size = single.outputSize();
    for (int b = 0; b < 3; b++) {
      float[] alone = new float[size];
      Attention.under(Mask.padding(lengths[b]))
          .provider(provider)
          .plan(single)
          .run(part(q, b, size), part(k, b, size), part(v, b, size), alone);
      assertThat(part(together, b, size)).as("row %s", b).isEqualTo(alone);
    }
  }

  private static float[] part(float[] x, int index, int size) {
    return Arrays.copyOfRange(x, index * size, (index + 1) * size);
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void textsInOneTensor_areTheSameAsTextsAlone(Provider provider) {
    int[] lengths = {5, 0, 70, 1, 33};
    int total = 109;
    int heads = 3;
    int size = 8;
    AttentionShape packed = AttentionShape.of(1, heads, total, size);
    Random random = new Random(5);
    float[] q = Numbers.normal(random, packed.querySize());
    float[] k = Numbers.normal(random, packed.keySize());
    float[] v = Numbers.normal(random, packed.valueSize());
    Attention attention =
        Attention.under(Mask.causal()).provider(provider).layout(Layout.TOKENS_FIRST);
    float[] output = new float[packed.outputSize()];
    float[] lse = new float[heads * total];
    AttentionPlan plan = attention.packed(packed, lengths, lengths);
    plan.run(AttentionCall.of(q, k, v, output).withLogSumExp(lse));
    int from = 0;
    for (int length : lengths) {
      if (length > 0) {
        AttentionShape alone = AttentionShape.of(1, heads, length, size);
        float[] expected = new float[alone.outputSize()];
        float[] expectedLse = new float[heads * length];
        int at = from * heads * size;
        int end = at + expected.length;
        attention
            .plan(alone)
            .run(
                AttentionCall.of(
                        Arrays.copyOfRange(q, at, end),
                        Arrays.copyOfRange(k, at, end),
                        Arrays.copyOfRange(v, at, end),
                        expected)
                    .withLogSumExp(expectedLse));
        assertThat(Arrays.copyOfRange(output, at, end)).isEqualTo(expected);
        for (int h = 0; h < heads; h++) {
          assertThat(Arrays.copyOfRange(lse, h * total + from, h * total + from + length))
              .isEqualTo(Arrays.copyOfRange(expectedLse, h * length, (h + 1) * length));
        }
      }
      from += length;
    }
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void sixteenBitStorage_isTheSameAsItsValuesInFloat32(Provider provider) {
    for (int queries : new int[] {2, 40}) {
      for (ElementType type : new ElementType[] {ElementType.FLOAT16, ElementType.BFLOAT16}) {
        AttentionShape s = new AttentionShape(2, 4, 2, queries, 150, 24, 3);
        Random random = new Random(6);
        short[] q = bits(Numbers.normal(random, s.querySize()), type);
        short[] k = bits(Numbers.normal(random, s.keySize()), type);
        short[] v = bits(Numbers.normal(random, s.valueSize()), type);
        AttentionPlan plan =
            Attention.under(Mask.causal(Alignment.bottomRight())).provider(provider).plan(s);
        float[] half = new float[s.outputSize()];
        plan.run(AttentionCall.of(q, k, v, type, half));
        float[] full = new float[s.outputSize()];
        plan.run(floats(q, type), floats(k, type), floats(v, type), full);
        assertThat(half).as("%s, %s queries", type, queries).isEqualTo(full);
      }
    }
  }

  private static short[] bits(float[] x, ElementType type) {
    FloatTensor values = FloatTensor.of(Shape.of(x.length), x);
    TensorBytes bytes = RawTensor.ofFloats(values, type).elements();
    short[] bits = new short[x.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = bytes.getShort(2L * i);
    }
    return bits;
  }

  private static float[] floats(short[] bits, ElementType type) {
    float[] x = new float[bits.length];
    for (int i = 0; i < x.length; i++) {
      x[i] =
          type == ElementType.FLOAT16
              ? Float.float16ToFloat(bits[i])
              : Float.intBitsToFloat(bits[i] << 16);
    }
    return x;
  }

  /** Softcap after the mask would turn minus infinity into -cap, and leak. */
  @Test
  void aMaskedPair_staysMaskedUnderASoftcap() {
    AttentionShape s = AttentionShape.of(1, 1, 20, 8);
    float[] x = Numbers.normal(new Random(7), s.querySize());
    boolean[] sawMasked = {false};
    Attention.under(Mask.causal())
        .softcap(2f)
        .plan(s)
        .run(
            AttentionCall.of(x, x, x, new float[s.outputSize()])
                .withProbabilities((b, h, q0, queries, k0, keys, tile) -> {
                  for (int i = 0; i < queries; i++) {
                    for (int j = 0; j < keys; j++) {
                      if (k0 + j > q0 + i) {
                        sawMasked[0] = true;
                        assertThat(tile[i * keys + j]).isZero();
                      }
                    }
                  }
                }));
    assertThat(sawMasked[0]).isTrue();
  }

  @Test
  void scores_areShownBeforeTheMask_inTheirOwnUnits() {
    AttentionShape s = AttentionShape.of(1, 1, 18, 4);
    float[] q = Numbers.normal(new Random(8), s.querySize());
    float[] k = Numbers.normal(new Random(9), s.keySize());
    float[] shown = new float[18 * 18];
    Attention.under(Mask.full())
        .scale(2f)
        .plan(s)
        .run(
            AttentionCall.of(q, k, k, new float[s.outputSize()])
                .withScores((b, h, q0, queries, k0, keys, tile) -> {
                  for (int i = 0; i < queries; i++) {
                    System.arraycopy(tile, i * keys, shown, (q0 + i) * 18 + k0, keys);
                  }
                }));
    for (int i = 0; i < 18; i++) {
      for (int j = 0; j < 18; j++) {
        float dot = 0;
        for (int d = 0; d < 4; d++) {
          dot += q[i * 4 + d] * k[j * 4 + d];
        }
        assertThat(shown[i * 18 + j]).isCloseTo(2 * dot, within(1e-4f));
      }
    }
  }

  @Test
  void noKeys_givesZeros() {
    for (int queries : new int[] {1, 30}) {
      AttentionShape s = new AttentionShape(1, 2, 2, queries, 0, 8, 8);
      float[] output = new float[s.outputSize()];
      Arrays.fill(output, 1f);
      Attention.under(Mask.full())
          .plan(s)
          .run(new float[s.querySize()], new float[0], new float[0], output);
      assertThat(output).containsOnly(0f);
    }
  }

  @Test
  void hugeScores_neitherOverflowNorVanish() {
    AttentionShape s = AttentionShape.of(1, 1, 40, 8);
    float[] q = Numbers.normal(new Random(10), s.querySize());
    float[] k = Numbers.normal(new Random(11), s.keySize());
    for (int i = 0; i < q.length; i++) {
      q[i] *= 1e4f;
      k[i] *= 1e4f;
    }
    float[] v = Numbers.normal(new Random(12), s.valueSize());
    for (Provider provider : Provider.values()) {
      float[] output = new float[s.outputSize()];
      Attention.under(Mask.full()).provider(provider).plan(s).run(q, k, v, output);
      Reference expected =
          new Reference(
              s,
              Mask.full().over(new MaskShape(1, 1, 40, 40)),
              q,
              k,
              v,
              1 / Math.sqrt(8),
              0,
              null,
              null,
              null);
      assertThat(Numbers.distance(output, expected.output)).isLessThan(1e-5);
    }
  }

  /** The scalar kernel: until C2 has compiled the other one, its vectors are objects. */
  @Test
  void aRun_takesNothingFromTheHeap() {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    for (int queries : new int[] {1, 100}) {
      AttentionShape s = new AttentionShape(1, 2, 2, queries, 300, 8, 8);
      float[] q = Numbers.normal(new Random(15), s.querySize());
      float[] k = Numbers.normal(new Random(16), s.keySize());
      AttentionCall call = AttentionCall.of(q, k, k, new float[s.outputSize()]);
      AttentionPlan plan =
          Attention.under(Mask.causal(Alignment.bottomRight())).provider(Provider.SCALAR).plan(s);
      plan.run(call);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int run = 0; run < 20; run++) {
        plan.run(call);
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .as("bytes of 20 runs of %s queries", queries)
          .isLessThan(100);
    }
  }

  @Test
  void theLowestFloat_isNotMinusInfinity() {
    AttentionShape s = new AttentionShape(1, 1, 1, 20, 10, 4, 4);
    float[] q = Numbers.normal(new Random(17), s.querySize());
    float[] k = Numbers.normal(new Random(18), s.keySize());
    float[] lowest = new float[10];
    Arrays.fill(lowest, -Float.MAX_VALUE);
    FloatTensor bias = FloatTensor.of(Shape.of(1, 1, 1, 10), lowest);
    float[] output = new float[s.outputSize()];
    Attention.under(Mask.full()).plan(s).run(AttentionCall.of(q, k, k, output).withBias(bias));
    for (int d = 0; d < 4; d++) {
      float mean = 0;
      for (int j = 0; j < 10; j++) {
        mean += k[j * 4 + d] / 10;
      }
      assertThat(output[d]).as("all alike: the mean").isCloseTo(mean, within(1e-5f));
    }
  }

  @Test
  void aSecondRunAtTheSameTime_isRefused() {
    AttentionShape s = AttentionShape.of(1, 1, 8, 4);
    float[] x = Numbers.normal(new Random(13), s.querySize());
    AttentionPlan plan = Attention.under(Mask.full()).plan(s);
    AttentionCall inner = AttentionCall.of(x, x, x, new float[s.outputSize()]);
    AttentionCall outer =
        inner.withProbabilities(
            (b, h, q0, n, k0, m, tile) -> CompletableFuture.runAsync(() -> plan.run(inner)).join());
    assertThatThrownBy(() -> plan.run(outer))
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one run at a time");
    plan.run(inner);
  }

  @Test
  void whatAnObserverThrows_comesOut_andThePlanGoesOn() {
    AttentionShape s = AttentionShape.of(4, 2, 40, 4);
    float[] x = Numbers.normal(new Random(14), s.querySize());
    try (Workers workers = new Workers(3)) {
      AttentionPlan plan = Attention.under(Mask.full()).workers(workers).plan(s);
      AttentionCall call = AttentionCall.of(x, x, x, new float[s.outputSize()]);
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              plan.run(
                  call.withProbabilities((b, h, q0, n, k0, m, tile) -> {
                    throw new IllegalArgumentException("seen");
                  })))
          .withMessage("seen");
      plan.run(call);
    }
  }

  @Test
  void whatDoesNotFit_isRefusedInASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionShape(1, 3, 2, 4, 4, 8, 8))
        .withMessage(
            "the query heads must be a multiple of the key heads, but there are 3 query heads and 2"
                + " key heads");
    AttentionShape s = AttentionShape.of(2, 3, 4, 8);
    float[] x = new float[s.querySize()];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Attention.under(Mask.full()).plan(s).run(new float[5], x, x, x))
        .withMessageContaining("the queries have 5 elements, but 192 are expected");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Attention.under(Mask.full())
                .plan(s)
                .run(
                    AttentionCall.of(x, x, x, x.clone())
                        .withBias(FloatTensor.of(Shape.of(2, 3, 4, 5), new float[120]))))
        .withMessageContaining("[2, 3, 4, 4], but this one has [2, 3, 4, 5]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Attention.under(Mask.full()).alibi(1f).plan(s))
        .withMessageContaining("for each of the 3 query heads, but there are 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Attention.under(Mask.full()).softcap(-1f))
        .withMessageContaining("-1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Workers(0))
        .withMessageContaining("but is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Attention.under(Mask.full())
                .packed(AttentionShape.of(1, 1, 10, 4), new int[] {3, 4}, new int[] {5, 5}))
        .withMessageContaining("add up to 7, but the shape has 10 queries");
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void tensors_areTheSameAsTheirArraysUnderAPlan(Layout layout) {
    AttentionShape s = new AttentionShape(2, 4, 2, 5, 7, 8, 6);
    Random random = new Random(19);
    FloatTensor q = tensor(random, layout.axes(2, 4, 5, 8));
    FloatTensor k = tensor(random, layout.axes(2, 2, 7, 8));
    FloatTensor v = tensor(random, layout.axes(2, 2, 7, 6));
    Attention attention =
        Attention.under(Mask.window(2, 2, Alignment.bottomRight()))
            .layout(layout)
            .scale(0.3f)
            .threads(2);
    float[] expected = new float[s.outputSize()];
    try (AttentionPlan plan = attention.plan(s)) {
      plan.run(q.data(), k.data(), v.data(), expected);
    }

    FloatTensor output = attention.run(q, k, v);

    assertThat(output.shape()).isEqualTo(layout.axes(2, 4, 5, 6));
    assertThat(output.data()).isEqualTo(expected);
  }

  private static FloatTensor tensor(Random random, Shape shape) {
    return FloatTensor.of(shape, Numbers.normal(random, shape.size()));
  }

  @Test
  void tensorsThatDoNotFit_areRefusedWithTheirShapes() {
    Random random = new Random(20);
    FloatTensor x = tensor(random, Shape.of(1, 2, 3, 4));
    Attention attention = Attention.under(Mask.full());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> attention.run(tensor(random, Shape.of(3, 4)), x, x))
        .withMessage(
            "queries, keys and values must have four axes, [B, H, L, D], but are [3, 4],"
                + " [1, 2, 3, 4] and [1, 2, 3, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> attention.run(x, tensor(random, Shape.of(2, 2, 3, 4)), x))
        .withMessageContaining("the same batch");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> attention.run(x, x, tensor(random, Shape.of(1, 2, 5, 4))))
        .withMessageContaining("lengths of keys and values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> attention.run(x, tensor(random, Shape.of(1, 2, 3, 5)), x))
        .withMessageContaining("head size of queries and keys");
  }

  @Test
  void aClosedPlan_isRefused_andSharedWorkersGoOn() {
    AttentionShape s = AttentionShape.of(1, 1, 8, 4);
    float[] x = Numbers.normal(new Random(21), s.querySize());
    AttentionPlan own = Attention.under(Mask.full()).threads(2).plan(s);
    own.run(x, x, x, new float[s.outputSize()]);
    own.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> own.run(x, x, x, new float[s.outputSize()]))
        .withMessageContaining("closed");
    try (Workers workers = new Workers(2)) {
      Attention shared = Attention.under(Mask.full()).workers(workers);
      shared.plan(s).close();
      shared.plan(s).run(x, x, x, new float[s.outputSize()]);
    }
  }
}
