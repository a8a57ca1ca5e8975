package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The backward pass against its definition. */
class GradientsTest {
  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("dev.sightline.attention.RandomCases#cases")
  void gradients_agreeWithTheDefinition(Provider provider, int seed) {
    Random random = new Random(seed);
    AttentionShape s = RandomCases.shape(random);
    Mask mask = RandomCases.mask(random, s);
    Attention options = Attention.under(mask).provider(provider).threads(1 + seed % 3);
    double scale = 1 / Math.sqrt(s.headSize());
    if (random.nextInt(3) == 0) {
      scale = 0.3f;
      options = options.scale(0.3f);
    }
    float softcap = random.nextInt(4) == 0 ? 1.5f : 0f;
    float[] alibi = random.nextInt(4) == 0 ? Numbers.normal(random, s.queryHeads()) : null;
    options = softcap == 0f ? options : options.softcap(softcap);
    options = alibi == null ? options : options.alibi(alibi);
    check(mask, options, s, scale, softcap, alibi, random);
  }

  /** More than one stretch of keys, whose gradients of queries are added. */
  @ParameterizedTest
  @EnumSource
  void manyKeys_areCutIntoStretchesThatAddUp(Provider provider) {
    AttentionShape s = new AttentionShape(1, 2, 1, 20, 2500, 8, 4);
    for (Mask mask : List.of(Mask.full(), Mask.window(1300, 0, Alignment.bottomRight()))) {
      Attention options = Attention.under(mask).provider(provider).threads(3);
      check(mask, options, s, 1 / Math.sqrt(8), 0f, null, new Random(3));
    }
  }

  /** More queries than are loaded at once, the last block not filled; each its own keys. */
  @ParameterizedTest
  @EnumSource
  void manyQueries_areLoadedBatchByBatch(Provider provider) {
    AttentionShape s = new AttentionShape(1, 2, 1, 1100, 13, 8, 4);
    boolean[][] cells = new boolean[1100][13];
    for (int i = 0; i < 1100 * 13; i++) {
      cells[i / 13][i % 13] = i % 7 < 3 && i / 13 != 600;
    }
    float[] alibi = {0.002f, 0.001f};
    Attention options = Attention.under(Mask.dense(cells)).provider(provider).alibi(alibi);
    check(Mask.dense(cells), options, s, 1 / Math.sqrt(8), 0f, alibi, new Random(3));
  }

  private static void check(
      Mask mask,
      Attention options,
      AttentionShape s,
      double scale,
      float softcap,
      float @Nullable [] alibi,
      Random random) {
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    float[] g = Numbers.normal(random, s.outputSize());
    ReferenceGradients expected =
        new ReferenceGradients(s, mask.over(s.maskShape()), q, k, v, g, scale, softcap, alibi);
    GradientRun run =
        GradientRun.of(options, s, AttentionCall.of(q, k, v, new float[s.outputSize()]), g);
    String what = " under " + mask + ", " + s + ", softcap " + softcap;
    close("queries" + what, run.dq(), expected.queries, expected.attends);
    close("keys" + what, run.dk(), expected.keys, expected.seen);
    close("values" + what, run.dv(), expected.values, expected.seen);
  }

  /** Relative to the largest gradient, and exactly 0 where no pair is allowed. */
  private static void close(String what, float[] actual, double[] expected, boolean[] active) {
    double most = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    // Where every query has one key only, scores have no gradient, and what is left is rounding.
    double limit = 1e-5 * (most < 1e-9 ? 1 : most);
    for (int i = 0; i < actual.length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      if (!(error <= (active[i / (actual.length / active.length)] ? limit : 0))) {
        fail("gradient %s is %s instead of %s, of the %s", i, actual[i], expected[i], what);
      }
    }
  }

  /** The definition itself, against the slope of the forward pass. */
  @Test
  void theDefinition_isTheSlopeOfTheOutput() {
    AttentionShape s = new AttentionShape(2, 4, 2, 5, 7, 3, 2);
    Mask mask = Mask.parse("causal(bottom-right) & key-padding(1111110,0111111)");
    BoundMask bound = mask.over(s.maskShape());
    Random random = new Random(8);
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    float[] g = Numbers.normal(random, s.outputSize());
    float[] alibi = {0.1f, 0.2f, 0.3f, 0.4f};
    ReferenceGradients slopes = new ReferenceGradients(s, bound, q, k, v, g, 0.7, 1.5, alibi);
    float[][] inputs = {q, k, v};
    double[][] gradients = {slopes.queries, slopes.keys, slopes.values};
    for (int which = 0; which < 3; which++) {
      float[] input = inputs[which];
      for (int round = 0; round < 20; round++) {
        int at = random.nextInt(input.length);
        float before = input[at];
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
          input[at] = before + (side == 0 ? -0x1p-10f : 0x1p-10f);
          double[] output = new Reference(s, bound, q, k, v, 0.7, 1.5, alibi, null, null).output;
          for (int i = 0; i < output.length; i++) {
            losses[side] += output[i] * g[i];
          }
        }
        double step = (double) (before + 0x1p-10f) - (before - 0x1p-10f);
        input[at] = before;
        assertThat((losses[1] - losses[0]) / step).isCloseTo(gradients[which][at], within(1e-5));
      }
    }
  }
}
