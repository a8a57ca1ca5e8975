package dev.sightline.attention;

import static dev.sightline.attention.RandomCases.cells;
import static dev.sightline.attention.RandomCases.pick;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.FloatTensor;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every provider against {@link Reference}: ragged sizes, masks and options drawn at random. */
class KernelsAgreeTest {
  private static final int[] LENGTHS = {1, 3, 17, 63, 64, 65, 129};
  private static final int[] SIZES = {1, 4, 5, 8, 17, 32, 64};

  static Stream<Arguments> cases() {
    return Stream.of(Provider.values())
        .flatMap(p -> IntStream.range(0, 60).mapToObj(seed -> Arguments.of(p, seed)));
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("cases")
  void everyProvider_agreesWithTheDefinition(Provider provider, int seed) {
    Random random = new Random(seed);
    int keyHeads = 1 + random.nextInt(2);
    AttentionShape s =
        new AttentionShape(
            1 + random.nextInt(2),
            keyHeads * (1 + random.nextInt(3)),
            keyHeads,
            pick(random, LENGTHS),
            pick(random, LENGTHS),
            pick(random, SIZES),
            pick(random, SIZES));
    check(provider, s, mask(random, s), random);
  }

  @ParameterizedTest
  @MethodSource("longRows")
  void longRows_agreeToo(Provider provider, int queries, int keys) {
    Random random = new Random(queries * 7 + keys);
    AttentionShape s = new AttentionShape(1, 2, 1, queries, keys, 16, 12);
    check(provider, s, Mask.full(), random);
    check(provider, s, Mask.window(300, 200, Alignment.bottomRight()), random);
  }

  static Stream<Arguments> longRows() {
    return Stream.of(Provider.values())
        .flatMap(p ->
            Stream.of(
                Arguments.of(p, 1, 1000), Arguments.of(p, 17, 1000), Arguments.of(p, 1000, 17)));
  }

  @Test
  void manyKeys_areCutIntoStretchesThatAddUp() {
    AttentionShape s = new AttentionShape(1, 4, 2, 2, 3000, 8, 8);
    for (Provider provider : Provider.values()) {
      check(provider, s, Mask.causal(Alignment.bottomRight()), new Random(5));
      check(provider, s, Mask.dilated(7), new Random(6));
    }
  }

  private static Mask mask(Random random, AttentionShape s) {
    return switch (random.nextInt(7)) {
      case 0 -> Mask.full();
      case 1 -> Mask.causal(Alignment.bottomRight());
      case 2 -> Mask.window(random.nextInt(20), random.nextInt(20), Alignment.topLeft());
      case 3 ->
          Mask.keyPadding(random.ints(s.batch(), 0, s.keys() + 1).toArray())
              .and(Mask.causal(Alignment.topLeft()));
      case 4 -> Mask.none();
      case 5 -> cells(random, s, 0.1);
      default -> cells(random, s, 0.7);
    };
  }

  private static void check(Provider provider, AttentionShape s, Mask mask, Random random) {
    BoundMask bound = mask.over(new MaskShape(s.batch(), s.queryHeads(), s.queries(), s.keys()));
    float[] q = Numbers.normal(random, s.querySize());
    float[] k = Numbers.normal(random, s.keySize());
    float[] v = Numbers.normal(random, s.valueSize());
    float scale = random.nextBoolean() ? 0.3f : (float) (1 / Math.sqrt(s.headSize()));
    float softcap = random.nextInt(3) == 0 ? 1.5f : 0f;
    float[] alibi = random.nextInt(3) == 0 ? slopes(random, s.queryHeads()) : null;
    float[] sinks = random.nextInt(3) == 0 ? Numbers.normal(random, s.queryHeads()) : null;
    Attention options = Attention.under(mask).provider(provider).scale(scale).softcap(softcap);
    options = alibi == null ? options : options.alibi(alibi);
    options = sinks == null ? options : options.sinks(sinks);
    FloatTensor bias = random.nextInt(3) == 0 ? Numbers.bias(random, s, 8) : null;
    Reference expected = new Reference(s, bound, q, k, v, scale, softcap, alibi, sinks, bias);
    String what =
        s
            + " under "
            + mask
            + ", softcap "
            + softcap
            + ", alibi "
            + (alibi != null)
            + ", sinks "
            + (sinks != null)
            + ", bias "
            + (bias == null ? "none" : bias.shape());

    float[] output = filled(s.outputSize());
    float[] logSumExp = filled(expected.logSumExp.length);
    AttentionCall call = AttentionCall.of(q, k, v, output).withLogSumExp(logSumExp);
    call = bias == null ? call : call.withBias(bias);
    AttentionPlan plan = options.plan(s);
    plan.run(call);
    assertThat(Numbers.distance(output, expected.output)).as(what).isLessThan(5e-5);
    assertThat(Numbers.distance(logSumExp, expected.logSumExp)).as(what).isLessThan(5e-5);

    float[] probabilities = new float[expected.probabilities.length];
    float[] again = filled(s.outputSize());
    AttentionCall observed = AttentionCall.of(q, k, v, again);
    observed = bias == null ? observed : observed.withBias(bias);
    plan.run(
        observed.withProbabilities((b, h, q0, queries, k0, keys, tile) -> {
          for (int i = 0; i < queries; i++) {
            System.arraycopy(
                tile,
                i * keys,
                probabilities,
                ((b * s.queryHeads() + h) * s.queries() + q0 + i) * s.keys() + k0,
                keys);
          }
        }));
    assertThat(Numbers.distance(probabilities, expected.probabilities)).as(what).isLessThan(5e-5);
    assertThat(Numbers.distance(again, expected.output)).as(what).isLessThan(5e-5);
    for (int i = 0; i < probabilities.length; i++) {
      if (expected.probabilities[i] == 0) {
        assertThat(probabilities[i]).as("%s: masked pair %s", what, i).isZero();
      }
    }

    AttentionPlan tokensFirst = options.layout(Layout.TOKENS_FIRST).plan(s);
    float[] other = filled(s.outputSize());
    AttentionCall turned =
        AttentionCall.of(
            Numbers.tokensFirst(q, s.batch(), s.queryHeads(), s.queries(), s.headSize()),
            Numbers.tokensFirst(k, s.batch(), s.keyHeads(), s.keys(), s.headSize()),
            Numbers.tokensFirst(v, s.batch(), s.keyHeads(), s.keys(), s.valueHeadSize()),
            other);
    tokensFirst.run(bias == null ? turned : turned.withBias(bias));
    assertThat(other)
        .as("the layout changes nothing, not a bit: %s", what)
        .isEqualTo(
            Numbers.tokensFirst(output, s.batch(), s.queryHeads(), s.queries(), s.valueHeadSize()));
  }

  /** Small, or a distance of a thousand makes scores whose last digits are all that counts. */
  private static float[] slopes(Random random, int heads) {
    float[] slopes = new float[heads];
    for (int h = 0; h < heads; h++) {
      slopes[h] = 0.01f * (1 + random.nextFloat());
    }
    return slopes;
  }

  /** What was there before must not matter. */
  private static float[] filled(int size) {
    float[] array = new float[size];
    java.util.Arrays.fill(array, Float.NaN);
    return array;
  }

  @Test
  void bothProviders_areThere() {
    assertThat(List.of(Provider.SCALAR.description(), Provider.VECTOR.description()))
        .anySatisfy(d -> assertThat(d).isEqualTo("scalar"))
        .anySatisfy(d -> assertThat(d).startsWith("vector, ").endsWith(" bits"));
  }
}
