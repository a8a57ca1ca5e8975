package dev.sightline.report.text;

import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.Comparison.Conclusion;
import dev.sightline.lab.result.Comparison.Difference;
import dev.sightline.lab.result.Comparison.Interval;
import dev.sightline.lab.result.LabRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What results of the lab say, in English. */
public final class LabText {
  private LabText() {}

  /**
   * Returns what a condition or a baseline is.
   *
   * @param policy which policy
   * @param condition its name
   * @return words for a row of a table
   */
  public static String condition(LabRun.Kind policy, String condition) {
    String subtask = policy == LabRun.Kind.PI05 ? ", no subtask" : "";
    return switch (condition) {
      case "as-trained" -> "padding as in training" + subtask;
      case "none" -> "alone, no padding" + subtask;
      case "long" -> "beside a much longer instruction" + subtask;
      case "foreign" -> "another instruction at padding" + subtask;
      case "decoded-subtask" -> "subtask decoded first";
      case "other-mask" -> "run under the mask it was not trained with";
      case "untrained" -> "untrained policy";
      case "other-instruction" -> "trained, another task's instruction";
      case "guess" -> "expert that guesses the instruction";
      case "expert" -> "expert";
      default -> condition;
    };
  }

  /**
   * Returns the question that a comparison asks.
   *
   * @param comparison the comparison
   * @return a question
   */
  public static String question(Comparison comparison) {
    return switch (comparison.policy()) {
      case GROOT -> "Does it matter whether the action head masks the padding of its instructions?";
      case PI05 ->
          "What does it cost if actions see in training what is not there when they are run?";
    };
  }

  /**
   * Returns the answer, by rules that were fixed before the run: a sentence for each mask about the
   * main condition, and one for each condition in which the answer is another one, or the
   * difference another by more than the margin.
   *
   * @param comparison the comparison
   * @return sentences
   */
  public static List<String> answer(Comparison comparison) {
    List<String> sentences = new ArrayList<>();
    List<Difference> all = comparison.differences();
    for (String mask : comparison.masks().subList(1, comparison.masks().size())) {
      List<Difference> own = all.stream().filter(d -> d.mask().equals(mask)).toList();
      Difference main = own.getFirst();
      sentences.add(sentence(comparison, main));
      own.stream()
          .skip(1)
          .filter(d -> isOther(d, main))
          .forEach(d -> sentences.add(sentence(comparison, d)));
    }
    return sentences;
  }

  private static boolean isOther(Difference difference, Difference main) {
    double farther = Math.abs(difference.success().mean() - main.success().mean());
    return difference.conclusion() != main.conclusion() || farther > Comparison.SUCCESS_MARGIN;
  }

  private static String sentence(Comparison comparison, Difference difference) {
    String subject = comparison.policy().varied() + "=" + difference.mask();
    String first = comparison.masks().getFirst();
    String what =
        switch (difference.conclusion()) {
          case HELPS -> " helps";
          case HARMS -> " harms";
          case NO_DIFFERENCE -> " makes no difference within the margin";
          case UNDECIDED -> " is undecided";
        };
    return subject
        + what
        + ": success "
        + points(difference.success())
        + " against "
        + first
        + ", "
        + condition(comparison.policy(), difference.condition())
        + ".";
  }

  /**
   * Returns a conclusion in a word or a few.
   *
   * @param conclusion the conclusion
   * @return such as {@code harms}
   */
  public static String word(Conclusion conclusion) {
    return switch (conclusion) {
      case HELPS -> "helps";
      case HARMS -> "harms";
      case NO_DIFFERENCE -> "no difference";
      case UNDECIDED -> "undecided";
    };
  }

  /**
   * Returns the rules in sentences.
   *
   * @return one rule each
   */
  public static List<String> rules() {
    return List.of(
        "Success: the hand is within 0.15 of each goal when it has to be; the plane is 2 wide.",
        "Differences are paired by seed and task; intervals are two-level bootstrap intervals at"
            + " 95 %.",
        "Margin, declared before: %s percentage points of success."
            .formatted(whole(100 * Comparison.SUCCESS_MARGIN)),
        "The interval is within the margin: no difference. Else it is above 0: helps; below 0:"
            + " harms; around 0: undecided.",
        "The answer is about the first condition; others are named where they conclude otherwise,"
            + " or differ from it by more than the margin.",
        "Few seeds make such an interval too narrow: read one that ends near 0 as undecided.");
  }

  /**
   * Returns a share with its interval in percent.
   *
   * @param share from 0 to 1
   * @return such as {@code 93.1 % [91.0, 95.2]}
   */
  public static String percent(Interval share) {
    return String.format(
        Locale.ROOT,
        "%.1f %% [%.1f, %.1f]",
        100 * share.mean(),
        100 * share.low(),
        100 * share.high());
  }

  /**
   * Returns a difference of shares with its interval in percentage points.
   *
   * @param difference from -1 to 1
   * @return such as {@code -3.1 points [-5.0, -1.2]}
   */
  public static String points(Interval difference) {
    return String.format(
        Locale.ROOT,
        "%+.1f points [%+.1f, %+.1f]",
        100 * difference.mean(),
        100 * difference.low(),
        100 * difference.high());
  }

  /**
   * Returns a distance with its interval.
   *
   * @param distance in the plane
   * @return such as {@code 0.041 [0.035, 0.048]}
   */
  public static String distance(Interval distance) {
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f]", distance.mean(), distance.low(), distance.high());
  }

  /**
   * Returns a difference of distances with its interval.
   *
   * @param difference in the plane
   * @return such as {@code +0.041 [+0.035, +0.048]}
   */
  public static String farther(Interval difference) {
    return String.format(
        Locale.ROOT,
        "%+.3f [%+.3f, %+.3f]",
        difference.mean(),
        difference.low(),
        difference.high());
  }

  /**
   * Returns what a share of attention on padding is said to mean by two pairs of thresholds that
   * are in use.
   *
   * @param share from 0 to 1
   * @return a sentence
   */
  public static String attention(double share) {
    return "by the thresholds 0.01 and 0.1 that is %s, by 0.001 and 0.01 %s"
        .formatted(level(share, 0.01, 0.1), level(share, 0.001, 0.01));
  }

  private static String level(double share, double low, double high) {
    return share < low ? "negligible" : share < high ? "moderate" : "large";
  }

  private static String whole(double number) {
    return Long.toString(Math.round(number));
  }
}
