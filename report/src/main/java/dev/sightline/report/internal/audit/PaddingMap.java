package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.PaddingMass;
import dev.sightline.report.internal.page.HeadGrid;
import dev.sightline.report.internal.page.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A square for each head of each layer, as deep in colour as its share of attention on padding.
 *
 * @param grid where the squares are
 * @param top the share that gets the deepest colour; null if there is no scale to show
 * @param shades the scale's steps as opacities
 * @param anyZero whether a square is exactly 0
 */
public record PaddingMap(
    HeadGrid<Share> grid, @Nullable String top, List<String> shades, boolean anyZero) {
  public PaddingMap {
    shades = List.copyOf(shades);
  }

  /**
   * A head's share of attention on padding.
   *
   * @param kind {@code zero}, {@code some}, or {@code broken} where a share was not finite
   * @param opacity of the colour, for {@code some}
   * @param max the largest share, in words
   * @param mean the mean share, in words
   */
  public record Share(String kind, String opacity, String max, String mean) {}

  static PaddingMap of(PaddingMass mass) {
    List<PaddingMass.Layer> layers = mass.layers();
    double top =
        layers.stream()
            .flatMap(l -> l.max().stream())
            .filter(Double::isFinite)
            .reduce(0.0, Math::max);
    HeadGrid<Share> grid =
        HeadGrid.ofLayers(
            layers.stream().map(PaddingMap::row).toList(),
            (row, head) ->
                share(layers.get(row).max().get(head), layers.get(row).mean().get(head), top));
    return new PaddingMap(
        grid,
        top > 0 ? Numbers.share(top) : null,
        IntStream.rangeClosed(0, 5).mapToObj(i -> opacity(i / 5.0)).toList(),
        layers.stream().anyMatch(l -> l.max().contains(0.0)));
  }

  private static HeadGrid.Layer row(PaddingMass.Layer layer) {
    int heads = layer.max().size();
    String reason = layer.reason();
    return new HeadGrid.Layer(
        layer.layer(), heads, reason == null && heads == 0 ? "no head was read" : reason);
  }

  private static Share share(double max, double mean, double top) {
    String kind = !Double.isFinite(max) ? "broken" : max == 0 ? "zero" : "some";
    return new Share(
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
