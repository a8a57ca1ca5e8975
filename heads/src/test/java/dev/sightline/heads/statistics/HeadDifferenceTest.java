package dev.sightline.heads.statistics;

import static dev.sightline.heads.statistics.Statistics.PROVENANCE;
import static dev.sightline.heads.statistics.Statistics.sample;
import static dev.sightline.heads.statistics.Statistics.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.heads.internal.statistics.Bootstrap;
import dev.sightline.heads.statistics.CellDifference.Verdict;
import dev.sightline.tensor.internal.Hash;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeadDifferenceTest {
  /** By hand: sorted 0.01 0.02 0.03 0.04 0.5, times 5 / rank: 0.05 0.05 0.05 0.05 0.5. */
  @Test
  void benjaminiHochberg_givesTheValuesOfTheHand() {
    double[] adjusted =
        HeadDifference.benjaminiHochberg(new double[] {0.04, 0.01, 0.5, 0.03, 0.02});
    assertThat(adjusted).containsExactly(new double[] {0.05, 0.05, 0.5, 0.05, 0.05}, within(1e-15));
    // Ranks 1 to 4 of 0.001 0.02 0.021 0.9: 0.004, 0.04, 0.028, 0.9; the second is capped by the
    // third.
    assertThat(HeadDifference.benjaminiHochberg(new double[] {0.9, 0.02, 0.001, 0.021}))
        .containsExactly(new double[] {0.9, 0.028, 0.004, 0.028}, within(1e-15));
    assertThat(HeadDifference.benjaminiHochberg(new double[0])).isEmpty();
  }

  @Test
  void interval_coversTheTrueMean_aboutAsOftenAsItSays() {
    Random random = new Random(11);
    int covered = 0;
    int trials = 400;
    for (int t = 0; t < trials; t++) {
      Bootstrap bootstrap = new Bootstrap(t);
      Replicates replicates = new Replicates();
      for (int i = 0; i < 60; i++) {
        replicates.add(5 + random.nextGaussian(), 1, bootstrap.draws(Hash.of(Integer.toString(i))));
      }
      Interval interval = Replicates.interval(replicates.means()).get();
      covered += interval.low() <= 5 && 5 <= interval.high() ? 1 : 0;
    }
    assertThat(covered / (double) trials).isBetween(0.90, 0.98);
  }

  @Test
  void draws_arePoisson_andTheSameForTheSameSample() {
    double[] counts = new double[20];
    Bootstrap bootstrap = new Bootstrap(3);
    for (int i = 0; i < 1_000; i++) {
      for (double draw : bootstrap.draws(Hash.of("id " + i))) {
        counts[(int) draw]++;
      }
    }
    assertThat(counts[0] / 200_000).isCloseTo(Math.exp(-1), within(0.005));
    assertThat(counts[1] / 200_000).isCloseTo(Math.exp(-1), within(0.005));
    assertThat(counts[2] / 200_000).isCloseTo(Math.exp(-1) / 2, within(0.005));
    assertThat(counts[3] / 200_000).isCloseTo(Math.exp(-1) / 6, within(0.003));
    assertThat(bootstrap.draws(Hash.of("a"))).isEqualTo(new Bootstrap(3).draws(Hash.of("a")));
    assertThat(bootstrap.draws(Hash.of("a"))).isNotEqualTo(new Bootstrap(4).draws(Hash.of("a")));
  }

  /** Samples differ by far more than the runs do: only pairs can tell. */
  @Test
  void pairs_findASmallShift_thatTwoSeparateRunsHide() {
    HeadStatistics a = statistics();
    HeadStatistics b = statistics();
    HeadStatistics unpaired = statistics();
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      double value = 100 * random.nextGaussian();
      double shifted = value + 1 + random.nextGaussian();
      a.add(sample("s" + i, 4, value));
      b.add(sample("s" + i, 4, shifted));
      unpaired.add(sample("t" + i, 4, shifted));
    }

    HeadDifference pairs = a.diff(b, Weighting.MACRO, Map.of());
    CellDifference cell = pairs.cells().get(0);
    assertThat(pairs.paired()).isTrue();
    assertThat(pairs.cells()).hasSize(8);
    assertThat(cell.difference().getAsDouble()).isCloseTo(1, within(0.3));
    assertThat(cell.interval().get().low()).isGreaterThan(0.5);
    assertThat(cell.interval().get().high()).isLessThan(1.5);
    assertThat(cell.effect().getAsDouble()).isCloseTo(0.01, within(0.005));
    assertThat(cell.pValue().getAsDouble()).isLessThan(1e-6);
    assertThat(cell.verdict()).isEqualTo(Verdict.DIFFERS);

    HeadDifference separate = a.diff(unpaired, Weighting.MACRO, Map.of());
    assertThat(separate.paired()).isFalse();
    assertThat(separate.cells().get(0).verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void noEffect_isOnlySaidInsideADeclaredMargin() {
    HeadStatistics a = statistics();
    HeadStatistics b = statistics();
    Random random = new Random(2);
    for (int i = 0; i < 100; i++) {
      double value = random.nextGaussian();
      a.add(sample("s" + i, 4, value));
      b.add(sample("s" + i, 4, value + 0.01 * random.nextGaussian()));
    }

    HeadDifference difference = a.diff(b, Weighting.MICRO, Map.of("norm", 0.1));

    assertThat(difference.cells().get(0).verdict()).isEqualTo(Verdict.NO_EFFECT);
    // The same numbers, but no margin is declared for the entropy.
    assertThat(difference.cells().get(4).metric().name()).isEqualTo("entropy");
    assertThat(difference.cells().get(4).verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  /** With nothing but noise, the correction lets no more than chance through. */
  @Test
  void noise_isRarelyCalledADifference() {
    int runs = 0;
    for (int seed = 0; seed < 100; seed++) {
      HeadStatistics a = statistics();
      HeadStatistics b = statistics();
      Random random = new Random(seed);
      for (int i = 0; i < 25; i++) {
        a.add(sample("s" + i, 4, random.nextGaussian()));
        b.add(sample("s" + i, 4, random.nextGaussian()));
      }
      runs += a.diff(b, Weighting.MACRO, Map.of()).cells().get(0).isSignificant() ? 1 : 0;
    }
    assertThat(runs).isLessThanOrEqualTo(12);
  }

  @Test
  void noData_staysNoData_andOneSampleTellsNothing() {
    HeadStatistics a = statistics();
    HeadStatistics b = statistics();
    a.add(sample("s", 4, 1));
    CellDifference none = a.diff(b, Weighting.MACRO, Map.of()).cells().get(0);
    assertThat(none.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(none.difference()).isEmpty();
    assertThat(none.reason()).hasValue("the second run has no data: there were no samples");

    b.add(sample("s", 4, 3));
    CellDifference one = a.diff(b, Weighting.MACRO, Map.of("norm", 100.0)).cells().get(0);
    assertThat(one.difference()).hasValue(2);
    assertThat(one.pValue()).isEmpty();
    assertThat(one.verdict()).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void runsThatCannotBeCompared_areRefused() {
    Provenance other =
        new Provenance(
            "quantised.onnx",
            "f".repeat(64),
            "a test",
            TokenAggregation.MEAN,
            512,
            PROVENANCE.metrics(),
            PROVENANCE.headsPerLayer(),
            43);
    assertThatThrownBy(() ->
            statistics()
                .diff(
                    new HeadStatistics(other, Shard.WHOLE, "texts.jsonl"),
                    Weighting.MACRO,
                    Map.of()))
        .hasMessage("the seeds differ: '42' and '43'");
    assertThatThrownBy(() -> statistics().diff(statistics(), Weighting.MACRO, Map.of("nom", 1.0)))
        .hasMessageStartingWith("there is no metric 'nom' to have a margin");
    assertThatThrownBy(() -> statistics().diff(statistics(), Weighting.MACRO, Map.of("norm", 0.0)))
        .hasMessageStartingWith("a margin is above 0");
  }
}
