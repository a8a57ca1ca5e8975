package dev.sightline.bench.comparison;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The same workload measured several times, each time with new processes. */
record Repeats(List<Row> rows) {

  /** The run in which Sightline did worst beside the fastest peer, or took longest without one. */
  Row worst() {
    return rows.stream()
        .min(Comparator.comparingDouble(Repeats::score))
        .orElseThrow(() -> new IllegalStateException("no run"));
  }

  private static double score(Row row) {
    OptionalDouble times = row.times(row.bestPeer());
    return times.orElse(row.ours().map(ours -> -ours.median()).orElse(Double.NEGATIVE_INFINITY));
  }

  /** The range of Sightline's times, and of the ratios to the fastest peer. */
  @Override
  public String toString() {
    String ours =
        range(row ->
            row.ours().map(t -> OptionalDouble.of(t.millis())).orElse(OptionalDouble.empty()));
    String times = range(row -> row.times(row.bestPeer()));
    return rows.size()
        + " runs: sightline "
        + ours
        + " ms"
        + (times.isEmpty() ? "" : ", " + times + " x as fast as the fastest peer");
  }

  private String range(Function<Row, OptionalDouble> number) {
    List<Double> numbers =
        rows.stream()
            .map(number)
            .filter(OptionalDouble::isPresent)
            .map(OptionalDouble::getAsDouble)
            .sorted()
            .toList();
    return numbers.isEmpty()
        ? ""
        : String.format(Locale.ROOT, "%.3g to %.3g", numbers.getFirst(), numbers.getLast());
  }
}
