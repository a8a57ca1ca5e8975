package dev.sightline.cli;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options of every command that runs a model: how long it may take, and how much it may hold.
 */
final class RunLimits {
  private static final Duration TIME = Duration.ofMinutes(10);
  private static final Duration MASK_TIME = Duration.ofMinutes(2);
  private static final int MEMORY_PERCENT = 80;
  private static final Duration LONGEST = Duration.ofDays(1000);

  private static final Pattern TIME_TEXT =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)\\s*(ms|s|min|m|h|)");
  private static final Pattern MEMORY_TEXT =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)\\s*([kmgt%])b?", Pattern.CASE_INSENSITIVE);

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      description =
          "Stop with exit code 2 after this time, such as 30s, 10min, 2h or none; 'heads', when one"
              + " batch takes this long. Default: 10min; 2min for questions about masks.")
  private @Nullable String time;

  @Option(
      names = "--memory-limit",
      paramLabel = "SIZE",
      description =
          "Stop with exit code 2 at this much memory, such as 4g, 50%% or none. Default: 80%% of"
              + " the machine's.")
  private @Nullable String memory;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  RunLimits() {}

  /** The options as they were given, for a command that runs for this one. */
  List<String> words() {
    return new CommandWords().add("--time-limit", time).add("--memory-limit", memory).list();
  }

  /**
   * Starts to watch a question about masks, which runs no model but may be about more cells than
   * can be counted in a useful time.
   *
   * @param question what may remain undecided, such as "whether the masks are equal"
   */
  Watchdog watchMask(String question) throws IOException {
    Optional<Duration> limit = time == null ? Optional.of(MASK_TIME) : time(time);
    return Watchdog.start(new Watchdog.Limits(limit, memory(), question + " was not decided"));
  }

  /** Starts to watch a command whose whole time is limited. */
  Watchdog watch() throws IOException {
    return watch("the command");
  }

  /**
   * Starts to watch.
   *
   * @param step what must be finished within the time limit
   */
  Watchdog watch(String step) throws IOException {
    return Watchdog.start(new Watchdog.Limits(time(), memory(), step + " was not finished"));
  }

  private Optional<Duration> time() {
    return time == null ? Optional.of(TIME) : time(time);
  }

  /** Without /proc there is a limit only if one was asked for, and then it is refused. */
  private OptionalLong memory() throws IOException {
    if (!Watchdog.knowsMemory()) {
      if (memory == null || memory.strip().equals("none")) {
        return OptionalLong.empty();
      }
      throw new IllegalArgumentException(
          "--memory-limit needs /proc/self/status, which this system does not have");
    }
    return memory("--memory-limit", memory == null ? MEMORY_PERCENT + "%" : memory);
  }

  /** Reads a duration; empty for {@code none}. */
  static Optional<Duration> time(String text) {
    if (text.strip().equals("none")) {
      return Optional.empty();
    }
    Matcher parts = TIME_TEXT.matcher(text.strip());
    if (parts.matches()) {
      long unit =
          switch (parts.group(2)) {
            case "ms" -> 1;
            case "min", "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 1000;
          };
      BigDecimal millis = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit));
      if (millis.signum() > 0 && millis.compareTo(BigDecimal.valueOf(LONGEST.toMillis())) <= 0) {
        return Optional.of(Duration.ofMillis(millis.setScale(0, RoundingMode.CEILING).longValue()));
      }
    }
    throw new IllegalArgumentException(
        "'"
            + text
            + "' is not a time for --time-limit; expected one such as 30s, 10min, 2h or none");
  }

  /** Reads an amount of memory or of a file, bytes; empty for {@code none}. */
  static OptionalLong memory(String option, String text) throws IOException {
    if (text.strip().equals("none")) {
      return OptionalLong.empty();
    }
    Matcher parts = MEMORY_TEXT.matcher(text.strip());
    if (parts.matches()) {
      BigDecimal number = new BigDecimal(parts.group(1));
      char unit = parts.group(2).toLowerCase(Locale.ROOT).charAt(0);
      BigDecimal size =
          unit == '%'
              ? number.multiply(BigDecimal.valueOf(MachineMemory.bytes())).movePointLeft(2)
              : number.multiply(BigDecimal.valueOf(1L << (10 * ("kmgt".indexOf(unit) + 1))));
      if (size.signum() > 0 && size.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0) {
        return OptionalLong.of(size.longValue());
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not a size for " + option + "; expected one such as 4g, 50% or none");
  }

  /** As in {@code 10 min}. */
  static String text(Duration time) {
    long millis = time.toMillis();
    if (millis % 3_600_000 == 0) {
      return millis / 3_600_000 + " h";
    }
    if (millis % 60_000 == 0) {
      return millis / 60_000 + " min";
    }
    return BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString() + " s";
  }

  /** As in {@code 1.5 GB}. */
  static String text(long bytes) {
    return bytes < 1 << 30
        ? String.format(Locale.ROOT, "%.0f MB", bytes / 0x1p20)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 0x1p30);
  }
}
