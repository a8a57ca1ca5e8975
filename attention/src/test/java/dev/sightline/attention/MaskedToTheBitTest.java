package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No bit of a query's output depends on what the keys and values hold that it may not see, however
 * many threads compute, in whatever blocks, and whatever is observed. Shapes, masks and options are
 * drawn at random; the seed is in the name of the test.
 */
class MaskedToTheBitTest {
  /** Each costs a tenth of a second; a long run by hand asks for more. */
  private static final int SEEDS = Integer.getInteger("sightline.seeds", 12);

  private static final float[] POISON = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f, -0f, Float.MIN_VALUE
  };

  static Stream<Arguments> cases() {
    return Stream.of(Provider.values())
        .flatMap(p -> IntStream.range(0, SEEDS).mapToObj(seed -> Arguments.of(p, seed)));
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("cases")
  void whatAQueryMayNotSee_changesNoBit(Provider provider, int seed) {
    Random random = new Random(seed);
    int keyHeads = 1 + random.nextInt(2);
    boolean few = random.nextInt(4) == 0;
    AttentionShape s =
        new AttentionShape(
            1 + random.nextInt(2),
            keyHeads * (1 + random.nextInt(2)),
            keyHeads,
            few ? 1 + random.nextInt(4) : 5 + random.nextInt(140),
            1 + random.nextInt(few ? 1200 : 420),
            pick(random, 1, 5, 8, 8, 17, 144),
            pick(random, 1, 4, 6, 17));
    Mask mask = mask(random, s);
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    boolean biased = random.nextInt(3) == 0;
    Attention options = options(Attention.under(mask).provider(provider), random, s);
    BoundMask bound = mask.over(s.maskShape());
    FloatTensor bias = biased ? Numbers.bias(random, s, 4) : null;
    ElementType type = pick(random, ElementType.FLOAT32, ElementType.FLOAT16, ElementType.BFLOAT16);

    float[] clean = new float[s.outputSize()];
    float[] cleanSums = new float[s.batch() * s.queryHeads() * s.queries()];
    try (AttentionPlan plan = options.plan(s)) {
      plan.run(call(type, q, k, v, clean, bias).withLogSumExp(cleanSums));
    }
    for (int round = 0; round < 3; round++) {
      int key = random.nextInt(s.keys());
      float poison = POISON[random.nextInt(POISON.length)];
      float[] dirtyKeys = k.clone();
      float[] dirtyValues = v.clone();
      int what = random.nextInt(3);
      for (int row = 0; row < s.batch() * s.keyHeads(); row++) {
        if (what != 0) {
          fill(dirtyKeys, (row * s.keys() + key) * s.headSize(), s.headSize(), poison);
        }
        if (what != 1) {
          fill(dirtyValues, (row * s.keys() + key) * s.valueHeadSize(), s.valueHeadSize(), poison);
        }
      }
      int threads = 1 + random.nextInt(5);
      int observer = random.nextInt(4);
      float[] output = new float[s.outputSize()];
      float[] sums = new float[cleanSums.length];
      AttentionCall call = call(type, q, dirtyKeys, dirtyValues, output, bias).withLogSumExp(sums);
      call = (observer & 1) == 0 ? call : call.withProbabilities((b, h, i, n, j, m, t) -> {});
      call = (observer & 2) == 0 ? call : call.withScores((b, h, i, n, j, m, t) -> {});
      try (AttentionPlan plan = options.threads(threads).plan(s)) {
        plan.run(call);
      }
      for (int row = 0; row < cleanSums.length; row++) {
        int batch = row / (s.queryHeads() * s.queries());
        int head = row / s.queries() % s.queryHeads();
        int query = row % s.queries();
        if (bound.allowed(batch, head, query, key) && !hidden(bias, batch, head, query, key)) {
          continue;
        }
        int at = row * s.valueHeadSize();
        int[] expected = bits(clean, at, s.valueHeadSize());
        int[] actual = bits(output, at, s.valueHeadSize());
        if (!Arrays.equals(actual, expected)
            || !Arrays.equals(bits(sums, row, 1), bits(cleanSums, row, 1))) {
          fail(
              "key %s holds %s (%s), batch row %s, head %s, query %s, %s threads, observer %s, %s, %s"
                  .formatted(
                      key, poison, what, batch, head, query, threads, observer, s, bound.mask()));
        }
      }
    }
  }

  /**
   * Products so small that they round to -0. Zero times a masked value gives +0 or -0 by the
   * value's sign, and -0 + 0 would show it.
   */
  @ParameterizedTest
  @EnumSource
  void theSignOfAMaskedValue_doesNotShowInAZero(Provider provider) {
    AttentionShape s = new AttentionShape(1, 1, 1, 20, 6, 4, 4);
    float[] q = Numbers.normal(new Random(1), s.querySize());
    float[] k = Numbers.normal(new Random(2), s.keySize());
    float[] v = new float[s.valueSize()];
    Arrays.fill(v, -Float.MIN_VALUE);
    float[][] outputs = new float[2][s.outputSize()];
    try (AttentionPlan plan =
        Attention.under(Mask.parse("key-padding(111110)")).provider(provider).plan(s)) {
      for (int sign = 0; sign < 2; sign++) {
        Arrays.fill(v, 5 * 4, 6 * 4, sign == 0 ? 1f : -1f);
        plan.run(q, k, v, outputs[sign]);
      }
    }
    assertThat(bits(outputs[1], 0, s.outputSize())).isEqualTo(bits(outputs[0], 0, s.outputSize()));
  }

  private static AttentionCall call(
      ElementType type,
      float[] q,
      float[] k,
      float[] v,
      float[] output,
      @Nullable FloatTensor bias) {
    AttentionCall call =
        type == ElementType.FLOAT32
            ? AttentionCall.of(q, k, v, output)
            : AttentionCall.of(half(q, type), half(k, type), half(v, type), type, output);
    return bias == null ? call : call.withBias(bias);
  }

  private static short[] half(float[] x, ElementType type) {
    short[] bits = new short[x.length];
    for (int i = 0; i < x.length; i++) {
      bits[i] =
          type == ElementType.FLOAT16
              ? Float.floatToFloat16(x[i])
              : (short) (Float.floatToIntBits(x[i]) >> 16);
    }
    return bits;
  }

  private static boolean hidden(
      @Nullable FloatTensor bias, int batch, int head, int query, int key) {
    return bias != null
        && bias.data()[
                bias.offset(
                        bias.shape().dim(0) == 1 ? 0 : batch,
                        bias.shape().dim(1) == 1 ? 0 : head,
                        bias.shape().dim(2) == 1 ? 0 : query)
                    + key]
            == Float.NEGATIVE_INFINITY;
  }

  private static void fill(float[] x, int from, int count, float value) {
    Arrays.fill(x, from, from + count, value);
  }

  /** NaN of any payload is one value; a query may see others of its own. */
  private static int[] bits(float[] x, int from, int count) {
    int[] bits = new int[count];
    for (int i = 0; i < count; i++) {
      bits[i] = Float.floatToIntBits(x[from + i]);
    }
    return bits;
  }

  private static Attention options(Attention options, Random random, AttentionShape s) {
    Attention some = random.nextInt(4) == 0 ? options.softcap(1.5f) : options;
    float[] slopes = new float[s.queryHeads()];
    Arrays.fill(slopes, 0.01f);
    some = random.nextInt(4) == 0 ? some.alibi(slopes) : some;
    return random.nextInt(4) == 0 ? some.sinks(Numbers.normal(random, s.queryHeads())) : some;
  }

  private static Mask mask(Random random, AttentionShape s) {
    return switch (random.nextInt(6)) {
      case 0 -> Mask.causal(Alignment.bottomRight());
      case 1 -> Mask.window(random.nextInt(20), random.nextInt(200), Alignment.topLeft());
      case 2 ->
          Mask.keyPadding(random.ints(s.batch(), 0, s.keys() + 1).toArray())
              .and(Mask.causal(Alignment.topLeft()));
      case 3 -> Mask.dilated(2 + random.nextInt(3));
      case 4 -> cells(random, s, 0.1);
      default -> cells(random, s, 0.8);
    };
  }

  private static Mask cells(Random random, AttentionShape s, double density) {
    MaskShape sizes = s.maskShape();
    boolean[] cells = new boolean[(int) sizes.cells()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = random.nextDouble() < density;
    }
    return BooleanMask.toMask(Polarity.TRUE_ATTENDS, sizes, cells);
  }

  private static int pick(Random random, int... from) {
    return from[random.nextInt(from.length)];
  }

  private static ElementType pick(Random random, ElementType... from) {
    return from[random.nextInt(from.length)];
  }
}
