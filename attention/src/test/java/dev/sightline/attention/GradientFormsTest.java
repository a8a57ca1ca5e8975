package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.Mask;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;

/** Layouts, packed texts and elements of the backward pass, and what it refuses. */
class GradientFormsTest {
  @Test
  void tokensFirst_givesTheSameGradients() {
    Random random = new Random(5);
    AttentionShape s = new AttentionShape(2, 4, 2, 9, 11, 5, 3);
    FloatTensor q = tensor(random, 2, 4, 9, 5);
    FloatTensor k = tensor(random, 2, 2, 11, 5);
    FloatTensor v = tensor(random, 2, 2, 11, 3);
    FloatTensor g = tensor(random, 2, 4, 9, 3);
    Attention options = Attention.under(Mask.parse("causal(bottom-right)"));
    Gradients headsFirst = options.gradients(q, k, v, g);
    assertThat(headsFirst.keys().shape()).isEqualTo(Shape.of(2, 2, 11, 5));
    Gradients tokensFirst =
        options
            .layout(Layout.TOKENS_FIRST)
            .gradients(tokensFirst(q), tokensFirst(k), tokensFirst(v), tokensFirst(g));
    same(tokensFirst.queries(), tokensFirst(headsFirst.queries()));
    same(tokensFirst.keys(), tokensFirst(headsFirst.keys()));
    same(tokensFirst.values(), tokensFirst(headsFirst.values()));
    GradientRun run = new GradientRun(s);
    try (AttentionPlan plan = options.plan(s)) {
      run.fill(plan, AttentionCall.of(q.data(), k.data(), v.data(), new float[216]), g.data());
    }
    assertThat(run.dq()).isEqualTo(headsFirst.queries().data());
  }

  private static void same(FloatTensor actual, FloatTensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.data()).isEqualTo(expected.data());
  }

  private static FloatTensor tensor(Random random, int b, int h, int l, int d) {
    return FloatTensor.of(Shape.of(b, h, l, d), Numbers.normal(random, b * h * l * d));
  }

  private static FloatTensor tokensFirst(FloatTensor x) {
    int b = x.shape().dim(0);
    int h = x.shape().dim(1);
    int l = x.shape().dim(2);
    int d = x.shape().dim(3);
    return FloatTensor.of(Shape.of(b, l, h, d), Numbers.tokensFirst(x.data(), b, h, l, d));
  }

  @Test
  void packedTexts_haveTheGradientsOfEachAlone_andAKeyWithoutQueriesHasNone() {
    Random random = new Random(6);
    int[] queries = {3, 0, 9};
    int[] keys = {4, 2, 9};
    AttentionShape s = new AttentionShape(1, 2, 1, 12, 15, 4, 4);
    Attention options = Attention.under(Mask.causal(Alignment.bottomRight()));
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    float[] g = Numbers.normal(random, s.outputSize());
    GradientRun all = new GradientRun(s);
    try (AttentionPlan plan = options.packed(s, queries, keys)) {
      all.fill(plan, AttentionCall.of(q, k, v, new float[s.outputSize()]), g);
    }
    AttentionShape text = new AttentionShape(1, 2, 1, 9, 9, 4, 4);
    GradientRun alone =
        GradientRun.of(
            options,
            text,
            AttentionCall.of(
                tail(q, 2, 12, 9), tail(k, 1, 15, 9), tail(v, 1, 15, 9), new float[72]),
            tail(g, 2, 12, 9));
    assertThat(tail(all.dq(), 2, 12, 9)).isEqualTo(alone.dq());
    assertThat(tail(all.dk(), 1, 15, 9)).isEqualTo(alone.dk());
    assertThat(tail(all.dv(), 1, 15, 9)).isEqualTo(alone.dv());
    assertThat(Arrays.copyOfRange(all.dk(), 16, 24)).containsOnly(0f);
    assertThat(Arrays.copyOfRange(all.dv(), 16, 24)).containsOnly(0f);
    assertThat(Arrays.copyOfRange(all.dk(), 0, 16)).doesNotContain(Float.NaN, 0f);
  }

  /** The last tokens of each head, of head size 4. */
  private static float[] tail(float[] x, int heads, int tokens, int count) {
    float[] y = new float[heads * count * 4];
    for (int h = 0; h < heads; h++) {
      System.arraycopy(x, ((h + 1) * tokens - count) * 4, y, h * count * 4, count * 4);
    }
    return y;
  }

  @Test
  void sixteenBits_areTheSameNumbers() {
    AttentionShape s = AttentionShape.of(1, 2, 20, 6);
    short[] bits = new short[s.querySize()];
    float[] wide = new float[bits.length];
    Random random = new Random(7);
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToFloat16((float) random.nextGaussian());
      wide[i] = Float.float16ToFloat(bits[i]);
    }
    float[] g = Numbers.normal(random, s.outputSize());
    Attention options = Attention.under(Mask.parse("window(3,2)"));
    float[] output = new float[s.outputSize()];
    GradientRun narrow =
        GradientRun.of(
            options, s, AttentionCall.of(bits, bits, bits, ElementType.FLOAT16, output), g);
    GradientRun full = GradientRun.of(options, s, AttentionCall.of(wide, wide, wide, output), g);
    assertThat(narrow.dq()).isEqualTo(full.dq());
    assertThat(narrow.dk()).isEqualTo(full.dk());
    assertThat(narrow.dv()).isEqualTo(full.dv());
  }

  @Test
  void whatHasNoGradient_isRefusedByName() {
    AttentionShape s = AttentionShape.of(1, 1, 6, 4);
    float[] x = new float[24];
    float[] y = new float[24];
    AttentionCall call = AttentionCall.of(x, x, x, y);
    AttentionCall summed = call.withLogSumExp(new float[6]);
    Attention options = Attention.under(Mask.full());
    try (AttentionPlan plan = options.plan(s);
        AttentionPlan sinks = options.sinks(0f).plan(s)) {
      refused(() -> plan.gradients(call, y, new float[24], new float[24], new float[24]))
          .hasMessageContaining("withLogSumExp");
      refused(() -> sinks.gradients(summed, y, new float[24], new float[24], new float[24]))
          .hasMessageContaining("sinks");
      AttentionCall biased = summed.withBias(FloatTensor.of(Shape.of(1, 1, 1, 6), new float[6]));
      refused(() -> plan.gradients(biased, y, new float[24], new float[24], new float[24]))
          .hasMessageContaining("bias");
      refused(() -> plan.gradients(summed, y, new float[23], new float[24], new float[24]))
          .hasMessageContaining("gradient of the queries")
          .hasMessageContaining("23");
      float[] shared = new float[24];
      refused(() -> plan.gradients(summed, y, shared, shared, new float[24]))
          .hasMessageContaining("array of its own");
      refused(() -> plan.gradients(summed, y, new float[24], x, new float[24]))
          .hasMessageContaining("array of its own");
    }
    AttentionPlan closed = options.plan(s);
    closed.close();
    assertThatThrownBy(() -> closed.gradients(summed, y, x, x, x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    FloatTensor q = FloatTensor.of(Shape.of(1, 1, 6, 4), x);
    refused(() -> options.gradients(q, q, q, FloatTensor.of(Shape.of(1, 1, 4, 6), x)))
        .hasMessageContaining("[1, 1, 6, 4]")
        .hasMessageContaining("[1, 1, 4, 6]");
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(
      ThrowableAssert.ThrowingCallable what) {
    return assertThatThrownBy(what).isInstanceOf(IllegalArgumentException.class);
  }
}
