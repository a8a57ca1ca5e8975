package dev.sightline.report;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a build fails on, besides a FAIL, which it always does. */
public enum FailOn {
  /** The mask does not hold. */
  FAIL,
  /** Nothing is proved, or nothing could be asked. */
  INCONCLUSIVE,
  /** Results change by arithmetic. */
  ROUNDING,
  /** Right with padding on one side only. */
  PAD_SIDE;

  private String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Reads a list of words.
   *
   * @param list such as {@code fail,pad-side}
   * @return what they name
   * @throws IllegalArgumentException if one of them is none
   */
  public static Set<FailOn> parse(String list) {
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
                    + "' is nothing to fail on; expected some of "
                    + Arrays.stream(values()).map(FailOn::word).collect(Collectors.joining(","))));
  }

  /**
   * Tells whether a result is one of these.
   *
   * @param chosen what to fail on; a FAIL always is
   * @param result of an audit
   * @return whether the build fails
   */
  public static boolean isFailure(Set<FailOn> chosen, AuditResult result) {
    return result.conclusion().outcome() == Outcome.FAIL
        || chosen.stream().anyMatch(each -> each.isIn(result));
  }

  private boolean isIn(AuditResult result) {
    Outcome outcome = result.conclusion().outcome();
    return this == PAD_SIDE
        ? result.findings().stream().anyMatch(finding -> covers(finding.verdict().outcome()))
        : covers(outcome);
  }

  private boolean covers(Outcome outcome) {
    return switch (this) {
      case FAIL -> outcome == Outcome.FAIL;
      case INCONCLUSIVE -> outcome == Outcome.INCONCLUSIVE || outcome == Outcome.NO_DATA;
      case ROUNDING -> outcome == Outcome.ROUNDING;
      case PAD_SIDE -> outcome == Outcome.PAD_RIGHT_ONLY || outcome == Outcome.PAD_LEFT_ONLY;
    };
  }

  /**
   * Returns the findings that are of a kind to fail on.
   *
   * @param chosen what to fail on; a FAIL always is
   * @param result of an audit
   * @return its findings, in their order
   */
  public static List<Finding> findings(Set<FailOn> chosen, AuditResult result) {
    return result.findings().stream()
        .filter(finding -> {
          Outcome outcome = finding.verdict().outcome();
          return outcome == Outcome.FAIL || chosen.stream().anyMatch(each -> each.covers(outcome));
        })
        .toList();
  }
}
