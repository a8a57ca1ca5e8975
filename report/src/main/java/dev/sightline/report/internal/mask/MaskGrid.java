package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One batch row and head of a mask as a grid of squares: a pair each, or a rectangle of pairs where
 * the mask is longer than the grid. Every picture of a mask is drawn from it.
 *
 * @param title above the grid; empty for none
 * @param share of allowed pairs in each square, {@code [rows, columns]}
 * @param only share of pairs that this mask allows and the one beside it does not; null if there is
 *     none beside it
 * @param lacks share of pairs that only the one beside it allows; null if there is none
 * @param rowNames a name for each query; empty for none
 * @param rowSpans the queries by name
 * @param columnSpans the keys by name
 */
@SuppressWarnings("ArrayRecordComponent")
public record MaskGrid(
    String title,
    MaskShape shape,
    double[][] share,
    double @Nullable [][] only,
    double @Nullable [][] lacks,
    List<String> rowNames,
    List<Span> rowSpans,
    List<Span> columnSpans) {
  /** More names than colours are only written. */
  private static final int MOST_COLOURS = 8;

  /**
   * A grid of a mask.
   *
   * @param names of the queries; empty for the mask's own
   * @param most the most rows and columns
   */
  public static MaskGrid of(BoundMask mask, int batch, int head, List<String> names, int most) {
    return of("", mask, null, batch, head, names, most);
  }

  /** Two masks of the same sizes, each with the pairs that only it allows. */
  public static List<MaskGrid> beside(
      BoundMask a, BoundMask b, int batch, int head, List<String> names, int most) {
    return List.of(
        of("A: " + a.mask(), a, b, batch, head, names, most),
        of("B: " + b.mask(), b, a, batch, head, names, most));
  }

  private static MaskGrid of(
      String title,
      BoundMask mask,
      @Nullable BoundMask other,
      int batch,
      int head,
      List<String> names,
      int most) {
    MaskShape shape = mask.shape();
    int rows = Math.min(most, shape.queries());
    int columns = Math.min(most, shape.keys());
    List<String> rowNames = names.isEmpty() ? queryNames(mask, other) : names;
    List<String> columnNames = keyNames(mask, other, rowNames);
    Map<String, Integer> colours = Span.noColours();
    List<Span> columnSpans = Span.of(columnNames, colours);
    List<Span> rowSpans = Span.of(rowNames, colours);
    return new MaskGrid(
        title,
        shape,
        mask.densities(batch, head, rows, columns),
        other == null ? null : minus(mask, other, batch, head, rows, columns),
        other == null ? null : minus(other, mask, batch, head, rows, columns),
        rowNames,
        rowSpans,
        columnSpans);
  }

  private static double[][] minus(
      BoundMask a, BoundMask b, int batch, int head, int rows, int columns) {
    Mask only = a.mask().minus(b.mask());
    return only.over(a.shape()).densities(batch, head, rows, columns);
  }

  private static List<String> queryNames(BoundMask mask, @Nullable BoundMask other) {
    int queries = mask.shape().queries();
    List<String> own = mask.mask().labels();
    if (own.size() != queries && other != null) {
      own = other.mask().labels();
    }
    if (own.size() == queries) {
      return own;
    }
    return prefix(mask, other) > 0 ? repeat("step", queries) : List.of();
  }

  private static List<String> keyNames(
      BoundMask mask, @Nullable BoundMask other, List<String> queryNames) {
    int keys = mask.shape().keys();
    if (queryNames.size() == keys) {
      return queryNames;
    }
    int prefix = prefix(mask, other);
    if (prefix > 0 && prefix + queryNames.size() == keys) {
      return Stream.concat(repeat("prefix", prefix).stream(), queryNames.stream()).toList();
    }
    return mask.mask().labels().size() == keys ? mask.mask().labels() : List.of();
  }

  private static int prefix(BoundMask mask, @Nullable BoundMask other) {
    int own = mask.mask().prefixLength();
    return own > 0 || other == null ? own : other.mask().prefixLength();
  }

  private static List<String> repeat(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> name).toList();
  }

  int rows() {
    return share.length;
  }

  int columns() {
    return share[0].length;
  }

  /** Whether each square is one pair. */
  boolean isExact() {
    return rows() == shape.queries() && columns() == shape.keys();
  }

  /** Whether the keys have colours of their own. */
  boolean isColoured() {
    return !columnSpans.isEmpty()
        && Stream.concat(columnSpans.stream(), rowSpans.stream())
            .allMatch(span -> span.colour() < MOST_COLOURS);
  }

  /** The colour of each column, -1 for that of masks without names. */
  int[] columnColours() {
    int[] colours = new int[columns()];
    Arrays.fill(colours, -1);
    if (!isColoured()) {
      return colours;
    }
    int at = 0;
    for (int c = 0; c < colours.length; c++) {
      long middle = ((2L * c + 1) * shape.keys()) / (2L * columns());
      while (columnSpans.get(at).to() <= middle) {
        at++;
      }
      colours[c] = columnSpans.get(at).colour();
    }
    return colours;
  }
}
