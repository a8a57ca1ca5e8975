package dev.sightline.report.internal.lab;

import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.Comparison.Interval;
import dev.sightline.report.text.LabText;
import java.util.ArrayList;
import java.util.List;

/**
 * Success under each condition: a dot for each mask, with its interval. Coordinates are in px.
 *
 * @param width of the picture
 * @param height of the picture
 * @param left where 0 % is
 * @param right where 100 % is
 * @param ticks of the axis
 * @param rows one for each condition
 */
public record DotPlot(
    int width, int height, int left, int right, List<Tick> ticks, List<Row> rows) {
  private static final int WIDTH = 860;
  private static final int LEFT = 320;
  private static final int RIGHT = 840;
  private static final int TOP = 14;
  private static final int DOT = 16;
  private static final int GAP = 18;

  /** A number of the axis. */
  public record Tick(double x, String label) {}

  /** A condition. */
  public record Row(String label, double y, List<Dot> dots) {}

  /**
   * A mean with its interval.
   *
   * @param words for those who do not see it
   */
  public record Dot(String css, double x, double low, double high, double y, String words) {}

  static DotPlot of(Comparison comparison) {
    List<LabView.Arm> arms = LabView.arms(comparison);
    List<Row> rows = new ArrayList<>();
    double y = TOP;
    for (String condition : comparison.conditions()) {
      String label = LabText.condition(comparison.policy(), condition);
      List<Dot> dots = new ArrayList<>();
      for (LabView.Arm arm : arms) {
        Interval success = comparison.success(arm.name(), condition);
        dots.add(
            new Dot(
                arm.css(),
                x(success.mean()),
                x(success.low()),
                x(success.high()),
                y + DOT / 2.0 + DOT * dots.size(),
                arm.name() + ", " + label + ": " + LabText.percent(success)));
      }
      rows.add(new Row(label, y + DOT * arms.size() / 2.0, dots));
      y += DOT * arms.size() + GAP;
    }
    List<Tick> ticks = new ArrayList<>();
    for (int percent = 0; percent <= 100; percent += 20) {
      ticks.add(new Tick(x(percent / 100.0), percent + " %"));
    }
    return new DotPlot(WIDTH, (int) y + 24, LEFT, RIGHT, ticks, rows);
  }

  private static double x(double share) {
    return Math.round(10 * (LEFT + share * (RIGHT - LEFT))) / 10.0;
  }
}
