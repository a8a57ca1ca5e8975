package dev.sightline.bench.comparison;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The time of a task in nanoseconds, round by round. A round is the median of its runs, so that the
 * interruption of a single run changes no number.
 */
record Timing(List<Double> rounds) {

  Timing {
    if (rounds.isEmpty()) {
      throw new IllegalArgumentException("a timing needs at least one round, but there is none");
    }
    rounds = List.copyOf(rounds);
  }

  double median() {
    return median(rounds);
  }

  double min() {
    return rounds.stream().mapToDouble(x -> x).min().orElseThrow();
  }

  double max() {
    return rounds.stream().mapToDouble(x -> x).max().orElseThrow();
  }

  double millis() {
    return median() / 1e6;
  }

  /** Half the distance between the fastest and the slowest round, as a fraction of the median. */
  double spread() {
    return (max() - min()) / 2 / median();
  }

  /**
   * How many times as fast as another task of the same rounds: the median of the ratios within each
   * round. A machine that is slow for some rounds changes both times of a ratio alike.
   */
  double timesAsFastAs(Timing other) {
    if (rounds.size() != other.rounds.size()) {
      throw new IllegalArgumentException(
          "only timings of the same rounds can be compared, but these have "
              + rounds.size()
              + " and "
              + other.rounds.size()
              + " rounds");
    }
    return median(
        IntStream.range(0, rounds.size())
            .mapToObj(i -> other.rounds.get(i) / rounds.get(i))
            .toList());
  }

  static double median(List<Double> samples) {
    List<Double> sorted = samples.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
