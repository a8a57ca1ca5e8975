package dev.sightline.report.internal.page;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The geometry of layers x heads: a row for each layer, a square for each of its heads.
 *
 * @param <S> what the caller draws in a square
 * @param width of the drawing, px
 * @param height of the drawing, px
 * @param side of a square, px
 * @param right where the last square ends, px
 * @param columns the heads of the layer that has most
 * @param rows in the order of the layers
 */
public record HeadGrid<S>(
    int width, int height, int side, int right, List<Column> columns, List<Row<S>> rows) {
  private static final int LEFT = 64;
  private static final int TOP = 44;
  private static final int GAP = 3;

  /** A layer without heads is a band of at least this many px, room for a word. */
  private static final int NARROWEST = 64;

  public HeadGrid {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /**
   * A layer to draw.
   *
   * @param layer in order of execution, from 0
   * @param heads how many squares it has
   * @param reason why it has none; null where it has
   */
  public record Layer(int layer, int heads, @Nullable String reason) {}

  /** A head's column, its middle in px; every n-th has a label. */
  public record Column(int head, int x, boolean labelled) {}

  /**
   * A layer.
   *
   * @param layer in order of execution, from 0
   * @param y its upper edge, px
   * @param reason why it has no squares; null where it has
   * @param squares one for each head
   */
  public record Row<S>(int layer, int y, @Nullable String reason, List<Square<S>> squares) {
    public Row {
      squares = List.copyOf(squares);
    }
  }

  /**
   * A head.
   *
   * @param head from 0
   * @param x its left edge, px
   * @param shown what the caller draws there
   */
  public record Square<S>(int head, int x, S shown) {}

  /** Says what is drawn for a head of a layer. */
  public interface Painter<S> {
    S paint(int row, int head);
  }

  /** Lays out layers that all have data. */
  public static <S> HeadGrid<S> of(List<Integer> headsPerLayer, Painter<S> painter) {
    return ofLayers(
        IntStream.range(0, headsPerLayer.size())
            .mapToObj(layer -> new Layer(layer, headsPerLayer.get(layer), null))
            .toList(),
        painter);
  }

  /** Lays out layers of which some may have no data. */
  public static <S> HeadGrid<S> ofLayers(List<Layer> layers, Painter<S> painter) {
    int most = layers.stream().mapToInt(Layer::heads).max().orElse(0);
    int side = most > 32 ? 12 : most > 16 ? 18 : 28;
    int step = side + GAP;
    List<Row<S>> rows = new ArrayList<>();
    for (Layer layer : layers) {
      int row = rows.size();
      List<Square<S>> squares = new ArrayList<>();
      for (int head = 0; head < layer.heads(); head++) {
        squares.add(new Square<>(head, LEFT + head * step, painter.paint(row, head)));
      }
      rows.add(new Row<>(layer.layer(), TOP + row * step, layer.reason(), squares));
    }
    int every = side < 18 ? 8 : side < 28 ? 2 : 1;
    List<Column> columns =
        IntStream.range(0, most)
            .mapToObj(h -> new Column(h, LEFT + h * step + side / 2, h % every == 0))
            .toList();
    int right = LEFT + Math.max(most * step - GAP, NARROWEST);
    return new HeadGrid<>(right + 4, TOP + rows.size() * step, side, right, columns, rows);
  }
}
