package dev.sightline.report.internal.lab;

import dev.sightline.lab.result.Rollout;
import dev.sightline.lab.result.Rollout.Item;
import dev.sightline.lab.result.Rollout.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws tasks and paths as SVG: one square for each task, its instruction below. */
public final class RolloutSvg {
  /** The side of a square, px. */
  private static final int SIDE = 200;

  private static final int LINE = 15;
  private static final int LINES = 4;
  private static final int GAP = 18;
  private static final int COLUMNS = 3;
  private static final int LINE_LENGTH = 34;

  /** What is drawn of the plane, from -REACH to REACH. */
  private static final double REACH = 1.2;

  private static final Map<String, String> COLOURS =
      Map.of("red", "#c62828", "green", "#2e7d32", "blue", "#1565c0", "yellow", "#f2b200");

  private RolloutSvg() {}

  /** Returns a document with all tasks, three in a row. */
  public static String document(List<Rollout> rollouts) {
    int rows = (rollouts.size() + COLUMNS - 1) / COLUMNS;
    int cellHeight = SIDE + LINES * LINE + GAP;
    int width = COLUMNS * (SIDE + GAP) + GAP;
    int height = rows * cellHeight + GAP;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                .formatted(width, height, width, height)
            + " font-family=\"sans-serif\" font-size=\"11\" role=\"img\""
            + " aria-label=\"Tasks and paths\">");
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
    for (int i = 0; i < rollouts.size(); i++) {
      int x = GAP + i % COLUMNS * (SIDE + GAP);
      int y = GAP + i / COLUMNS * cellHeight;
      svg.append("<g transform=\"translate(%d %d)\">".formatted(x, y));
      // An inner document cuts off what leaves its square.
      svg.append("<svg width=\"%d\" height=\"%d\">".formatted(SIDE, SIDE));
      scene(svg, rollouts.get(i));
      svg.append("</svg>");
      words(svg, rollouts.get(i));
      svg.append("</g>");
    }
    return svg.append("</svg>\n").toString();
  }

  private static void scene(StringBuilder svg, Rollout rollout) {
    svg.append(
        "<rect width=\"%d\" height=\"%d\" fill=\"#fafafa\" stroke=\"#bbb\"/>"
            .formatted(SIDE, SIDE));
    for (Item item : rollout.things()) {
      thing(svg, item);
    }
    for (Point goal : rollout.goals()) {
      svg.append(
          "<circle cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"none\" stroke=\"#555\" stroke-dasharray=\"3 2\"/>"
              .formatted(x(goal.x()), y(goal.y()), number(0.15 * SIDE / (2 * REACH))));
    }
    Point start = new Point(rollout.startX(), rollout.startY());
    path(
        svg,
        start,
        rollout.expert(),
        "stroke=\"#777\" stroke-width=\"1.5\" stroke-dasharray=\"4 3\"");
    path(
        svg,
        start,
        rollout.policy(),
        "stroke=\"%s\" stroke-width=\"2\"".formatted(rollout.success() ? "#00695c" : "#ad1457"));
    svg.append(
        "<circle cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"#222\"/>"
            .formatted(x(start.x()), y(start.y())));
  }

  private static void thing(StringBuilder svg, Item item) {
    String colour = COLOURS.getOrDefault(item.colour(), "#888");
    double x = pixel(item.at().x());
    double y = SIDE - pixel(item.at().y());
    svg.append(
        switch (item.form()) {
          case "cube" ->
              "<rect x=\"%s\" y=\"%s\" width=\"12\" height=\"12\" fill=\"%s\"/>"
                  .formatted(number(x - 6), number(y - 6), colour);
          case "ring" ->
              "<circle cx=\"%s\" cy=\"%s\" r=\"5\" fill=\"none\" stroke=\"%s\" stroke-width=\"4\"/>"
                  .formatted(number(x), number(y), colour);
          default ->
              "<circle cx=\"%s\" cy=\"%s\" r=\"7\" fill=\"%s\"/>"
                  .formatted(number(x), number(y), colour);
        });
  }

  private static void path(StringBuilder svg, Point start, List<Point> points, String stroke) {
    StringBuilder line = new StringBuilder(x(start.x()) + "," + y(start.y()));
    points.forEach(point -> line.append(' ').append(x(point.x())).append(',').append(y(point.y())));
    svg.append("<polyline points=\"%s\" fill=\"none\" %s/>".formatted(line, stroke));
  }

  private static void words(StringBuilder svg, Rollout rollout) {
    List<String> lines = new ArrayList<>();
    lines.add(rollout.success() ? "reached" : "missed");
    StringBuilder line = new StringBuilder();
    for (String word : rollout.instruction().split(" ", -1)) {
      if (line.length() + word.length() > LINE_LENGTH) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    for (int i = 0; i < Math.min(lines.size(), LINES); i++) {
      boolean isCut = i == LINES - 1 && lines.size() > LINES;
      svg.append(
          "<text x=\"0\" y=\"%d\"%s>%s%s</text>"
              .formatted(
                  SIDE + (i + 1) * LINE,
                  i == 0 ? " font-weight=\"bold\"" : "",
                  escaped(lines.get(i)),
                  isCut ? " ..." : ""));
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  private static double pixel(double place) {
    return (place + REACH) / (2 * REACH) * SIDE;
  }

  private static String x(double place) {
    return number(pixel(place));
  }

  private static String y(double place) {
    return number(SIDE - pixel(place));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
