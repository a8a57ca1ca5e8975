package dev.sightline.heads.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MomentsTest {
  private static final MathContext EXACTLY = new MathContext(120);

  private record Value(double x, double w) {}

  /** Kinds of values that sums of doubles are bad at. */
  enum Kind {
    NORMAL,
    HUGE_PLUS_SMALL,
    HUGE_OF_BOTH_SIGNS,
    CONSTANT,
    MANY_MAGNITUDES,
    MOSTLY_ZERO;

    double draw(Random random) {
      return switch (this) {
        case NORMAL -> random.nextGaussian();
        case HUGE_PLUS_SMALL -> 1e16 + 2 * random.nextInt(5);
        case HUGE_OF_BOTH_SIGNS -> (random.nextBoolean() ? 1e16 : -1e16) + random.nextInt(100);
        case CONSTANT -> 0.1;
        case MANY_MAGNITUDES -> random.nextGaussian() * Math.pow(10, random.nextInt(60) - 30);
        case MOSTLY_ZERO -> random.nextInt(50) == 0 ? 1e-7 : 0;
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anySharding_inAnyOrder_givesTheMomentsOfOnePass_andThoseAreRight(Kind kind) {
    for (long seed = 1; seed <= 40; seed++) {
      Random random = new Random(seed);
      List<Value> values = new ArrayList<>();
      int n = 1 + random.nextInt(400);
      for (int i = 0; i < n; i++) {
        values.add(new Value(kind.draw(random), seed % 2 == 0 ? 1 : 1 + random.nextInt(60)));
      }

      Moments one = of(values);
      Collections.shuffle(values, random);
      List<Moments> shards = new ArrayList<>();
      for (int from = 0; from < n; ) {
        int to = Math.min(n, from + random.nextInt(1 + random.nextInt(90)));
        shards.add(of(values.subList(from, to)));
        from = to;
      }
      while (shards.size() > 1) {
        Moments into = shards.get(random.nextInt(shards.size()));
        Moments other = shards.get(random.nextInt(shards.size()));
        if (into != other) {
          into.merge(other);
          shards.removeIf(each -> each == other);
        }
      }

      String context = kind + ", seed " + seed + ", n " + n;
      Moments merged = shards.getFirst();
      assertThat(merged.weight()).as(context).isEqualTo(one.weight());
      close(merged.mean().getAsDouble(), one.mean().getAsDouble(), context + ", mean");
      close(merged.m2(), one.m2(), context + ", M2");
      close(one.mean().getAsDouble(), exactMean(values).doubleValue(), context + ", true mean");
      close(one.m2(), exactM2(values), context + ", true M2");
    }
  }

  private static Moments of(List<Value> values) {
    Moments moments = new Moments();
    values.forEach(value -> moments.add(value.x(), value.w()));
    return moments;
  }

  private static void close(double actual, double expected, String context) {
    assertThat(actual).as(context).isCloseTo(expected, within(1e-12 * Math.abs(expected)));
  }

  private static BigDecimal exactMean(List<Value> values) {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal weight = BigDecimal.ZERO;
    for (Value value : values) {
      sum = sum.add(new BigDecimal(value.x()).multiply(new BigDecimal(value.w())));
      weight = weight.add(new BigDecimal(value.w()));
    }
    return sum.divide(weight, EXACTLY);
  }

  private static double exactM2(List<Value> values) {
    BigDecimal mean = exactMean(values);
    BigDecimal m2 = BigDecimal.ZERO;
    for (Value value : values) {
      BigDecimal apart = new BigDecimal(value.x()).subtract(mean);
      m2 = m2.add(apart.multiply(apart, EXACTLY).multiply(new BigDecimal(value.w())));
    }
    return m2.doubleValue();
  }

  @Test
  void batchesOf32And2_are98Samples_weighing96To2() {
    Moments moments = new Moments();
    for (int i = 0; i < 96; i++) {
      moments.add(1, 1);
    }
    for (int i = 0; i < 2; i++) {
      moments.add(50, 1);
    }

    assertThat(moments.mean().getAsDouble()).isEqualTo((96 + 2 * 50) / 98.0);
  }

  @Test
  void deviation_ofEqualWeights_isTheUsualOne_andOfOneValueNone() {
    Moments moments = new Moments();
    assertThat(moments.mean()).isEmpty();
    assertThat(moments.deviation()).isEmpty();
    moments.add(2, 3);
    assertThat(moments.deviation()).isEmpty();
    moments.add(4, 3);
    moments.add(9, 3);

    // (9 + 1 + 16) / 2
    assertThat(moments.deviation().getAsDouble()).isCloseTo(Math.sqrt(13), within(1e-15));
  }

  @Test
  void constants_haveNoDeviation_whateverTheirValue() {
    Moments a = new Moments();
    Moments b = new Moments();
    for (int i = 1; i < 1000; i++) {
      a.add(0.1, i * 0.3);
      b.add(0.1, i * 0.7);
    }
    a.merge(b);

    assertThat(a.m2()).isZero();
    assertThat(a.mean().getAsDouble()).isEqualTo(0.1);
  }

  @Test
  void empty_isTheIdentity_onBothSides() {
    Moments some = new Moments();
    some.add(0.3, 2);
    some.add(0.7, 5);
    Moments.State state = some.state();

    some.merge(new Moments());
    Moments empty = new Moments();
    empty.merge(some);

    assertThat(some.state()).isEqualTo(state);
    assertThat(empty.state()).isEqualTo(state);
  }

  @Test
  void stateOfNoValues_isRefused() {
    DoubleDouble one = DoubleDouble.of(1);
    assertThatThrownBy(
            () -> new Moments(new Moments.State(one, one, one, DoubleDouble.of(Double.NaN))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no values have the moments")
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Moments(new Moments.State(one, one, one, DoubleDouble.of(-1))))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
