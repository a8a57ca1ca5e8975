package dev.sightline.report.internal.lab;

import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.Curve;
import dev.sightline.lab.result.LabResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Losses over the steps, on a logarithmic axis: a line for each seed. Coordinates are in px.
 *
 * @param title what is drawn
 * @param width of the picture
 * @param height of the picture
 * @param left where the first step is
 * @param bottom where the smallest loss is
 * @param ticks of the axis of losses
 * @param steps of the axis of steps
 * @param lines one for each mask and seed
 */
public record CurvePlot(
    String title,
    int width,
    int height,
    int left,
    int bottom,
    List<Tick> ticks,
    List<Tick> steps,
    List<Line> lines) {
  private static final int WIDTH = 540;
  private static final int HEIGHT = 300;
  private static final int LEFT = 56;
  private static final int BOTTOM = 268;
  private static final int TOP = 12;

  /** A number of an axis. */
  public record Tick(double at, String label) {}

  /**
   * A curve.
   *
   * @param css the class of its mask
   * @param points as SVG has them
   */
  public record Line(String css, String points) {}

  static CurvePlot of(Comparison comparison, String title, Function<LabResult, Curve> curve) {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    int last = 1;
    for (LabResult result : comparison.results()) {
      for (float loss : curve.apply(result).losses()) {
        // A loss of 0 or without a number has no place on a logarithmic axis.
        if (loss > 0 && loss < Float.POSITIVE_INFINITY) {
          least = Math.min(least, loss);
          most = Math.max(most, loss);
        }
      }
      last = Math.max(last, result.run().steps());
    }
    Scale scale = new Scale(Math.min(least, most), most, last);
    List<Line> lines = new ArrayList<>();
    for (LabView.Arm arm : LabView.arms(comparison)) {
      for (LabResult result : comparison.of(arm.name())) {
        lines.add(new Line(arm.css(), scale.points(curve.apply(result))));
      }
    }
    return new CurvePlot(title, WIDTH, HEIGHT, LEFT, BOTTOM, scale.losses(), scale.steps(), lines);
  }

  private record Scale(double least, double most, int last) {
    double x(int step) {
      return LEFT + (double) step / last * (WIDTH - LEFT - 16);
    }

    double y(double loss) {
      if (!(most > least)) {
        return BOTTOM;
      }
      double share = Math.log(Math.clamp(loss, least, most) / least) / Math.log(most / least);
      return BOTTOM - share * (BOTTOM - TOP);
    }

    String points(Curve curve) {
      StringBuilder points = new StringBuilder();
      for (int i = 0; i < curve.steps().size(); i++) {
        float loss = curve.losses().get(i);
        if (loss > 0 && loss < Float.POSITIVE_INFINITY) {
          points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(curve.steps().get(i)), y(loss)));
        }
      }
      return points.toString().strip();
    }

    List<Tick> losses() {
      List<Tick> ticks = new ArrayList<>();
      for (double power = 1e-4; power < 100; power *= 10) {
        for (int digit : new int[] {1, 2, 5}) {
          double loss = digit * power;
          if (loss >= least && loss <= most) {
            ticks.add(new Tick(y(loss), String.format(Locale.ROOT, "%.3g", loss)));
          }
        }
      }
      return ticks;
    }

    List<Tick> steps() {
      List<Tick> ticks = new ArrayList<>();
      for (int quarter = 0; quarter <= 4; quarter++) {
        int step = (int) ((long) last * quarter / 4);
        ticks.add(new Tick(x(step), String.format(Locale.ROOT, "%,d", step)));
      }
      return ticks;
    }
  }
}
