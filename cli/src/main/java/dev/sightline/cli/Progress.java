package dev.sightline.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on standard error. It is shown only if the launcher found that standard error is a
 * terminal and set the property {@code sightline.progress}: Java cannot find that out. It first
 * appears when there is progress to show.
 */
final class Progress implements AutoCloseable {
  private static final String PROPERTY = "sightline.progress";

  /** Lines such as "progress 3 of 6 texts" for the program that started this one. */
  private static final boolean FOR_PROGRAMS = "lines".equals(System.getProperty(PROPERTY));

  private static final long LINE_NANOS = 100_000_000;

  private final String task;
  private final String unit;
  private final long unitSize;
  private @Nullable ProgressBar bar;
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

  /** Moves the bar, and says something behind it. */
  void of(long done, long total, String message) {
    of(done, total);
    if (bar != null) {
      bar.setExtraMessage(message);
    }
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
