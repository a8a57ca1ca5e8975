package dev.sightline.report.internal.heads;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The geometry of layers x heads: a row for each layer, a square for each of its heads. */
public final class HeadGrid {
  private static final int LEFT = 64;
  private static final int TOP = 44;
  private static final int GAP = 3;

  private HeadGrid() {}

  /**
   * The map as the template draws it.
   *
   * @param width of the drawing, px
   * @param height of the drawing, px
   * @param side of a square, px
   */
  public record Drawing(int width, int height, int side, List<Column> columns, List<Row> rows) {}

  /** A head's column, its middle in px; every n-th has a label. */
  public record Column(int head, int x, boolean labelled) {}

  /** A layer. */
  public record Row(int layer, int y, List<Square> squares) {}

  /** A head and its left edge, px. */
  public record Square(int x, Look look) {}

  /**
   * How a head looks.
   *
   * @param css its class in the style sheet; empty for a colour of its own
   * @param fill its colour; null if the class has it
   * @param opacity of the class's colour; null if it is full
   * @param mark what is drawn on top: {@code part}, {@code dot}, {@code equal} or nothing
   * @param title what it says by itself
   */
  public record Look(
      String css, @Nullable String fill, @Nullable String opacity, String mark, String title) {
    static Look coloured(String fill, String mark, String title) {
      return new Look("", fill, null, mark, title);
    }

    public static Look hatched(String title) {
      return new Look("none", null, null, "", title);
    }
  }

  /** Says how the head of a layer looks. */
  public interface Painter {
    Look look(int layer, int head);
  }

  public static Drawing of(List<Integer> headsPerLayer, Painter painter) {
    int most = headsPerLayer.stream().mapToInt(Integer::intValue).max().orElse(0);
    int side = most > 32 ? 12 : most > 16 ? 18 : 28;
    int step = side + GAP;
    List<Row> rows = new ArrayList<>();
    for (int heads : headsPerLayer) {
      int layer = rows.size();
      List<Square> squares = new ArrayList<>();
      for (int head = 0; head < heads; head++) {
        squares.add(new Square(LEFT + head * step, painter.look(layer, head)));
      }
      rows.add(new Row(layer, TOP + layer * step, squares));
    }
    int every = side < 18 ? 8 : side < 28 ? 2 : 1;
    List<Column> columns =
        IntStream.range(0, most)
            .mapToObj(h -> new Column(h, LEFT + h * step + side / 2, h % every == 0))
            .toList();
    return new Drawing(
        Math.max(LEFT + most * step, LEFT + 40) + 1, TOP + rows.size() * step, side, columns, rows);
  }
}
