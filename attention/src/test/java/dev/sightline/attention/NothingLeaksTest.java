package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A masked key or value contributes nothing, whatever it holds. */
class NothingLeaksTest {
  static Stream<Arguments> poison() {
    return Stream.of(Provider.values())
        .flatMap(p ->
            Stream.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f)
                .map(x -> Arguments.of(p, x)));
  }

  /** 20 queries go in blocks, 3 along their keys. */
  @ParameterizedTest
  @MethodSource("poison")
  void whatPaddingHolds_changesNothing(Provider provider, float poison) {
    for (int queries : new int[] {3, 20}) {
      AttentionShape s = new AttentionShape(2, 2, 1, queries, 200, 16, 12);
      Mask mask = Mask.keyPadding(150, 7);
      Random random = new Random(1);
      float[] q = Numbers.normal(random, s.querySize());
      float[] k = Numbers.normal(random, s.keySize());
      float[] v = Numbers.normal(random, s.valueSize());
      AttentionPlan plan = Attention.under(mask).provider(provider).plan(s);
      float[] clean = new float[s.outputSize()];
      plan.run(q, k, v, clean);
      int[] lengths = {150, 7};
      for (int b = 0; b < 2; b++) {
        Arrays.fill(k, (b * 200 + lengths[b]) * 16, (b + 1) * 200 * 16, poison);
        Arrays.fill(v, (b * 200 + lengths[b]) * 12, (b + 1) * 200 * 12, poison);
      }
      float[] poisoned = new float[s.outputSize()];
      plan.run(q, k, v, poisoned);
      assertThat(Numbers.distance(poisoned, doubles(clean))).isLessThan(1e-6);
    }
  }

  /**
   * The value of token 70 is not finite: tokens before it must not see that, tokens from it on do.
   */
  @ParameterizedTest
  @MethodSource("poison")
  void aDecoder_doesNotReadItsFuture(Provider provider, float poison) {
    AttentionShape s = AttentionShape.of(1, 2, 130, 16);
    Mask mask = Mask.causal();
    Random random = new Random(2);
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    AttentionPlan plan = Attention.under(mask).provider(provider).plan(s);
    float[] clean = new float[s.outputSize()];
    plan.run(q, k, v, clean);
    for (int h = 0; h < 2; h++) {
      Arrays.fill(v, (h * 130 + 70) * 16, (h * 130 + 71) * 16, poison);
    }
    float[] poisoned = new float[s.outputSize()];
    plan.run(q, k, v, poisoned);
    for (int h = 0; h < 2; h++) {
      for (int i = 0; i < 130; i++) {
        int at = (h * 130 + i) * 16;
        if (i < 70) {
          for (int d = 0; d < 16; d++) {
            assertThat(poisoned[at + d])
                .isCloseTo(clean[at + d], org.assertj.core.api.Assertions.within(1e-6f));
          }
        } else {
          assertThat(poisoned[at]).as("token %s sees it", i).isNotEqualTo(clean[at]);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("poison")
  void aBiasOfMinusInfinity_masks(Provider provider, float poison) {
    for (int queries : new int[] {2, 20}) {
      AttentionShape s = new AttentionShape(1, 2, 2, queries, 40, 8, 8);
      Random random = new Random(3);
      float[] q = Numbers.normal(random, s.querySize());
      float[] k = Numbers.normal(random, s.keySize());
      float[] v = Numbers.normal(random, s.valueSize());
      float[] never = new float[40];
      Arrays.fill(never, 30, 40, Float.NEGATIVE_INFINITY);
      FloatTensor bias = FloatTensor.of(Shape.of(1, 1, 1, 40), never);
      for (int h = 0; h < 2; h++) {
        Arrays.fill(v, (h * 40 + 30) * 8, (h + 1) * 40 * 8, poison);
      }
      float[] output = new float[s.outputSize()];
      Attention.under(Mask.full())
          .provider(provider)
          .plan(s)
          .run(AttentionCall.of(q, k, v, output).withBias(bias));
      float[] expected = new float[s.outputSize()];
      Attention.under(Mask.keyPadding(30)).provider(provider).plan(s).run(q, k, v, expected);
      assertThat(Numbers.distance(output, doubles(expected))).isLessThan(1e-6);
    }
  }

  @ParameterizedTest
  @MethodSource("poison")
  void aQueryThatMayAttendToNothing_isZeros(Provider provider, float poison) {
    for (int queries : new int[] {4, 40}) {
      AttentionShape s = new AttentionShape(1, 1, 1, queries, 30, 8, 8);
      Mask mask = Mask.window(2, 0, Alignment.offset(3)).and(Mask.keyPadding(1));
      BoundMask bound = mask.over(new MaskShape(1, 1, queries, 30));
      float[] k = new float[s.keySize()];
      Arrays.fill(k, poison);
      float[] v = k.clone();
      float[] q = Numbers.normal(new Random(4), s.querySize());
      float[] output = new float[s.outputSize()];
      float[] lse = new float[queries];
      Arrays.fill(output, 5f);
      Attention.under(bound.mask())
          .provider(provider)
          .plan(s)
          .run(AttentionCall.of(q, k, v, output).withLogSumExp(lse));
      int empty = 0;
      for (int i = 0; i < queries; i++) {
        if (bound.row(0, 0, i).isEmpty()) {
          empty++;
          assertThat(Arrays.copyOfRange(output, i * 8, i * 8 + 8)).containsOnly(0f);
          assertThat(lse[i]).isEqualTo(Float.NEGATIVE_INFINITY);
        }
      }
      assertThat(empty).isPositive();
    }
  }

  private static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i];
    }
    return y;
  }
}
