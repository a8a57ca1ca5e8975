package dev.sightline.bench.comparison;

import java.util.Locale;
import java.util.OptionalDouble;

/** The rows as text, in columns of fixed width: a row is printed before the next is measured. */
final class Table {
  private Table() {}

  static String header() {
    return line(
        "workload",
        "sightline ms",
        "libtorch ms",
        "ort-mha ms",
        "ort-attn ms",
        "x best",
        "x torch",
        "of max",
        "target",
        "");
  }

  static String legend() {
    return "ms: median of the rounds, +- half of their range. x best, x torch: how many times as"
        + " fast as the fastest peer and LibTorch, the median of the rounds' ratios.\n"
        + "of max: of the FMA peak, measured in the same rounds; for decode of the read"
        + " bandwidth. p: the share of the pairs that attend.";
  }

  static String row(Row row, Target target) {
    OptionalDouble used = OptionalDouble.empty();
    if (row.ours().isPresent()) {
      used = row.used(row.ours().get());
    }
    String threads =
        row.workload().kind() == WorkloadKind.SCALING
            ? ", " + row.threads() + (row.threads() == 1 ? " thread" : " threads")
            : "";
    return line(
        row.workload().label() + threads,
        millis(row, SightlineBackend.NAME),
        millis(row, LibTorchAttention.NAME),
        millis(row, OnnxRuntimeAttention.MULTI_HEAD),
        millis(row, OnnxRuntimeAttention.STANDARD),
        times(row.times(row.bestPeer())),
        times(row.timesAsFastAs(LibTorchAttention.NAME)),
        used.isPresent() ? String.format(Locale.ROOT, "%.0f%%", 100 * used.getAsDouble()) : "-",
        target.text(),
        target.verdict());
  }

  private static String line(Object... cells) {
    return String.format(Locale.ROOT, "%-40s %13s %13s %13s %13s %7s %8s %6s  %-38s  %s", cells)
        .stripTrailing();
  }

  private static String millis(Row row, String name) {
    if (row.entry(name).isPresent() && row.timing(name).isEmpty()) {
      return "wrong";
    }
    return row.timing(name).map(Table::millis).orElse("-");
  }

  /** Three significant digits and the spread. */
  private static String millis(Timing timing) {
    double millis = timing.millis();
    String format = millis < 1 ? "%.3f" : millis < 10 ? "%.2f" : millis < 100 ? "%.1f" : "%.0f";
    return String.format(
        Locale.ROOT, format + " +-%2.0f%%", millis, Math.min(99, 100 * timing.spread()));
  }

  private static String times(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.2f", value.getAsDouble()) : "-";
  }
}
