package dev.sightline.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process when a command takes too long or holds too much memory, wherever it is. ONNX
 * Runtime and the tokenizer are native code that can hang or allocate without bound, and a thread
 * in native code cannot be interrupted; so a daemon thread looks at the clock and at the process's
 * memory, and halts the virtual machine with one line and exit code 2.
 *
 * <p>The loop allocates nothing: native code that holds an array of the heap can keep the garbage
 * collector from running, and a thread that allocates would wait for it.
 */
final class Watchdog implements AutoCloseable {
  private static final long SHORTEST_MILLIS = 10;
  private static final long LONGEST_MILLIS = 200;

  /** More than native code on a few cores fills with data, bytes in a millisecond. */
  private static final long FASTEST_GROWTH = 8L << 20;

  /** The launcher is looked for every second: asking for a process takes longer than a read. */
  private static final long LAUNCHER_MILLIS = 1000;

  /** Of the time limit. To look for the node and head of a leak takes a forward pass of each. */
  private static final int LATE_TENTHS = 8;

  private static final Path STATUS = Path.of("/proc/self/status");

  private final long timeLimitNanos;
  private final long memoryLimit;
  private final byte[] timeMessage;
  private final byte[] memoryMessage;
  private final @Nullable RandomAccessFile status;
  private final @Nullable ProcessHandle launcher;
  private final byte[] bytes = new byte[8192];
  private volatile long since = System.nanoTime();
  private volatile boolean closed;

  /**
   * Limits of a command.
   *
   * @param time the longest time, or empty for no limit
   * @param memory the most resident memory, bytes, or empty for no limit
   * @param step what was not done if the time is over, such as "the command was not finished"
   */
  record Limits(Optional<Duration> time, OptionalLong memory, String step) {}

  private Watchdog(Limits limits, @Nullable RandomAccessFile status) {
    this.timeLimitNanos = limits.time().map(Duration::toNanos).orElse(Long.MAX_VALUE);
    this.memoryLimit = limits.memory().orElse(Long.MAX_VALUE);
    this.timeMessage =
        message(
            limits.step()
                + " within "
                + limits.time().map(RunLimits::text).orElse("")
                + "; --time-limit allows more");
    this.memoryMessage =
        message(
            "more than "
                + RunLimits.text(memoryLimit)
                + " of memory were in use; --memory-limit allows more");
    this.status = status;
    this.launcher =
        Optional.ofNullable(Long.getLong("sightline.launcher"))
            .flatMap(ProcessHandle::of)
            .orElse(null);
  }

  /** Encoded before anything is wrong. On a terminal it takes the line of the progress bar. */
  private static byte[] message(String reason) {
    String clear = Boolean.getBoolean("sightline.progress") ? "\r\u001b[K" : "";
    return (clear + "sightline: stopped: " + reason + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Whether this system tells the memory of a process. */
  static boolean knowsMemory() {
    return Files.isReadable(STATUS);
  }

  /**
   * Starts watching the process.
   *
   * @throws IOException if there is a memory limit and the memory cannot be read
   */
  static Watchdog start(Limits limits) throws IOException {
    RandomAccessFile status =
        limits.memory().isPresent() ? new RandomAccessFile(STATUS.toFile(), "r") : null;
    Watchdog watchdog = new Watchdog(limits, status);
    Thread thread = Thread.ofPlatform().daemon().name("watchdog").unstarted(watchdog::watch);
    thread.start();
    return watchdog;
  }

  /** Begins the time anew, after a step that was finished. */
  void stepDone() {
    since = System.nanoTime();
  }

  /** Returns whether what is left of the time is needed to conclude from what was computed. */
  boolean isLate() {
    return System.nanoTime() - since > timeLimitNanos / 10 * LATE_TENTHS;
  }

  private void watch() {
    long sinceLauncher = 0;
    while (!closed) {
      if (System.nanoTime() - since > timeLimitNanos) {
        end(timeMessage);
      }
      long room = status == null ? Long.MAX_VALUE : memoryLimit - memory(status);
      if (room < 0) {
        end(memoryMessage);
      }
      if (sinceLauncher >= LAUNCHER_MILLIS && launcher != null) {
        sinceLauncher = 0;
        if (!launcher.isAlive()) {
          Runtime.getRuntime().halt(Sightline.CANNOT_RUN); // no reader is left
        }
      }
      // As often as the memory that is left can be filled.
      long pause = Math.clamp(room / FASTEST_GROWTH, SHORTEST_MILLIS, LONGEST_MILLIS);
      sinceLauncher += pause;
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Not System.exit: shutdown hooks would wait for what hangs. */
  private void end(byte[] message) {
    if (closed) {
      return;
    }
    System.err.write(message, 0, message.length);
    System.err.flush();
    Runtime.getRuntime().halt(Sightline.CANNOT_RUN);
  }

  /** Returns the resident memory and what of it was swapped out, bytes. */
  private long memory(RandomAccessFile status) {
    try {
      status.seek(0);
      int length = status.read(bytes, 0, bytes.length);
      return kilobytes("VmRSS:", length) + kilobytes("VmSwap:", length);
    } catch (IOException e) {
      return 0; // of a process that is ending
    }
  }

  private long kilobytes(String field, int length) {
    for (int at = 0; at + field.length() < length; at++) {
      if (startsWith(field, at)) {
        long value = 0;
        for (int i = at + field.length(); i < length && bytes[i] != '\n'; i++) {
          if (bytes[i] >= '0' && bytes[i] <= '9') {
            value = value * 10 + bytes[i] - '0';
          }
        }
        return value << 10;
      }
    }
    return 0;
  }

  private boolean startsWith(String field, int at) {
    for (int i = 0; i < field.length(); i++) {
      if (bytes[at + i] != field.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    if (status != null) {
      status.close();
    }
  }
}
