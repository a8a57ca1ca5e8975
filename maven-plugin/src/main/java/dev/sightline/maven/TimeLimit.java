package dev.sightline.maven;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How long a process may run.
 *
 * @param text as it was given
 * @param time more than 0; null for no limit
 */
record TimeLimit(String text, @Nullable Duration time) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,6}) ?(s|min|h)");

  /**
   * Reads {@code 90s}, {@code 10min}, {@code 2h} or {@code none}.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  static TimeLimit parse(String text) {
    String limit = text.strip();
    if (limit.equals("none")) {
      return new TimeLimit(limit, null);
    }
    Matcher parts = FORM.matcher(limit);
    if (parts.matches()) {
      long count = Long.parseLong(parts.group(1));
      long seconds =
          switch (parts.group(2)) {
            case "h" -> 3600;
            case "min" -> 60;
            default -> 1;
          };
      if (count > 0) {
        return new TimeLimit(limit, Duration.ofSeconds(count * seconds));
      }
    }
    throw new IllegalArgumentException(
        "'"
            + text
            + "' is not a time for <timeLimit>; expected one such as 90s, 10min, 2h or none");
  }
}
