package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What may not change a bit of the gradients. */
class GradientBitsTest {
  private static final float[] POISON = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f, -0f
  };

  /**
   * A key holds anything: the gradients of queries that may not see it keep their bits. A query
   * holds anything, and its output gradient too: so do the gradients of keys that it may not see.
   */
  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("dev.sightline.attention.RandomCases#cases")
  void whatIsMasked_changesNoBit(Provider provider, int seed) {
    Random random = new Random(seed);
    AttentionShape s = RandomCases.shape(random);
    Mask mask = RandomCases.mask(random, s);
    BoundMask bound = mask.over(s.maskShape());
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    float[] g = Numbers.normal(random, s.outputSize());
    Attention options = Attention.under(mask).provider(provider);
    options = random.nextInt(4) == 0 ? options.softcap(1.5f) : options;
    GradientRun clean =
        GradientRun.of(options, s, AttentionCall.of(q, k, v, new float[s.outputSize()]), g);
    int key = random.nextInt(s.keys());
    int query = random.nextInt(s.queries());
    float poison = POISON[random.nextInt(POISON.length)];
    options = options.threads(1 + random.nextInt(4));

    float[] dirtyKeys = poisoned(k, s.keys(), key, s.headSize(), poison);
    float[] dirtyValues = poisoned(v, s.keys(), key, s.valueHeadSize(), poison);
    AttentionCall call = AttentionCall.of(q, dirtyKeys, dirtyValues, new float[s.outputSize()]);
    GradientRun run = GradientRun.of(options, s, call, g);
    String what = "%s under %s, key %s, query %s, %s".formatted(poison, mask, key, query, s);
    for (int row = 0; row < s.batch() * s.queryHeads() * s.queries(); row++) {
      int b = row / (s.queryHeads() * s.queries());
      int h = row / s.queries() % s.queryHeads();
      if (!bound.allowed(b, h, row % s.queries(), key)) {
        same(what, run.dq(), clean.dq(), row, s.headSize());
      }
    }

    float[] dirtyQueries = poisoned(q, s.queries(), query, s.headSize(), poison);
    float[] dirtyGradient = poisoned(g, s.queries(), query, s.valueHeadSize(), poison);
    call = AttentionCall.of(dirtyQueries, k, v, new float[s.outputSize()]);
    run = GradientRun.of(options, s, call, dirtyGradient);
    for (int row = 0; row < s.batch() * s.keyHeads() * s.keys(); row++) {
      int b = row / (s.keyHeads() * s.keys());
      int first = row / s.keys() % s.keyHeads() * s.group();
      boolean seen = false;
      for (int h = first; h < first + s.group(); h++) {
        seen |= bound.allowed(b, h, query, row % s.keys());
      }
      if (!seen) {
        same(what, run.dk(), clean.dk(), row, s.headSize());
        same(what, run.dv(), clean.dv(), row, s.valueHeadSize());
      }
    }
  }

  private static float[] poisoned(float[] x, int tokens, int token, int size, float poison) {
    float[] dirty = x.clone();
    for (int head = 0; head < x.length / (tokens * size); head++) {
      int at = (head * tokens + token) * size;
      Arrays.fill(dirty, at, at + size, poison);
    }
    return dirty;
  }

  private static void same(String what, float[] actual, float[] expected, int row, int size) {
    for (int i = row * size; i < (row + 1) * size; i++) {
      if (Float.floatToIntBits(actual[i]) != Float.floatToIntBits(expected[i])) {
        fail("gradient %s is %s instead of %s, %s", i, actual[i], expected[i], what);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void threadsAndOtherBatchRows_changeNoBit(Provider provider) {
    Random random = new Random(4);
    AttentionShape s = new AttentionShape(3, 4, 2, 20, 1300, 8, 8);
    Attention options =
        Attention.under(Mask.window(700, 90, Alignment.topLeft())).provider(provider);
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    float[] g = Numbers.normal(random, s.outputSize());
    AttentionCall call = AttentionCall.of(q, k, v, new float[s.outputSize()]);
    GradientRun one = GradientRun.of(options, s, call, g);
    for (int threads : new int[] {2, 5}) {
      GradientRun many = GradientRun.of(options.threads(threads), s, call, g);
      assertThat(many.dq()).isEqualTo(one.dq());
      assertThat(many.dk()).isEqualTo(one.dk());
      assertThat(many.dv()).isEqualTo(one.dv());
    }
    AttentionShape alone = new AttentionShape(1, 4, 2, 20, 1300, 8, 8);
    call =
        AttentionCall.of(
            last(q, alone.querySize()),
            last(k, alone.keySize()),
            last(v, alone.valueSize()),
            new float[alone.outputSize()]);
    GradientRun row = GradientRun.of(options, alone, call, last(g, alone.outputSize()));
    assertThat(row.dq()).isEqualTo(last(one.dq(), row.dq().length));
    assertThat(row.dk()).isEqualTo(last(one.dk(), row.dk().length));
    assertThat(row.dv()).isEqualTo(last(one.dv(), row.dv().length));
  }

  private static float[] last(float[] x, int count) {
    return Arrays.copyOfRange(x, x.length - count, x.length);
  }
}
