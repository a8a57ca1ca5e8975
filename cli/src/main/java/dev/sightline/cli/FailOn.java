package dev.sightline.cli;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What besides a FAIL gives the exit code 1: the dial of {@code --fail-on}. */
enum FailOn {
  FAIL,
  INCONCLUSIVE,
  ROUNDING,
  PAD_SIDE;

  private String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Reads a list of words.
   *
   * @throws IllegalArgumentException if one of them is none
   */
  static Set<FailOn> parse(String list) {
    return Arrays.stream(list.split(",", -1)).map(FailOn::one).collect(Collectors.toSet());
  }

  private static FailOn one(String word) {
    return Arrays.stream(values())
        .filter(each -> each.word().equalsIgnoreCase(word.strip()))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'"
                    + word.strip()
                    + "' is nothing to fail on; expected --fail-on with some of "
                    + Arrays.stream(values()).map(FailOn::word).collect(Collectors.joining(","))));
  }

  /** Whether a result is one of these. A FAIL always is. */
  static boolean isFailure(Set<FailOn> chosen, AuditResult result) {
    return result.conclusion().outcome() == Outcome.FAIL
        || chosen.stream().anyMatch(each -> each.isIn(result));
  }

  private boolean isIn(AuditResult result) {
    Outcome outcome = result.conclusion().outcome();
    return switch (this) {
      case FAIL -> outcome == Outcome.FAIL;
      case INCONCLUSIVE -> outcome == Outcome.INCONCLUSIVE || outcome == Outcome.NO_DATA;
      case ROUNDING -> outcome == Outcome.ROUNDING;
      case PAD_SIDE ->
          result.findings().stream()
              .map(finding -> finding.verdict().outcome())
              .anyMatch(o -> o == Outcome.PAD_RIGHT_ONLY || o == Outcome.PAD_LEFT_ONLY);
    };
  }
}
