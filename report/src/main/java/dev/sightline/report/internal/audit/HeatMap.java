package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.PaddingMass;
import dev.sightline.report.internal.page.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The geometry of layers x heads: one square for each head, as deep as its share of padding. */
final class HeatMap {
  private static final int LEFT = 64;
  private static final int TOP = 44;
  private static final int GAP = 3;

  private HeatMap() {}

  /**
   * The map as the template draws it.
   *
   * @param width of the drawing, px
   * @param height of the drawing, px
   * @param side of a square, px
   * @param right where the last square ends, px
   * @param heads the heads that get a column
   * @param top the share that gets the deepest colour; null if there is no scale to show
   * @param shades the scale's steps as opacities
   * @param anyZero whether a square is exactly 0
   */
  public record Drawing(
      int width,
      int height,
      int side,
      int right,
      List<Column> heads,
      List<Row> rows,
      @Nullable String top,
      List<String> shades,
      boolean anyZero) {}

  /** A head's column, its middle in px; every n-th has a label. */
  public record Column(int head, int x, boolean labelled) {}

  /**
   * A layer.
   *
   * @param reason why it has no data; null where it has
   */
  public record Row(int layer, int y, @Nullable String reason, List<Cell> cells) {}

  /**
   * A head.
   *
   * @param kind {@code zero}, {@code some}, or {@code broken} where a share was not finite
   * @param opacity of the colour, for {@code some}
   * @param share the largest share, in words
   * @param mean the mean share, in words
   */
  public record Cell(int head, int x, String kind, String opacity, String share, String mean) {}

  static Drawing of(PaddingMass mass) {
    int heads = mass.layers().stream().mapToInt(l -> l.max().size()).max().orElse(0);
    int side = heads > 32 ? 12 : heads > 16 ? 18 : 30;
    int step = side + GAP;
    double top =
        mass.layers().stream()
            .flatMap(l -> l.max().stream())
            .filter(Double::isFinite)
            .reduce(0.0, Math::max);
    List<Row> rows = new ArrayList<>();
    for (PaddingMass.Layer layer : mass.layers()) {
      List<Cell> cells = new ArrayList<>();
      for (int h = 0; h < layer.max().size(); h++) {
        cells.add(cell(h, LEFT + h * step, layer.max().get(h), layer.mean().get(h), top));
      }
      String reason = layer.reason();
      if (reason == null && cells.isEmpty()) {
        reason = "no head was read";
      }
      rows.add(new Row(layer.layer(), TOP + rows.size() * step, reason, cells));
    }
    int every = side < 18 ? 8 : 1;
    List<Column> columns =
        IntStream.range(0, heads)
            .mapToObj(h -> new Column(h, LEFT + h * step + side / 2, h % every == 0))
            .toList();
    // A layer without data still needs a band to be seen by.
    int right = LEFT + Math.max(heads * step - GAP, 8 * step);
    return new Drawing(
        right + 4,
        TOP + rows.size() * step,
        side,
        right,
        columns,
        rows,
        top > 0 ? Numbers.share(top) : null,
        IntStream.rangeClosed(0, 5).mapToObj(i -> opacity(i / 5.0)).toList(),
        mass.layers().stream().anyMatch(l -> l.max().contains(0.0)));
  }

  private static Cell cell(int head, int x, double max, double mean, double top) {
    String kind = !Double.isFinite(max) ? "broken" : max == 0 ? "zero" : "some";
    return new Cell(
        head,
        x,
        kind,
        opacity(kind.equals("some") ? max / top : 0),
        Numbers.share(max),
        Numbers.share(mean));
  }

  /** Whatever is not 0 must be seen, so the scale does not begin at nothing. */
  private static String opacity(double part) {
    return String.format(Locale.ROOT, "%.2f", 0.15 + 0.85 * part);
  }
}
