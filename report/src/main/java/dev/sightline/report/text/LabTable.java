package dev.sightline.report.text;

import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.Comparison.Difference;
import dev.sightline.lab.result.Costs;
import dev.sightline.lab.result.Curve;
import dev.sightline.lab.result.LabResult;
import dev.sightline.lab.result.Results;
import dev.sightline.lab.result.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Results of the lab for a terminal. */
public final class LabTable {
  private LabTable() {}

  /**
   * Returns a loss in words.
   *
   * @param loss of a step
   * @return such as {@code loss 0.1234}
   */
  public static String loss(double loss) {
    return String.format(Locale.ROOT, "loss %.4f", loss);
  }

  /**
   * Returns what a training came to.
   *
   * @param result the result
   * @return lines
   */
  public static List<String> lines(LabResult result) {
    List<String> lines = new ArrayList<>();
    lines.add(result.run().words());
    lines.add(
        "  last "
            + loss(last(result.training()))
            + ", of held tasks "
            + String.format(Locale.ROOT, "%.4f", last(result.held())));
    lines.add(String.format(Locale.ROOT, "  %-52s %8s %12s", "", "SUCCESS", "END ERROR"));
    for (Results results :
        Stream.concat(result.conditions().stream(), result.baselines().stream()).toList()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %-52s %6.1f %% %12.3f",
              LabText.condition(result.run().policy(), results.condition()),
              100 * results.successRate(),
              results.meanEndError()));
      Double subtasks = results.subtasks();
      if (subtasks != null) {
        lines.add(
            String.format(
                Locale.ROOT, "  %-52s %6.1f %%", "  subtasks decoded right", 100 * subtasks));
      }
    }
    result
        .padding()
        .ifPresent(use ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "  attention on padding %.2f %%, norm at padding %.2f of that at tokens",
                    100 * use.attention(),
                    use.norm())));
    lines.add("  " + costs(result.costs()));
    return lines;
  }

  private static double last(Curve curve) {
    return curve.losses().isEmpty() ? Double.NaN : curve.losses().getLast();
  }

  /**
   * Returns what a comparison came to: the answer, then tables.
   *
   * @param comparison the comparison
   * @return lines
   */
  public static List<String> lines(Comparison comparison) {
    List<String> lines = new ArrayList<>(LabText.answer(comparison));
    lines.add("");
    String row = "  %-46s %-20s %22s %24s";
    lines.add(String.format(Locale.ROOT, row, "", "MASK", "SUCCESS", "END ERROR"));
    for (String condition : rows(comparison)) {
      for (String mask : comparison.masks()) {
        lines.add(
            String.format(
                Locale.ROOT,
                row,
                LabText.condition(comparison.policy(), condition),
                mask,
                LabText.percent(comparison.success(mask, condition)),
                LabText.distance(comparison.endError(mask, condition))));
      }
    }
    lines.add("");
    for (Difference difference : comparison.differences()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %-46s %-20s %32s  %s",
              LabText.condition(comparison.policy(), difference.condition()),
              difference.mask(),
              LabText.points(difference.success()),
              LabText.word(difference.conclusion())));
    }
    lines.add("");
    comparison
        .costs()
        .forEach((mask, costs) ->
            lines.add(String.format(Locale.ROOT, "  %-20s %s", mask, costs(costs))));
    return lines;
  }

  /**
   * Returns the conditions and the baselines of a comparison.
   *
   * @param comparison the comparison
   * @return their names
   */
  public static List<String> rows(Comparison comparison) {
    return Stream.concat(
            comparison.conditions().stream(),
            comparison.results().getFirst().baselines().stream().map(Results::condition))
        .toList();
  }

  /**
   * Returns costs in words.
   *
   * @param costs the costs
   * @return such as {@code 81 ms a step, 25 ms an action chunk, 330,510 parameters, 850 MB}
   */
  public static String costs(Costs costs) {
    return String.format(
        Locale.ROOT,
        "%.0f ms a step, %.1f ms an action chunk, %,d parameters, %,d MB",
        costs.stepMillis(),
        costs.actionMillis(),
        costs.parameters(),
        costs.memoryBytes() / 1_000_000);
  }

  /**
   * Returns a line for each rollout.
   *
   * @param rollouts the rollouts
   * @return lines
   */
  public static List<String> rollouts(List<Rollout> rollouts) {
    return rollouts.stream()
        .map(rollout -> (rollout.success() ? "  reached  " : "  missed   ") + rollout.instruction())
        .toList();
  }
}
