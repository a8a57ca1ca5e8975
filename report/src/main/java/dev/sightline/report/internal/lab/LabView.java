package dev.sightline.report.internal.lab;

import dev.sightline.lab.LabMasks;
import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.Comparison.Conclusion;
import dev.sightline.lab.result.Comparison.Difference;
import dev.sightline.lab.result.LabResult;
import dev.sightline.lab.result.LabRun;
import dev.sightline.lab.result.PaddingUse;
import dev.sightline.lab.result.Results;
import dev.sightline.lab.result.Rollout;
import dev.sightline.mask.BoundMask;
import dev.sightline.report.internal.mask.GridSvg;
import dev.sightline.report.internal.mask.MaskGrid;
import dev.sightline.report.text.LabTable;
import dev.sightline.report.text.LabText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the page of a comparison says. The records are public so that FreeMarker can read them; the
 * class is not.
 */
public final class LabView {
  private static final int LARGEST_GRID = 64;

  private LabView() {}

  /**
   * The page.
   *
   * @param badge the conclusion about the main condition
   * @param arms the names of the masks, for legends
   * @param rows all results, by condition
   * @param padding what the action heads do with padding; none for other policies
   * @param command the command line that repeats it; null if unknown
   */
  public record Page(
      String name,
      String question,
      Badge badge,
      List<String> answer,
      List<Fact> facts,
      List<Arm> arms,
      DotPlot dots,
      List<Row> rows,
      List<Row> baselines,
      List<Changed> differences,
      List<CurvePlot> curves,
      List<PaddingRow> padding,
      List<Drawn> masks,
      List<Drawn> rollouts,
      List<Cost> costs,
      List<String> rules,
      @Nullable String command,
      String writtenBy) {}

  /** A word with a colour and an icon. */
  public record Badge(String word, String css) {}

  /** A label and what it is. */
  public record Fact(String label, String value) {}

  /**
   * A mask in legends.
   *
   * @param css the class of its colour and form
   */
  public record Arm(String name, String css) {}

  /** The results of each mask under a condition. */
  public record Row(String condition, List<Cell> cells) {}

  /** The results of a mask. */
  public record Cell(String arm, String success, String endError) {}

  /** How a mask differs from the first. */
  public record Changed(
      String condition, String arm, String success, String endError, Badge badge) {}

  /** What a mask's policy does with padding. */
  public record PaddingRow(String arm, String attention, String meaning, String norm) {}

  /** A picture in an SVG document, as a data URI. */
  public record Drawn(String title, List<String> images, String alt) {}

  /** What a mask costs. */
  public record Cost(String arm, String words) {}

  static Page of(Comparison comparison, String command, String version) {
    LabRun first = comparison.results().getFirst().run();
    List<Difference> differences = comparison.differences();
    return new Page(
        comparison.policy().id() + ": " + String.join(" / ", comparison.masks()),
        LabText.question(comparison),
        badge(differences.getFirst().conclusion()),
        LabText.answer(comparison),
        facts(comparison, first),
        arms(comparison),
        DotPlot.of(comparison),
        rows(comparison, comparison.conditions()),
        rows(
            comparison,
            comparison.results().getFirst().baselines().stream().map(Results::condition).toList()),
        differences.stream().map(difference -> changed(comparison, difference)).toList(),
        List.of(
            CurvePlot.of(comparison, "Loss in training", LabResult::training),
            CurvePlot.of(comparison, "Loss of held tasks", LabResult::held)),
        padding(comparison),
        masks(comparison),
        rollouts(comparison),
        comparison.costs().entrySet().stream()
            .map(each -> new Cost(each.getKey(), LabTable.costs(each.getValue())))
            .toList(),
        LabText.rules(),
        command.isBlank() ? null : command,
        "sightline lab compare" + (version.isEmpty() ? "" : " " + version));
  }

  private static Badge badge(Conclusion conclusion) {
    String css =
        switch (conclusion) {
          case HELPS -> "pass";
          case HARMS -> "fail";
          case NO_DIFFERENCE -> "no-data";
          case UNDECIDED -> "inconclusive";
        };
    return new Badge(LabText.word(conclusion), css);
  }

  private static List<Fact> facts(Comparison comparison, LabRun run) {
    int tasks = comparison.results().getFirst().conditions().getFirst().success().size();
    return List.of(
        new Fact("What differs", comparison.policy().varied() + ": the mask alone"),
        new Fact(
            "Trained",
            String.format(
                Locale.ROOT,
                "%d policies: %d masks with %d seeds each, %,d steps",
                comparison.results().size(),
                comparison.masks().size(),
                comparison.seeds().size(),
                run.steps())),
        new Fact(
            "Tasks",
            String.format(
                Locale.ROOT,
                "%d for each policy, with instructions that were not trained on; %d instructions"
                    + " in training",
                tasks,
                run.texts())),
        new Fact(
            "Margin",
            String.format(
                Locale.ROOT,
                "%.0f percentage points of success, declared before",
                100 * Comparison.SUCCESS_MARGIN)));
  }

  static List<Arm> arms(Comparison comparison) {
    List<Arm> arms = new ArrayList<>();
    for (String mask : comparison.masks()) {
      arms.add(new Arm(mask, "arm-" + arms.size() % 4));
    }
    return arms;
  }

  private static List<Row> rows(Comparison comparison, List<String> conditions) {
    return conditions.stream()
        .map(condition ->
            new Row(
                LabText.condition(comparison.policy(), condition),
                comparison.masks().stream()
                    .map(mask ->
                        new Cell(
                            mask,
                            LabText.percent(comparison.success(mask, condition)),
                            LabText.distance(comparison.endError(mask, condition))))
                    .toList()))
        .toList();
  }

  private static Changed changed(Comparison comparison, Difference difference) {
    return new Changed(
        LabText.condition(comparison.policy(), difference.condition()),
        difference.mask(),
        LabText.points(difference.success()),
        LabText.farther(difference.endError()),
        badge(difference.conclusion()));
  }

  private static List<PaddingRow> padding(Comparison comparison) {
    List<PaddingRow> rows = new ArrayList<>();
    for (String mask : comparison.masks()) {
      List<PaddingUse> uses =
          comparison.of(mask).stream().flatMap(r -> r.padding().stream()).toList();
      if (!uses.isEmpty()) {
        double share = uses.stream().mapToDouble(PaddingUse::attention).average().orElseThrow();
        rows.add(
            new PaddingRow(
                mask,
                String.format(Locale.ROOT, "%.2f %%", 100 * share),
                LabText.attention(share),
                String.format(Locale.ROOT, "%.2f", uses.getFirst().norm())));
      }
    }
    return rows;
  }

  private static List<Drawn> masks(Comparison comparison) {
    List<Drawn> drawn = new ArrayList<>();
    for (String mask : comparison.masks()) {
      List<String> images = new ArrayList<>();
      for (BoundMask example : LabMasks.examples(comparison.policy(), mask)) {
        images.add(image(GridSvg.of(List.of(MaskGrid.of(example, 0, 0, List.of(), LARGEST_GRID)))));
      }
      drawn.add(new Drawn(mask, images, "Which key each query may attend to under " + mask));
    }
    return drawn;
  }

  private static List<Drawn> rollouts(Comparison comparison) {
    List<Drawn> drawn = new ArrayList<>();
    for (String mask : comparison.masks()) {
      List<Rollout> rollouts = comparison.of(mask).getFirst().rollouts();
      long reached = rollouts.stream().filter(Rollout::success).count();
      drawn.add(
          new Drawn(
              mask,
              List.of(image(RolloutSvg.document(rollouts))),
              mask + ": " + reached + " of " + rollouts.size() + " tasks reached"));
    }
    return drawn;
  }

  private static String image(String svg) {
    return "data:image/svg+xml;base64,"
        + Base64.getEncoder().encodeToString(svg.getBytes(StandardCharsets.UTF_8));
  }
}
