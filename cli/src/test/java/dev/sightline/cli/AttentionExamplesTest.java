package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionPlan;
import dev.sightline.attention.AttentionShape;
import dev.sightline.attention.Gradients;
import dev.sightline.attention.KeyValueCache;
import dev.sightline.attention.Layout;
import dev.sightline.mask.Mask;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The Java examples of docs/attention.md; {@link DocsTest} checks that they are there. */
class AttentionExamplesTest {
  private static float[] normal(int count) {
    Random random = new Random(count);
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  @Test
  void tensors_areAttendedUnderAMask() {
    FloatTensor q = FloatTensor.of(Shape.of(1, 2, 100, 8), normal(1600));
    FloatTensor k = q;
    FloatTensor v = q;

    FloatTensor out = Attention.under(Mask.parse("causal & window(63,0)")).run(q, k, v);

    assertThat(out.shape()).isEqualTo(q.shape());
    assertThat(out.data()[0]).isCloseTo(v.data()[0], org.assertj.core.api.Assertions.within(1e-6f));
  }

  @Test
  void aPlan_isMadeOnceAndRunOften() {
    int size = 2 * 12 * 128 * 64;
    float[] queries = normal(size);
    float[] keys = normal(size);
    float[] values = normal(size);

    Mask mask = Mask.parse("causal & window(63,0) & padding(128,100)");
    AttentionShape shape = AttentionShape.of(2, 12, 128, 64); // B, H, L, D
    try (AttentionPlan plan = Attention.under(mask).threads(2).plan(shape)) {
      float[] output = new float[2 * 12 * 128 * 64];
      plan.run(queries, keys, values, output);

      assertThat(output).hasSize(size).isNotEqualTo(new float[size]);
    }
  }

  @Test
  void gradients_areThoseOfAPlanThatGoesOn() {
    float[] queries = normal(8 * 300 * 64);
    float[] keys = queries;
    float[] values = queries;
    float[] dOut = normal(8 * 300 * 64);
    FloatTensor q = FloatTensor.of(Shape.of(1, 8, 300, 64), queries);
    FloatTensor k = q;
    FloatTensor v = q;

    FloatTensor outputGradient = FloatTensor.of(Shape.of(1, 8, 300, 64), dOut);
    Gradients gradients = Attention.under(Mask.causal()).gradients(q, k, v, outputGradient);
    FloatTensor dq = gradients.queries(); // [B, Hq, Lq, D]; keys() and values() likewise

    float[] output = new float[dOut.length];
    float[] sums = new float[8 * 300];
    float[] dQueries = new float[queries.length];
    float[] dKeys = new float[keys.length];
    float[] dValues = new float[values.length];
    try (AttentionPlan plan =
        Attention.under(Mask.causal()).plan(AttentionShape.of(1, 8, 300, 64))) {
      AttentionCall call = AttentionCall.of(queries, keys, values, output).withLogSumExp(sums);
      plan.run(call);
      plan.gradients(call, dOut, dQueries, dKeys, dValues);
    }
    assertThat(dQueries).isEqualTo(dq.data()).isNotEqualTo(new float[dQueries.length]);
    assertThat(dKeys).isEqualTo(gradients.keys().data());
    assertThat(dValues).isEqualTo(gradients.values().data());
  }

  @Test
  void anObserver_seesTheProbabilitiesTileByTile() {
    AttentionShape shape = AttentionShape.of(1, 4, 300, 16);
    float[] queries = normal(4 * 300 * 16);
    float[] output = new float[queries.length];
    AttentionPlan plan = Attention.under(Mask.causal()).plan(shape);

    float[] onItself = new float[4 * 300];
    AttentionCall call =
        AttentionCall.of(queries, queries, queries, output)
            .withProbabilities((batch, head, firstQuery, rows, firstKey, columns, tile) -> {
              for (int q = 0; q < rows; q++) {
                int k = firstQuery + q - firstKey;
                if (k >= 0 && k < columns) {
                  onItself[head * 300 + firstQuery + q] = tile[q * columns + k];
                }
              }
            });
    plan.run(call);

    assertThat(onItself[0]).isCloseTo(1f, org.assertj.core.api.Assertions.within(1e-6f));
    for (float probability : onItself) {
      assertThat(probability).isBetween(1e-30f, 1.000001f);
    }
  }

  @Test
  void aCache_growsByTheTokensOfEachRow() {
    float[] newKeys = normal(2 * 2 * 5 * 64);
    float[] newValues = normal(2 * 2 * 5 * 64);
    float[] newQueries = normal(2 * 8 * 5 * 64);

    AttentionShape longest = new AttentionShape(2, 8, 2, 4096, 4096, 64, 64);
    Mask mask = Mask.parse("causal & window(1023,0)");
    KeyValueCache cache = Attention.under(mask).cache(longest);
    cache.append(newKeys, newValues, 5, 3); // [B, Hkv, n, D]: five tokens of row 0, three of row 1
    float[] output = new float[2 * 8 * 5 * 64];
    cache.attend(newQueries, output, 5, 3);

    assertThat(cache.length(0)).isEqualTo(5);
    assertThat(cache.length(1)).isEqualTo(3);
    assertThat(output[0]).isNotZero();
  }

  @Test
  void packedTexts_needNoPadding() {
    float[] queries = normal(109 * 12 * 64);
    float[] output = new float[queries.length];

    int[] lengths = {5, 70, 1, 33}; // the differences of cu_seqlens
    AttentionShape total = AttentionShape.of(1, 12, 109, 64);
    Attention attention = Attention.under(Mask.causal()).layout(Layout.TOKENS_FIRST);
    attention.packed(total, lengths, lengths).run(queries, queries, queries, output);

    assertThat(output[0]).isCloseTo(queries[0], org.assertj.core.api.Assertions.within(1e-6f));
  }
}
