package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The backward pass against its definition, and what may not change a bit of it. */
class GradientsTest {
  /** A long run by hand asks for more. */
  private static final int SEEDS = Integer.getInteger("sightline.seeds", 12);

  private static final int[] LENGTHS = {1, 3, 17, 64, 95, 97, 130};
  private static final int[] SIZES = {1, 5, 17, 32, 64, 80, 128, 144};
  private static final float[] POISON = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f, -0f
  };

  static Stream<Arguments> cases() {
    return Stream.of(Provider.values())
        .flatMap(p -> IntStream.range(0, SEEDS).mapToObj(seed -> Arguments.of(p, seed)));
  }

  /** All arrays of one backward run. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Run(float[] dq, float[] dk, float[] dv) {
    Run(AttentionShape s) {
      this(new float[s.querySize()], new float[s.keySize()], new float[s.valueSize()]);
      for (float[] array : new float[][] {dq, dk, dv}) {
        // What was there before is overwritten.
        Arrays.fill(array, Float.NaN);
      }
    }

    static Run of(Attention options, AttentionShape s, AttentionCall call, float[] g) {
      Run run = new Run(s);
      try (AttentionPlan plan = options.plan(s)) {
        run.fill(plan, call, g);
      }
      return run;
    }

    void fill(AttentionPlan plan, AttentionCall call, float[] g) {
      AttentionShape s = plan.shape();
      call = call.withLogSumExp(new float[s.batch() * s.queryHeads() * s.queries()]);
      plan.run(call);
      plan.gradients(call, g, dq, dk, dv);
    }
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("cases")
  void gradients_agreeWithTheDefinition(Provider provider, int seed) {
    Random random = new Random(seed);
    AttentionShape s = shape(random);
    Mask mask = mask(random, s);
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
    Run run = Run.of(options, s, AttentionCall.of(q, k, v, new float[s.outputSize()]), g);
    String what = " under " + mask + ", " + s + ", softcap " + softcap;
    close("queries" + what, run.dq, expected.queries, expected.attends);
    close("keys" + what, run.dk, expected.keys, expected.seen);
    close("values" + what, run.dv, expected.values, expected.seen);
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

  /**
   * A key holds anything: the gradients of queries that may not see it keep their bits. A query
   * holds anything, and its output gradient too: so do the gradients of keys that it may not see.
   */
  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("cases")
  void whatIsMasked_changesNoBit(Provider provider, int seed) {
    Random random = new Random(seed);
    AttentionShape s = shape(random);
    Mask mask = mask(random, s);
    BoundMask bound = mask.over(s.maskShape());
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    float[] g = Numbers.normal(random, s.outputSize());
    Attention options = Attention.under(mask).provider(provider);
    options = random.nextInt(4) == 0 ? options.softcap(1.5f) : options;
    Run clean = Run.of(options, s, AttentionCall.of(q, k, v, new float[s.outputSize()]), g);
    int key = random.nextInt(s.keys());
    int query = random.nextInt(s.queries());
    float poison = POISON[random.nextInt(POISON.length)];
    options = options.threads(1 + random.nextInt(4));

    float[] dirtyKeys = poisoned(k, s.keys(), key, s.headSize(), poison);
    float[] dirtyValues = poisoned(v, s.keys(), key, s.valueHeadSize(), poison);
    AttentionCall call = AttentionCall.of(q, dirtyKeys, dirtyValues, new float[s.outputSize()]);
    Run run = Run.of(options, s, call, g);
    String what = "%s under %s, key %s, query %s, %s".formatted(poison, mask, key, query, s);
    for (int row = 0; row < s.batch() * s.queryHeads() * s.queries(); row++) {
      int b = row / (s.queryHeads() * s.queries());
      int h = row / s.queries() % s.queryHeads();
      if (!bound.allowed(b, h, row % s.queries(), key)) {
        same(what, run.dq, clean.dq, row, s.headSize());
      }
    }

    float[] dirtyQueries = poisoned(q, s.queries(), query, s.headSize(), poison);
    float[] dirtyGradient = poisoned(g, s.queries(), query, s.valueHeadSize(), poison);
    call = AttentionCall.of(dirtyQueries, k, v, new float[s.outputSize()]);
    run = Run.of(options, s, call, dirtyGradient);
    for (int row = 0; row < s.batch() * s.keyHeads() * s.keys(); row++) {
      int b = row / (s.keyHeads() * s.keys());
      int first = row / s.keys() % s.keyHeads() * s.group();
      boolean seen = false;
      for (int h = first; h < first + s.group(); h++) {
        seen |= bound.allowed(b, h, query, row % s.keys());
      }
      if (!seen) {
        same(what, run.dk, clean.dk, row, s.headSize());
        same(what, run.dv, clean.dv, row, s.valueHeadSize());
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
    Run one = Run.of(options, s, call, g);
    for (int threads : new int[] {2, 5}) {
      Run many = Run.of(options.threads(threads), s, call, g);
      assertThat(many.dq).isEqualTo(one.dq);
      assertThat(many.dk).isEqualTo(one.dk);
      assertThat(many.dv).isEqualTo(one.dv);
    }
    AttentionShape alone = new AttentionShape(1, 4, 2, 20, 1300, 8, 8);
    call =
        AttentionCall.of(
            last(q, alone.querySize()),
            last(k, alone.keySize()),
            last(v, alone.valueSize()),
            new float[alone.outputSize()]);
    Run row = Run.of(options, alone, call, last(g, alone.outputSize()));
    assertThat(row.dq).isEqualTo(last(one.dq, row.dq.length));
    assertThat(row.dk).isEqualTo(last(one.dk, row.dk.length));
    assertThat(row.dv).isEqualTo(last(one.dv, row.dv.length));
  }

  private static float[] last(float[] x, int count) {
    return Arrays.copyOfRange(x, x.length - count, x.length);
  }

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
    Run run = new Run(s);
    try (AttentionPlan plan = options.plan(s)) {
      run.fill(plan, AttentionCall.of(q.data(), k.data(), v.data(), new float[216]), g.data());
    }
    assertThat(run.dq).isEqualTo(headsFirst.queries().data());
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
    Run all = new Run(s);
    try (AttentionPlan plan = options.packed(s, queries, keys)) {
      all.fill(plan, AttentionCall.of(q, k, v, new float[s.outputSize()]), g);
    }
    AttentionShape text = new AttentionShape(1, 2, 1, 9, 9, 4, 4);
    Run alone =
        Run.of(
            options,
            text,
            AttentionCall.of(
                tail(q, 2, 12, 9), tail(k, 1, 15, 9), tail(v, 1, 15, 9), new float[72]),
            tail(g, 2, 12, 9));
    assertThat(tail(all.dq, 2, 12, 9)).isEqualTo(alone.dq);
    assertThat(tail(all.dk, 1, 15, 9)).isEqualTo(alone.dk);
    assertThat(tail(all.dv, 1, 15, 9)).isEqualTo(alone.dv);
    assertThat(Arrays.copyOfRange(all.dk, 16, 24)).containsOnly(0f);
    assertThat(Arrays.copyOfRange(all.dv, 16, 24)).containsOnly(0f);
    assertThat(Arrays.copyOfRange(all.dk, 0, 16)).doesNotContain(Float.NaN, 0f);
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
    Run narrow =
        Run.of(options, s, AttentionCall.of(bits, bits, bits, ElementType.FLOAT16, output), g);
    Run full = Run.of(options, s, AttentionCall.of(wide, wide, wide, output), g);
    assertThat(narrow.dq).isEqualTo(full.dq);
    assertThat(narrow.dk).isEqualTo(full.dk);
    assertThat(narrow.dv).isEqualTo(full.dv);
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

  private static AttentionShape shape(Random random) {
    int keyHeads = 1 + random.nextInt(2);
    return new AttentionShape(
        1 + random.nextInt(2),
        keyHeads * (1 + random.nextInt(2)),
        keyHeads,
        pick(random, LENGTHS),
        pick(random, LENGTHS),
        pick(random, SIZES),
        pick(random, SIZES));
  }

  private static Mask mask(Random random, AttentionShape s) {
    return switch (random.nextInt(9)) {
      case 0 -> Mask.full();
      case 1 -> Mask.causal(Alignment.bottomRight());
      case 2 -> Mask.window(random.nextInt(20), random.nextInt(20), Alignment.topLeft());
      case 3 ->
          Mask.keyPadding(random.ints(s.batch(), 0, s.keys() + 1).toArray())
              .and(Mask.causal(Alignment.topLeft()));
      case 4 -> Mask.none();
      case 5 -> Mask.dilated(2 + random.nextInt(3));
      case 6 ->
          Mask.parse("prefix(" + s.keys() / 3 + "; bottom-right) | window(2,0; bottom-right)");
      case 7 -> cells(random, s, 0.1);
      default -> cells(random, s, 0.7);
    };
  }

  private static Mask cells(Random random, AttentionShape s, double density) {
    boolean[] cells = new boolean[(int) s.maskShape().cells()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = random.nextDouble() < density;
    }
    return BooleanMask.toMask(Polarity.TRUE_ATTENDS, s.maskShape(), cells);
  }

  private static int pick(Random random, int[] from) {
    return from[random.nextInt(from.length)];
  }
}
