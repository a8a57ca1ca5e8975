package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.CellPicture;
import dev.sightline.report.internal.page.ControlCharacters;
import dev.sightline.tensor.internal.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/**
 * Draws two squares of the same cells, what is declared and what was seen. What was seen and is not
 * declared is outlined in both squares: empty in the left one, filled in the right one.
 */
public final class CellSquares {
  private static final int SHADES = 6;
  private static final int ROOM = 380;
  private static final int SMALL_ROOM = 150;
  private static final int LABEL = 14;
  private static final int CHARACTER = 7;

  private final CellPicture picture;
  private final int rows;
  private final int columns;
  private final int side;
  private final List<Segment> rowSegments;
  private final List<Segment> columnSegments;
  private final boolean upright;
  private final boolean ticks;
  private final CellGeometry cells;

  private CellSquares(CellPicture picture, int room, int least) {
    this.picture = picture;
    rows = picture.rows().size();
    columns = picture.columns().size();
    side = Math.clamp(room / Math.max(1, Math.max(rows, columns)), least, 24);
    rowSegments = Segment.of(picture.rows());
    columnSegments = Segment.of(picture.columns());
    upright =
        columnSegments.stream()
            .anyMatch(segment ->
                shortened(segment.label()).length() * CHARACTER + 4 > segment.size() * side);
    ticks = side >= 15 && (isNumbered(rowSegments) || isNumbered(columnSegments));
    int left = labelWidth(rowSegments) + (ticks ? 20 : 0) + 10;
    int top = (upright ? labelWidth(columnSegments) : 16) + (ticks ? 18 : 0) + 8;
    cells = new CellGeometry(rows, columns, left, top, side);
  }

  /**
   * Both squares: the same geometry, two sets of cells.
   *
   * @param width of each drawing, px
   * @param height of each drawing, px
   * @param left where the cells begin, px
   * @param top where the cells begin, px
   * @param end where the cells end to the right, px
   * @param bottom where the cells end, px
   * @param upright whether the labels of columns are upright
   * @param labelY where the labels of columns begin, px
   * @param rowLabels segments or tokens that ask or depend
   * @param columnLabels segments or tokens that are asked or depended on
   * @param ticks the numbers of the tokens within their segments
   * @param grid lines between segments
   * @param padding rows and columns that are padding
   * @param allowed the declared cells
   * @param seen the declared cells that were seen, deeper where more was seen
   * @param offending the cells that were seen and are not declared; empty if there is none
   * @param outline around them
   */
  public record Pair(
      int width,
      int height,
      int left,
      int top,
      int end,
      int bottom,
      boolean upright,
      int labelY,
      List<Label> rowLabels,
      List<Label> columnLabels,
      List<Tick> ticks,
      String grid,
      String padding,
      String allowed,
      List<Shade> seen,
      List<Shade> offending,
      String outline) {}

  /** A segment's name, with its middle along the axis, px. */
  public record Label(String text, String whole, int at, boolean offends) {}

  /** A token's number, px. */
  public record Tick(String text, int x, int y) {}

  /** Cells of one depth. */
  public record Shade(String opacity, String path) {}

  static Pair pair(CellPicture picture) {
    return new CellSquares(picture, ROOM, 6).pair();
  }

  /** Small squares, for a picture beside others. */
  static Pair small(CellPicture picture) {
    return new CellSquares(picture, SMALL_ROOM, 2).pair();
  }

  private Pair pair() {
    List<Shade> offending = offendingShades();
    return new Pair(
        cells.end() + 6,
        cells.bottom() + 6,
        cells.left(),
        cells.top(),
        cells.end(),
        cells.bottom(),
        upright,
        cells.top() - (ticks ? 22 : 6),
        rowLabels(),
        columnLabels(),
        ticks ? ticks() : List.of(),
        grid(),
        cells.path((r, c) -> picture.isPaddedRow(r) || picture.isPaddedColumn(c)),
        cells.path((r, c) -> !picture.isPaddedRow(r) && picture.declared(r, c)),
        shades(),
        offending,
        offending.isEmpty() ? "" : cells.outline(picture::offends));
  }

  private List<Label> rowLabels() {
    return rowSegments.stream()
        .map(segment ->
            label(
                segment,
                cells.top(),
                IntStream.range(segment.from(), segment.to())
                    .anyMatch(
                        r -> IntStream.range(0, columns).anyMatch(c -> picture.offends(r, c)))))
        .toList();
  }

  private List<Label> columnLabels() {
    return columnSegments.stream()
        .map(segment ->
            label(
                segment,
                cells.left(),
                IntStream.range(segment.from(), segment.to())
                    .anyMatch(c -> IntStream.range(0, rows).anyMatch(r -> picture.offends(r, c)))))
        .toList();
  }

  private Label label(Segment segment, int from, boolean offends) {
    return new Label(
        shortened(segment.label()),
        segment.label(),
        from + (segment.from() + segment.to()) * side / 2,
        offends);
  }

  private List<Tick> ticks() {
    List<Tick> all = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      all.add(
          new Tick(
              Segment.number(picture.rows().get(r)),
              cells.left() - 12,
              cells.top() + r * side + side / 2));
    }
    for (int c = 0; c < columns; c++) {
      all.add(
          new Tick(
              Segment.number(picture.columns().get(c)),
              cells.left() + c * side + side / 2,
              cells.top() - 10));
    }
    return all;
  }

  private String grid() {
    StringBuilder path = new StringBuilder();
    for (Segment segment : rowSegments.subList(1, Math.max(1, rowSegments.size()))) {
      path.append(
          "M%d %dH%d".formatted(cells.left(), cells.top() + segment.from() * side, cells.end()));
    }
    for (Segment segment : columnSegments.subList(1, Math.max(1, columnSegments.size()))) {
      path.append(
          "M%d %dV%d".formatted(cells.left() + segment.from() * side, cells.top(), cells.bottom()));
    }
    return path.toString();
  }

  private List<Shade> shades() {
    return shades((r, c) -> !picture.isPaddedRow(r) && picture.declared(r, c), 0.3);
  }

  /** A small share of what is forbidden is a fault too, so that it must be seen. */
  private List<Shade> offendingShades() {
    return shades(picture::offends, 0.45);
  }

  /** Probabilities as they are, changes relative to the largest; NaN is as deep as 1. */
  private List<Shade> shades(BiPredicate<Integer, Integer> chosen, double lightest) {
    float largest = 1;
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        float seen = picture.observed(r, c);
        largest = Float.isFinite(seen) ? Math.max(largest, seen) : largest;
      }
    }
    float unit = largest;
    List<Shade> shades = new ArrayList<>();
    for (int step = 1; step <= SHADES; step++) {
      int wanted = step;
      String path =
          cells.path((r, c) ->
              chosen.test(r, c)
                  && picture.observed(r, c) != 0
                  && shade(picture.observed(r, c) / unit) == wanted);
      if (!path.isEmpty()) {
        double opacity = lightest + (1 - lightest) * (step - 1) / (SHADES - 1);
        shades.add(new Shade(String.format(Locale.ROOT, "%.2f", opacity), path));
      }
    }
    return shades;
  }

  private static int shade(float share) {
    return Float.isFinite(share)
        ? Math.clamp((int) Math.ceil(Math.sqrt(share) * SHADES), 1, SHADES)
        : SHADES;
  }

  private static boolean isNumbered(List<Segment> segments) {
    return segments.stream().anyMatch(segment -> segment.size() > 1);
  }

  private static int labelWidth(List<Segment> segments) {
    return segments.stream()
            .mapToInt(segment -> shortened(segment.label()).length())
            .max()
            .orElse(0)
        * CHARACTER;
  }

  private static String shortened(String label) {
    return Excerpt.of(ControlCharacters.shown(label), LABEL - 1);
  }
}
