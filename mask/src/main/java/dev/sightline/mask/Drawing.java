package dev.sightline.mask;

import dev.sightline.mask.internal.band.RunBounds;
import dev.sightline.mask.internal.check.Difference;
import java.util.ArrayList;
import java.util.List;

/**
 * Masks as text: queries downwards, keys to the right. Small ones cell by cell, long ones by the
 * density of rectangles.
 */
public final class Drawing {
  /** The most queries and keys that are drawn cell by cell. */
  public static final int LARGEST_TABLE = 64;

  private static final int WIDEST_GRID = 64;
  private static final int HIGHEST_GRID = 32;
  private static final String SHADES = "░▒▓";

  private Drawing() {}

  /**
   * {@return whether a mask is small enough to be drawn cell by cell}
   *
   * @param shape {@code [B, H, Lq, Lk]}
   */
  public static boolean fits(MaskShape shape) {
    return shape.queries() <= LARGEST_TABLE && shape.keys() <= LARGEST_TABLE;
  }

  /**
   * {@return one batch row and head as text, cell by cell where it is small, by density otherwise}
   *
   * @param mask the mask and its sizes
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param labels a name for each query, or none
   * @throws IllegalArgumentException if there are labels, but not one for each query
   */
  public static String of(BoundMask mask, int batch, int head, List<String> labels) {
    if (!fits(mask.shape())) {
      return density(mask, batch, head);
    }
    double[][] cells = cells(mask, batch, head);
    return table(mask.shape(), labels, cell -> cells[cell.query()][cell.key()] > 0 ? '✓' : '✗');
  }

  /**
   * {@return two masks in one picture, cell by cell: ✓ both allow, ✗ neither, A only the first, B
   * only the second}
   *
   * @param a the first mask
   * @param b the second mask, of the same sizes
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param labels a name for each query, or none
   * @throws IllegalArgumentException if the masks differ in size, or there are labels, but not one
   *     for each query
   */
  public static String difference(
      BoundMask a, BoundMask b, int batch, int head, List<String> labels) {
    Difference.requireSameSizes(a.bound(), b.bound());
    double[][] ofA = cells(a, batch, head);
    double[][] ofB = cells(b, batch, head);
    return table(
        a.shape(),
        labels,
        cell -> {
          boolean first = ofA[cell.query()][cell.key()] > 0;
          boolean second = ofB[cell.query()][cell.key()] > 0;
          return first == second ? (first ? '✓' : '✗') : first ? 'A' : 'B';
        });
  }

  /**
   * {@return one line of 0 and 1 for each query}
   *
   * @param mask the mask and its sizes
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @throws IllegalArgumentException if that would be more than 2^28 characters
   */
  public static String bits(BoundMask mask, int batch, int head) {
    MaskShape shape = mask.shape();
    if ((long) shape.queries() * (shape.keys() + 1L) > 1 << 28) {
      throw new IllegalArgumentException(
          "bits of a mask of "
              + shape
              + " would be a text of "
              + (long) shape.queries() * (shape.keys() + 1L)
              + " characters; draw it as a table");
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < shape.queries(); i++) {
      RunBounds.appendBits(text, mask.row(batch, head, i).bounds(), shape.keys());
      text.append('\n');
    }
    return text.toString();
  }

  /** Every drawing of a mask is one of densities; those of single pairs are 0 or 1. */
  private static double[][] cells(BoundMask mask, int batch, int head) {
    MaskShape shape = mask.shape();
    return shape.queries() == 0 || shape.keys() == 0
        ? new double[0][]
        : mask.densities(batch, head, shape.queries(), shape.keys());
  }

  @FunctionalInterface
  private interface Sign {
    char of(Cell cell);
  }

  private static String table(MaskShape shape, List<String> labels, Sign sign) {
    if (!labels.isEmpty() && labels.size() != shape.queries()) {
      throw new IllegalArgumentException(
          "a label for each of the "
              + shape.queries()
              + " queries is needed, but there are "
              + labels.size());
    }
    List<String> heads = rowHeads(shape.queries(), labels);
    int width = Integer.toString(Math.max(0, shape.keys() - 1)).length();
    int indent = heads.isEmpty() ? 0 : heads.get(0).length();
    // With labels and one digit the numbers begin one blank earlier, as write-ups draw it.
    boolean left = !labels.isEmpty() && width == 1;
    StringBuilder text = new StringBuilder(" ".repeat(left ? indent : indent + 1));
    for (int j = 0; j < shape.keys(); j++) {
      text.append(j == 0 ? "" : " ").append(padLeft(Integer.toString(j), width));
    }
    text.append('\n');
    for (int i = 0; i < shape.queries(); i++) {
      text.append(heads.get(i));
      for (int j = 0; j < shape.keys(); j++) {
        text.append(" ").append(padLeft(String.valueOf(sign.of(new Cell(0, 0, i, j))), width));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static List<String> rowHeads(int queries, List<String> labels) {
    int digits = Integer.toString(Math.max(0, queries - 1)).length();
    int longest = labels.stream().mapToInt(String::length).max().orElse(0);
    List<String> heads = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      String number = padLeft(Integer.toString(i), digits);
      heads.add(
          labels.isEmpty()
              ? number
              : number + " " + labels.get(i) + " ".repeat(longest - labels.get(i).length()));
    }
    return heads;
  }

  private static String padLeft(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  private static String density(BoundMask mask, int batch, int head) {
    MaskShape shape = mask.shape();
    if (shape.queries() == 0 || shape.keys() == 0) {
      return "a mask without cells\n";
    }
    int rows = Math.min(HIGHEST_GRID, shape.queries());
    int columns = Math.min(WIDEST_GRID, shape.keys());
    StringBuilder text = new StringBuilder();
    for (double[] row : mask.densities(batch, head, rows, columns)) {
      for (double density : row) {
        text.append(shade(density));
      }
      text.append('\n');
    }
    return text.append("1 character = ")
        .append(size(shape.queries(), rows))
        .append(" x ")
        .append(size(shape.keys(), columns))
        .append(" pairs: █ all allowed, ▓ ▒ ░ some, · none\n")
        .toString();
  }

  private static String size(int tokens, int characters) {
    return (tokens % characters == 0 ? "" : "about ") + Math.round((double) tokens / characters);
  }

  private static char shade(double density) {
    if (density == 0) {
      return '·';
    }
    return density == 1 ? '█' : SHADES.charAt((int) (density * SHADES.length()));
  }
}
