package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.CellPicture;
import dev.sightline.report.internal.page.ControlCharacters;
import dev.sightline.tensor.internal.Excerpt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/**
 * Draws two squares of the same cells, what is declared and what was seen. Cells of one kind are
 * one path whose runs are joined along their row, so that a square of 64 x 64 cells is some
 * kilobytes. What was seen and is not declared is outlined in both squares: empty in the left one,
 * filled in the right one.
 */
final class CellSquares {
  private static final int SHADES = 6;
  private static final int ROOM = 380;
  private static final int LABEL = 14;
  private static final int CHARACTER = 7;

  private final CellPicture picture;
  private final int rows;
  private final int columns;
  private final int side;
  private final List<Run> rowRuns;
  private final List<Run> columnRuns;
  private final boolean upright;
  private final boolean ticks;
  private final int left;
  private final int top;

  private CellSquares(CellPicture picture) {
    this.picture = picture;
    rows = picture.rows().size();
    columns = picture.columns().size();
    side = Math.clamp(ROOM / Math.max(1, Math.max(rows, columns)), 6, 24);
    rowRuns = runs(picture.rows());
    columnRuns = runs(picture.columns());
    upright =
        columnRuns.stream()
            .anyMatch(run -> shortened(run.label()).length() * CHARACTER + 4 > run.size() * side);
    ticks = side >= 15 && (isNumbered(rowRuns) || isNumbered(columnRuns));
    left = labelWidth(rowRuns) + (ticks ? 20 : 0) + 10;
    top = (upright ? labelWidth(columnRuns) : 16) + (ticks ? 18 : 0) + 8;
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

  /**
   * All cells of two segments that offend.
   *
   * @param rows the segment that asks
   * @param columns the segment that is asked
   * @param offending how many of its cells offend
   * @param cells how many cells of real rows it has
   * @param padding whether all that is asked there is padding
   */
  public record Block(String rows, String columns, int offending, int cells, boolean padding) {}

  /** A cell of the table of segments: what is declared, what was seen of it, what offends. */
  public record Tally(int cells, int declared, int seen, int offending) {}

  /** One segment's row of that table. */
  public record TallyRow(String segment, List<Tally> tallies) {}

  /** Neighbours of one name. */
  private record Run(String label, int from, int to) {
    int size() {
      return to - from;
    }
  }

  static Pair pair(CellPicture picture) {
    return new CellSquares(picture).pair();
  }

  /** The pairs of segments that offend, the fullest first. */
  static List<Block> blocks(CellPicture picture) {
    CellSquares squares = new CellSquares(picture);
    List<Block> blocks = new ArrayList<>();
    for (Run row : squares.rowRuns) {
      for (Run column : squares.columnRuns) {
        Tally tally = squares.tally(row, column);
        if (tally.offending() > 0) {
          blocks.add(
              new Block(
                  row.label(),
                  column.label(),
                  tally.offending(),
                  tally.cells(),
                  squares.isOnPadding(row, column)));
        }
      }
    }
    blocks.sort((a, b) -> b.offending() - a.offending());
    return blocks;
  }

  /** What the squares show, by segments; empty if there are too many of them for a table. */
  static List<TallyRow> table(CellPicture picture, int most) {
    CellSquares squares = new CellSquares(picture);
    if (squares.rowRuns.size() > most || squares.columnRuns.size() > most) {
      return List.of();
    }
    return squares.rowRuns.stream()
        .map(row ->
            new TallyRow(
                row.label(), squares.columnRuns.stream().map(c -> squares.tally(row, c)).toList()))
        .toList();
  }

  /** The names of the columns of that table. */
  static List<String> columns(CellPicture picture) {
    return runs(picture.columns()).stream().map(Run::label).toList();
  }

  static int offending(CellPicture picture) {
    int offending = 0;
    for (int r = 0; r < picture.rows().size(); r++) {
      for (int c = 0; c < picture.columns().size(); c++) {
        offending += picture.offends(r, c) ? 1 : 0;
      }
    }
    return offending;
  }

  private boolean isOnPadding(Run row, Run column) {
    return IntStream.range(column.from(), column.to())
        .filter(c -> IntStream.range(row.from(), row.to()).anyMatch(r -> picture.offends(r, c)))
        .allMatch(picture::isPaddedColumn);
  }

  private Tally tally(Run row, Run column) {
    int cells = 0;
    int declared = 0;
    int seen = 0;
    int offending = 0;
    for (int r = row.from(); r < row.to(); r++) {
      for (int c = column.from(); c < column.to() && !picture.isPaddedRow(r); c++) {
        cells++;
        declared += picture.declared(r, c) ? 1 : 0;
        seen += picture.declared(r, c) && picture.observed(r, c) != 0 ? 1 : 0;
        offending += picture.offends(r, c) ? 1 : 0;
      }
    }
    return new Tally(cells, declared, seen, offending);
  }

  private Pair pair() {
    int end = left + columns * side;
    int bottom = top + rows * side;
    List<Shade> offending = offendingShades();
    return new Pair(
        end + 6,
        bottom + 6,
        left,
        top,
        end,
        bottom,
        upright,
        top - (ticks ? 22 : 6),
        rowLabels(),
        columnLabels(),
        ticks ? ticks() : List.of(),
        grid(end, bottom),
        path((r, c) -> picture.isPaddedRow(r) || picture.isPaddedColumn(c)),
        path((r, c) -> !picture.isPaddedRow(r) && picture.declared(r, c)),
        shades(),
        offending,
        offending.isEmpty() ? "" : outline());
  }

  private List<Label> rowLabels() {
    return rowRuns.stream()
        .map(run ->
            label(
                run,
                top,
                IntStream.range(run.from(), run.to())
                    .anyMatch(
                        r -> IntStream.range(0, columns).anyMatch(c -> picture.offends(r, c)))))
        .toList();
  }

  private List<Label> columnLabels() {
    return columnRuns.stream()
        .map(run ->
            label(
                run,
                left,
                IntStream.range(run.from(), run.to())
                    .anyMatch(c -> IntStream.range(0, rows).anyMatch(r -> picture.offends(r, c)))))
        .toList();
  }

  private Label label(Run run, int from, boolean offends) {
    return new Label(
        shortened(run.label()), run.label(), from + (run.from() + run.to()) * side / 2, offends);
  }

  private List<Tick> ticks() {
    List<Tick> all = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      all.add(new Tick(number(picture.rows().get(r)), left - 12, top + r * side + side / 2));
    }
    for (int c = 0; c < columns; c++) {
      all.add(new Tick(number(picture.columns().get(c)), left + c * side + side / 2, top - 10));
    }
    return all;
  }

  private String grid(int end, int bottom) {
    StringBuilder path = new StringBuilder();
    for (Run run : rowRuns.subList(1, Math.max(1, rowRuns.size()))) {
      path.append("M%d %dH%d".formatted(left, top + run.from() * side, end));
    }
    for (Run run : columnRuns.subList(1, Math.max(1, columnRuns.size()))) {
      path.append("M%d %dV%d".formatted(left + run.from() * side, top, bottom));
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
          path((r, c) ->
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

  private String path(BiPredicate<Integer, Integer> wanted) {
    StringBuilder path = new StringBuilder();
    for (int r = 0; r < rows; r++) {
      int from = -1;
      for (int c = 0; c <= columns; c++) {
        boolean in = c < columns && wanted.test(r, c);
        if (in && from < 0) {
          from = c;
        } else if (!in && from >= 0) {
          path.append(
              "M%d %dh%dv%dh-%dz"
                  .formatted(
                      left + from * side,
                      top + r * side,
                      (c - from) * side,
                      side,
                      (c - from) * side));
          from = -1;
        }
      }
    }
    return path.toString();
  }

  /** The border between cells that offend and others. */
  private String outline() {
    StringBuilder path = new StringBuilder();
    for (int r = 0; r <= rows; r++) {
      for (int c = 0; c < columns; c++) {
        if (offends(r - 1, c) != offends(r, c)) {
          path.append("M%d %dh%d".formatted(left + c * side, top + r * side, side));
        }
      }
    }
    for (int c = 0; c <= columns; c++) {
      for (int r = 0; r < rows; r++) {
        if (offends(r, c - 1) != offends(r, c)) {
          path.append("M%d %dv%d".formatted(left + c * side, top + r * side, side));
        }
      }
    }
    return path.toString();
  }

  private boolean offends(int row, int column) {
    return row >= 0
        && column >= 0
        && row < rows
        && column < columns
        && picture.offends(row, column);
  }

  /** Neighbours whose names differ by their number only are one segment. */
  private static List<Run> runs(List<String> names) {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String label = segment(names.get(i));
      int last = runs.size() - 1;
      if (last >= 0 && runs.get(last).label().equals(label)) {
        runs.set(last, new Run(label, runs.get(last).from(), i + 1));
      } else {
        runs.add(new Run(label, i, i + 1));
      }
    }
    return Collections.unmodifiableList(runs);
  }

  /** {@code action} of {@code action 2}. */
  static String segment(String name) {
    int digits = name.length() - number(name).length();
    return digits < name.length() && digits > 1 && name.charAt(digits - 1) == ' '
        ? name.substring(0, digits - 1)
        : name;
  }

  /** {@code 2} of {@code action 2}; empty for a name without a number. */
  private static String number(String name) {
    int from = name.length();
    while (from > 0 && name.charAt(from - 1) >= '0' && name.charAt(from - 1) <= '9') {
      from--;
    }
    return name.substring(from);
  }

  private static boolean isNumbered(List<Run> runs) {
    return runs.stream().anyMatch(run -> run.size() > 1);
  }

  private static int labelWidth(List<Run> runs) {
    return runs.stream().mapToInt(run -> shortened(run.label()).length()).max().orElse(0)
        * CHARACTER;
  }

  private static String shortened(String label) {
    return Excerpt.of(ControlCharacters.shown(label), LABEL - 1);
  }
}
