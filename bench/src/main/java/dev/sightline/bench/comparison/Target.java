package dev.sightline.bench.comparison;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The target of a row, and whether it was reached.
 *
 * @param text the target in words; empty if there is none
 * @param reached empty if a backend that it compares with is missing
 */
record Target(String text, Optional<Boolean> reached) {
  private static final double DENSE_LIBTORCH = 1.2;
  private static final double DENSE_ONNX_RUNTIME = 1.05;
  private static final double CAUSAL = 1.25;
  private static final double OF_BANDWIDTH = 0.9;
  private static final double RAGGED = 2;
  private static final double TIMES_ONE_THREAD = 1.9;
  private static final double COMPILE_MILLIS = 1;

  /** A masked workload may take this much more than its share of the dense one... */
  private static final double OF_DENSE_PART = 1.15;

  /** ...and a row of tiles of this many queries. */
  private static final int TILE_QUERIES = 64;

  /** Divided by the density: against libraries that compute all pairs whatever the mask. */
  private static final double MASKED = 0.8;

  private static final double BACKWARD = 1;

  /** Divided by the density. */
  private static final double BACKWARD_MASKED = 0.7;

  private static final Target NONE = new Target("", Optional.empty());

  /**
   * Compares a row with its target.
   *
   * @param oneThread the same workload on one thread, if it is measured on both
   */
  static Target of(Row row, Optional<Row> oneThread) {
    return switch (row.workload().kind()) {
      case DENSE ->
          times(row.timesAsFastAs(Entrant.LIBTORCH), DENSE_LIBTORCH, "libtorch")
              .and(times(row.times(row.bestOfOnnxRuntime()), DENSE_ONNX_RUNTIME, "ort"));
      case CAUSAL ->
          times(row.timesAsFastAs(Entrant.LIBTORCH), CAUSAL, "libtorch")
              .and(times(row.times(row.bestOfOnnxRuntime()), CAUSAL, "ort"));
      case MASKED ->
          masked(row)
              .and(times(row.times(row.bestPeer()), MASKED / row.workload().density(), "best"));
      case DECODE -> decode(row);
      case SHORT -> times(row.times(row.bestPeer()), 1.0, "best");
      case RAGGED -> times(row.times(row.bestPeer()), RAGGED, "best");
      case COMPILE -> row.workload().queries() < 1 << 20 ? NONE : compile(row);
      case BACKWARD, FORWARD_AND_BACKWARD ->
          times(
              row.timesAsFastAs(Entrant.LIBTORCH),
              row.workload().form() == Workload.Form.CELLS
                  ? BACKWARD_MASKED / row.workload().density()
                  : BACKWARD,
              "libtorch");
      case SCALING ->
          oneThread.isEmpty()
              ? NONE
              : times(row.times(oneThread.get().ours()), TIMES_ONE_THREAD, "1 thread");
    };
  }

  private static Target times(OptionalDouble actual, double least, String peer) {
    return new Target(String.format(Locale.ROOT, ">=%.2fx %s", least, peer), judge(actual, least));
  }

  private static Target masked(Row row) {
    Optional<Timing> dense = row.timing(Entrant.SIGHTLINE_DENSE);
    if (dense.isEmpty()) {
      return new Target("<=1.15p own dense", Optional.empty());
    }
    double part =
        OF_DENSE_PART * row.workload().density() + (double) TILE_QUERIES / row.workload().queries();
    return new Target(
        String.format(Locale.ROOT, "<=%.4g ms", part * dense.get().millis()),
        judge(row.times(dense), 1 / part));
  }

  private static Target decode(Row row) {
    OptionalDouble used =
        row.ours().isPresent() ? row.used(row.ours().get()) : OptionalDouble.empty();
    return new Target(
        String.format(Locale.ROOT, ">=%.0f%% of reading", 100 * OF_BANDWIDTH),
        judge(used, OF_BANDWIDTH));
  }

  private static Target compile(Row row) {
    return new Target(
        String.format(Locale.ROOT, "<=%.0f ms", COMPILE_MILLIS),
        row.ours().map(ours -> ours.millis() <= COMPILE_MILLIS));
  }

  private static Optional<Boolean> judge(OptionalDouble actual, double least) {
    return actual.isPresent() ? Optional.of(actual.getAsDouble() >= least) : Optional.empty();
  }

  /** Both targets. */
  private Target and(Target other) {
    return new Target(
        text + ", " + other.text,
        reached.isPresent() && other.reached.isPresent()
            ? Optional.of(reached.get() && other.reached.get())
            : Optional.empty());
  }

  /** The last column of the table. */
  String verdict() {
    return reached.map(r -> r ? "reached" : "not reached").orElse("-");
  }
}
