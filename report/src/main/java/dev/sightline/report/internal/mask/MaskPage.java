package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;
import dev.sightline.report.internal.audit.AuditView;
import dev.sightline.report.internal.page.Numbers;
import dev.sightline.report.internal.page.PageTemplate;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.IntFunction;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** A page with one mask, or two side by side. */
public final class MaskPage {
  private static final int DRAWN_AS_SVG = 128;
  private static final int LARGEST_GRID = 2048;
  private static final int MOST_SEGMENTS = 64;
  private static final PageTemplate TEMPLATE =
      new PageTemplate("mask.ftlh", List.of(), List.of("mask.css"), List.of("mask.js"));

  private MaskPage() {}

  /**
   * What the page says.
   *
   * @param svg a drawing of all pairs; empty where there are too many
   * @param image a data URI; empty where there is a drawing
   * @param scale what a square of the image is, in a sentence
   */
  public record View(
      String title,
      List<AuditView.Fact> facts,
      String svg,
      String image,
      int width,
      int height,
      String scale,
      List<Segment> segments,
      boolean pair) {}

  /** A name, its colour's class and its tokens. */
  public record Segment(String name, String colour, String tokens) {}

  /**
   * The page.
   *
   * @param grids the grids with a largest number of rows and columns
   */
  public static String of(
      BoundMask mask, @Nullable BoundMask other, IntFunction<List<MaskGrid>> grids) {
    MaskShape shape = mask.shape();
    boolean small = Math.max(shape.queries(), shape.keys()) <= DRAWN_AS_SVG;
    List<MaskGrid> drawn = grids.apply(small ? DRAWN_AS_SVG : LARGEST_GRID);
    MaskGrid first = drawn.getFirst();
    List<AuditView.Fact> facts = new ArrayList<>();
    if (other != null) {
      facts.add(new AuditView.Fact("Mask A", mask.mask().toString()));
      facts.add(new AuditView.Fact("Mask B", other.mask().toString()));
    }
    facts.add(
        new AuditView.Fact(
            "Sizes",
            Numbers.count(shape.queries())
                + " queries down, "
                + Numbers.count(shape.keys())
                + " keys across"));
    facts.add(new AuditView.Fact("Allowed", allowed(mask)));
    if (other != null) {
      facts.add(new AuditView.Fact("Allowed by B", allowed(other)));
      facts.add(
          new AuditView.Fact(
              "Only A, only B",
              Numbers.count(mask.mask().minus(other.mask()).over(shape).count())
                  + ", "
                  + Numbers.count(other.mask().minus(mask.mask()).over(shape).count())
                  + " pairs"));
    }
    int side = small ? 1 : Math.max(1, 512 / Math.max(first.rows(), first.columns()));
    BufferedImage image = small ? null : GridImage.of(drawn, side, false);
    return TEMPLATE.render(
        new View(
            mask.mask() + (other == null ? "" : " beside " + other.mask()),
            facts,
            // The template shows a line break in a value as \\n.
            small ? GridSvg.of(drawn).replace("\n", "") : "",
            image == null ? "" : "data:image/png;base64," + encoded(image),
            image == null ? 0 : image.getWidth(),
            image == null ? 0 : image.getHeight(),
            first.isExact()
                ? "Each square is one pair."
                : "Each point is a rectangle of about %s x %s pairs; the darker, the more are allowed."
                    .formatted(
                        Numbers.count(Math.round((double) shape.queries() / first.rows())),
                        Numbers.count(Math.round((double) shape.keys() / first.columns()))),
            segments(first),
            other != null),
        "");
  }

  private static String allowed(BoundMask mask) {
    return Numbers.count(mask.count())
        + " of "
        + Numbers.count(mask.shape().cells())
        + " pairs, "
        + Numbers.share(mask.density());
  }

  private static List<Segment> segments(MaskGrid grid) {
    List<Segment> segments = new ArrayList<>();
    if (grid.columnSpans().size() > MOST_SEGMENTS) {
      return segments;
    }
    boolean coloured = grid.isColoured();
    for (Span span : grid.columnSpans()) {
      segments.add(
          new Segment(
              span.name(),
              coloured ? MaskColours.hex(MaskColours.strip(span.colour())) : "#808080",
              span.to() - span.from() == 1
                  ? Numbers.count(span.from())
                  : Numbers.count(span.from()) + " to " + Numbers.count(span.to() - 1)));
    }
    return segments;
  }

  private static String encoded(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("this Java runtime has no PNG writer");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }
}
