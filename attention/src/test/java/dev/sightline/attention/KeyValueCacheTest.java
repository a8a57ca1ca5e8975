package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KeyValueCacheTest {
  private static final int LONGEST = 150;
  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int SIZE = 8;
  private static final int VALUE_SIZE = 6;

  static Stream<Arguments> schedules() {
    return Stream.of(Provider.values())
        .flatMap(p -> IntStream.range(0, 8).mapToObj(seed -> Arguments.of(p, seed)));
  }

  /** Rows grow by 0 to 20 tokens a step, sometimes a draft is taken back; all at their own pace. */
  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("schedules")
  void randomSchedules_areTheSameAsTheWholeText(Provider provider, int seed) {
    Random random = new Random(seed);
    int batch = 1 + random.nextInt(3);
    AttentionShape s =
        new AttentionShape(batch, HEADS, KEY_HEADS, LONGEST, LONGEST, SIZE, VALUE_SIZE);
    Mask mask =
        switch (seed % 3) {
          case 0 -> Mask.causal();
          case 1 -> Mask.causal().and(Mask.window(30, 0));
          default ->
              Mask.causal()
                  .and(Mask.perHead(Mask.full(), Mask.window(5, 0), Mask.chunk(16), Mask.full()));
        };
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    float[] alibi = {0f, 0.1f, 0.2f, 0.3f};
    Attention options = Attention.under(mask).provider(provider).alibi(alibi);
    Reference whole =
        new Reference(
            s,
            mask.over(new MaskShape(batch, HEADS, LONGEST, LONGEST)),
            q,
            k,
            v,
            1 / Math.sqrt(SIZE),
            0,
            alibi,
            null,
            null);
    KeyValueCache cache = options.cache(s);
    int compared = 0;
    for (int step = 0; step < 25; step++) {
      int[] counts = new int[batch];
      int n = 0;
      for (int b = 0; b < batch; b++) {
        int most = random.nextInt(4) == 0 ? 20 : 3;
        counts[b] = Math.min(random.nextInt(most + 1), LONGEST - cache.length(b));
        n = Math.max(n, counts[b]);
      }
      int[] from = new int[batch];
      for (int b = 0; b < batch; b++) {
        from[b] = cache.length(b);
      }
      cache.append(
          slice(k, from, counts, n, KEY_HEADS, SIZE),
          slice(v, from, counts, n, KEY_HEADS, VALUE_SIZE),
          counts);
      float[] output = new float[batch * HEADS * n * VALUE_SIZE];
      cache.attend(slice(q, from, counts, n, HEADS, SIZE), output, counts);
      for (int b = 0; b < batch; b++) {
        for (int h = 0; h < HEADS; h++) {
          for (int i = 0; i < counts[b]; i++) {
            for (int d = 0; d < VALUE_SIZE; d++) {
              float is = output[((b * HEADS + h) * n + i) * VALUE_SIZE + d];
              double expected =
                  whole.output[((b * HEADS + h) * LONGEST + from[b] + i) * VALUE_SIZE + d];
              assertThat(Math.abs(is - expected))
                  .as("step %s, row %s, head %s, token %s", step, b, h, from[b] + i)
                  .isLessThan(2e-5);
              compared++;
            }
          }
        }
        if (random.nextInt(5) == 0) {
          cache.truncate(b, cache.length(b) - random.nextInt(Math.min(5, cache.length(b) + 1)));
        }
      }
    }
    assertThat(compared).isGreaterThan(1000);
  }

  /** Tokens from[b] on of every row and head, {@code [B, H, n, size]}. */
  private static float[] slice(float[] x, int[] from, int[] counts, int n, int heads, int size) {
    float[] y = new float[from.length * heads * n * size];
    for (int b = 0; b < from.length; b++) {
      for (int h = 0; h < heads; h++) {
        System.arraycopy(
            x,
            ((b * heads + h) * LONGEST + from[b]) * size,
            y,
            (b * heads + h) * n * size,
            counts[b] * size);
      }
    }
    return y;
  }

  /** The mask of the new queries alone has 50,000 x 50,000 cells, more than an array. */
  @Test
  void queriesOfMoreCellsThanAnArray_areRefused() {
    int length = 50_000;
    float[] tokens = new float[length];
    try (KeyValueCache cache =
        Attention.under(Mask.causal()).cache(new AttentionShape(1, 1, 1, length, length, 1, 1))) {
      cache.append(tokens, tokens, length);
      assertThatThrownBy(() -> cache.attend(tokens, new float[length], length))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "row 0: 50000 queries over 50000 keys are too many for one call with a cache; attend"
                  + " to fewer queries at a time");
      assertThat(cache.length(0)).isEqualTo(length);
    }
  }

  @Test
  void whatDoesNotFit_isRefused_andNothingIsLost() {
    AttentionShape s = AttentionShape.of(2, 1, 10, 4);
    KeyValueCache cache = Attention.under(Mask.causal()).cache(s);
    float[] eight = new float[2 * 8 * 4];
    cache.append(eight, eight, 8, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.append(eight, eight, 3, 8))
        .withMessage("row 0 has 8 tokens and cannot take 3 more: the longest text is 10");
    assertThat(cache.length(0)).isEqualTo(8);
    assertThat(cache.length(1)).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.attend(new float[24], new float[24], 1, 3))
        .withMessageContaining("row 1 has 2 tokens, but 3 queries were given");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.truncate(1, 3))
        .withMessageContaining("cannot be cut to 3");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Attention.under(Mask.causal()).cache(new AttentionShape(1, 1, 1, 2, 3, 4, 4)))
        .withMessageContaining("as many queries as keys");
  }
}
