package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.attention.Attention;
import dev.sightline.attention.AttentionCall;
import dev.sightline.attention.AttentionOptions;
import dev.sightline.attention.AttentionShape;
import dev.sightline.attention.KeyValueCache;
import dev.sightline.attention.Layout;
import dev.sightline.attention.Workers;
import dev.sightline.mask.Mask;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The Java examples of docs/attention.md; {@link DocsTest} holds that they stand there. */
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
  void aPlan_isMadeOnceAndRunOften() {
    int size = 2 * 12 * 128 * 64;
    float[] queries = normal(size);
    float[] keys = normal(size);
    float[] values = normal(size);

    try (Workers workers = new Workers(2)) {
      AttentionShape shape = AttentionShape.of(2, 12, 128, 64); // B, H, L, D
      Mask mask = Mask.parse("causal & window(63,0) & padding(128,100)");
      AttentionOptions options = AttentionOptions.defaults().workers(workers);
      Attention attention = Attention.of(mask, shape, options);
      float[] output = new float[2 * 12 * 128 * 64];
      attention.run(queries, keys, values, output);

      assertThat(output).hasSize(size).isNotEqualTo(new float[size]);
    }
  }

  @Test
  void anObserver_seesTheProbabilitiesTileByTile() {
    AttentionShape shape = AttentionShape.of(1, 4, 300, 16);
    float[] queries = normal(4 * 300 * 16);
    float[] output = new float[queries.length];
    Attention attention = Attention.of(Mask.causal(), shape);

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
    attention.run(call);

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
    KeyValueCache cache = KeyValueCache.of(mask, longest, AttentionOptions.defaults());
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
    AttentionOptions options = AttentionOptions.defaults().layout(Layout.TOKENS_FIRST);
    Attention attention = Attention.packed(Mask.causal(), total, lengths, lengths, options);
    attention.run(queries, queries, queries, output);

    assertThat(output[0]).isCloseTo(queries[0], org.assertj.core.api.Assertions.within(1e-6f));
  }
}
