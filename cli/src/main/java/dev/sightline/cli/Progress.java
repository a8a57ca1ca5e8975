package dev.sightline.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on standard error. It is shown only if the launcher found that standard error is a
 * terminal and set the property {@code sightline.progress}: Java cannot find that out. It first
 * appears when there is progress to show. Work that has more to say than its progress prints a line
 * every 30 seconds where there is no bar.
 */
final class Progress implements AutoCloseable {
  private static final String PROPERTY = "sightline.progress";

  /** Lines such as "progress 3 of 6 texts" for the program that started this one. */
  private static final boolean FOR_PROGRAMS = "lines".equals(System.getProperty(PROPERTY));

  private static final long LINE_NANOS = 100_000_000;
  private static final long SLOW_LINE_NANOS = 30_000_000_000L;

  private final String task;
  private final String unit;
  private final long unitSize;
  private @Nullable ProgressBar bar;
  private long firstDone = -1;
  private long firstNanos;
  private long lastLine = System.nanoTime() - LINE_NANOS;

  private Progress(String task, String unit, long unitSize) {
    this.task = task;
    this.unit = unit;
    this.unitSize = unitSize;
  }

  static Progress bytes(String task) {
    return new Progress(task, " MB", 1_000_000);
  }

  static Progress texts(String task) {
    return new Progress(task, " texts", 1);
  }

  static Progress steps(String task) {
    return new Progress(task, " steps", 1);
  }

  /** Returns whether a bar is shown at all. */
  static boolean isShown() {
    return Boolean.getBoolean(PROPERTY);
  }

  /**
   * Moves the bar.
   *
   * @param total not positive if it is unknown
   */
  void of(long done, long total) {
    if (FOR_PROGRAMS) {
      printLine(done, total);
    }
    if (!isShown()) {
      return;
    }
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total > 0 ? total : -1)
              .setUnit(unit, unitSize)
              .setStyle(ProgressBarStyle.ASCII)
              .showSpeed()
              .setUpdateIntervalMillis(200)
              .setConsumer(new ConsoleProgressBarConsumer(System.err))
              .build();
    }
    if (total > 0) {
      bar.maxHint(total); // an estimate gets better on the way
    }
    bar.stepTo(done);
  }

  /** Moves the bar, and adds a message; without a bar prints both as a line from time to time. */
  void of(long done, long total, String message) {
    of(done, total);
    if (bar != null) {
      bar.setExtraMessage(message);
      return;
    }
    long now = System.nanoTime();
    if (firstDone < 0) {
      firstDone = done;
      firstNanos = now;
      lastLine = now;
    } else if (!FOR_PROGRAMS && (now - lastLine >= SLOW_LINE_NANOS || done == total)) {
      lastLine = now;
      System.err.println(line(done, total, message, now - firstNanos));
    }
  }

  /** What was done before this process began says nothing about its speed. */
  String line(long done, long total, String message, long nanos) {
    long minutes =
        Math.ceilDiv((total - done) * (nanos / 1_000_000) / Math.max(1, done - firstDone), 60_000);
    String left = done == total ? "" : "; about %,d min left".formatted(minutes);
    return "%s: %,d of %,d%s, %s%s".formatted(task, done, total, unit, message, left);
  }

  private void printLine(long done, long total) {
    long now = System.nanoTime();
    if (now - lastLine >= LINE_NANOS || done == total) {
      lastLine = now;
      System.err.println(line(done, total));
    }
  }

  /** A total that is not known is 0. */
  String line(long done, long total) {
    return "progress " + done / unitSize + " of " + Math.max(0, total) / unitSize + unit;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
