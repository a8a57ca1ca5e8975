package dev.sightline.bench.comparison;

import java.util.Locale;
import java.util.OptionalDouble;

/** The rows as text, in columns of fixed width: a row is printed before the next is measured. */
enum Table {
  FORWARD(
      "x torch, x ort: how many times as fast as LibTorch and as the fastest of ONNX Runtime's"
          + " operators, the median of the rounds' ratios.\n"
          + "of max: of the FMA peak, the probe's best in the same rounds; for decode of the read"
          + " bandwidth."),
  /** ONNX Runtime computes no gradients. */
  BACKWARD(
      "x torch: how many times as fast as LibTorch's autograd, the median of the rounds' ratios.\n"
          + "backward: gradients from the output and log-sum-exp of a forward pass that both ran"
          + " before; fwd+bwd: both passes.\n"
          + "of max: of the FMA peak, the probe's best in the same rounds, with five products of"
          + " matrices backward and two forward.");

  private final String legend;

  Table(String legend) {
    this.legend = legend;
  }

  String header() {
    return line(
        "workload",
        "sightline",
        "libtorch",
        "ort-mha",
        "ort-attn",
        "ort-gqa",
        "x torch",
        "x ort",
        "of max",
        "target",
        "");
  }

  String legend() {
    return "Milliseconds: median of the rounds, +- half of their range. "
        + legend
        + " p: the share of the pairs that attend.";
  }

  String row(Row row, Target target) {
    OptionalDouble used = OptionalDouble.empty();
    if (row.ours().isPresent()) {
      used = row.used(row.ours().get());
    }
    String threads =
        row.workload().kind().namesThreads()
            ? ", " + row.threads() + (row.threads() == 1 ? " thread" : " threads")
            : "";
    return line(
        row.workload().label() + threads,
        millis(row, Entrant.SIGHTLINE),
        millis(row, Entrant.LIBTORCH),
        millis(row, Entrant.ORT_MULTI_HEAD),
        millis(row, Entrant.ORT_ATTENTION),
        millis(row, Entrant.ORT_GROUP_QUERY),
        times(row.timesAsFastAs(Entrant.LIBTORCH)),
        times(row.times(row.bestOfOnnxRuntime())),
        used.isPresent() ? String.format(Locale.ROOT, "%.0f%%", 100 * used.getAsDouble()) : "-",
        target.text(),
        target.verdict());
  }

  private String line(Object... cells) {
    String format =
        this == FORWARD
            ? "%-34s %10s %10s %10s %10s %10s %8s %6s %6s  %-28s  %s"
            : "%1$-46s %2$10s %3$10s %7$8s %9$6s  %10$-16s  %11$s";
    return String.format(Locale.ROOT, format, cells).stripTrailing();
  }

  private static String millis(Row row, Entrant entrant) {
    if (row.entry(entrant).isPresent() && row.timing(entrant).isEmpty()) {
      return "wrong";
    }
    return row.timing(entrant).map(Table::millis).orElse("-");
  }

  /** Three significant digits and the spread. */
  private static String millis(Timing timing) {
    double millis = timing.millis();
    String format = millis < 1 ? "%.3f" : millis < 10 ? "%.2f" : millis < 100 ? "%.1f" : "%.0f";
    return String.format(
        Locale.ROOT, format + "+-%2.0f%%", millis, Math.min(99, 100 * timing.spread()));
  }

  private static String times(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.2f", value.getAsDouble()) : "-";
  }
}
