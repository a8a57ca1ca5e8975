package dev.sightline.report;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;
import dev.sightline.report.internal.mask.GridImage;
import dev.sightline.report.internal.mask.GridSvg;
import dev.sightline.report.internal.mask.MaskGrid;
import dev.sightline.report.internal.mask.MaskPage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * A picture of one batch row and head of a mask, or of two masks side by side. Queries are rows,
 * keys are columns; the darker a square, the larger its share of allowed pairs. Up to 256 queries
 * and keys, each pair has a square. Beyond that a square is a rectangle of pairs, so a picture has
 * at most 256 x 256 squares.
 *
 * <p>Where tokens have names, neighbours of one name are a segment: each segment has a colour,
 * which the allowed pairs of its keys have too. A cached step names its keys prefix and step.
 */
public final class MaskPicture {
  private static final int LARGEST_GRID = 256;

  private final BoundMask mask;
  private final int batch;
  private final int head;
  private final @Nullable BoundMask other;
  private final List<String> names;

  private MaskPicture(
      BoundMask mask, @Nullable BoundMask other, int batch, int head, List<String> names) {
    this.mask = mask;
    this.other = other;
    this.batch = batch;
    this.head = head;
    this.names = List.copyOf(names);
  }

  /**
   * Returns a picture of one batch row and head. Tokens have the names that the mask gives them.
   *
   * @param mask the mask, bound to its sizes
   * @param batch the batch row, from 0
   * @param head the head, from 0
   * @return the picture
   * @throws IllegalArgumentException if the mask has no pair, or there is no such row or head
   */
  public static MaskPicture of(BoundMask mask, int batch, int head) {
    return checked(new MaskPicture(mask, null, batch, head, List.of()));
  }

  /**
   * Returns a picture of two masks side by side, the pairs marked that only one of them allows.
   *
   * @param a the first mask
   * @param b the second mask, of the same sizes
   * @param batch the batch row, from 0
   * @param head the head, from 0
   * @return the picture
   * @throws IllegalArgumentException if the sizes differ, a mask has no pair, or there is no such
   *     row or head
   */
  public static MaskPicture beside(BoundMask a, BoundMask b, int batch, int head) {
    if (!a.shape().equals(b.shape())) {
      throw new IllegalArgumentException(
          "masks side by side have the same sizes, but these have "
              + a.shape()
              + " and "
              + b.shape());
    }
    return checked(new MaskPicture(a, b, batch, head, List.of()));
  }

  private static MaskPicture checked(MaskPicture picture) {
    MaskShape shape = picture.mask.shape();
    if (shape.queries() == 0 || shape.keys() == 0) {
      throw new IllegalArgumentException("a mask of " + shape + " has nothing to draw");
    }
    picture.mask.densities(picture.batch, picture.head, 1, 1);
    return picture;
  }

  /**
   * Returns this picture with other names of tokens.
   *
   * @param tokens the names of the queries, top to bottom, and of the keys where there are as many;
   *     empty for the mask's own
   * @return the picture
   * @throws IllegalArgumentException if the number of names is neither 0 nor that of the queries
   */
  public MaskPicture named(List<String> tokens) {
    int queries = mask.shape().queries();
    if (!tokens.isEmpty() && tokens.size() != queries) {
      throw new IllegalArgumentException(
          tokens.size() + " labels for " + queries + " queries; expected one for each");
    }
    return new MaskPicture(mask, other, batch, head, tokens);
  }

  private List<MaskGrid> grids(int most) {
    return other == null
        ? List.of(MaskGrid.of(mask, batch, head, names, most))
        : MaskGrid.beside(mask, other, batch, head, names, most);
  }

  /**
   * Returns the picture as a self-contained SVG document. Adjacent squares of one colour are one
   * rectangle. Up to 64 queries and keys, lines separate the squares and the tokens are numbered.
   *
   * @return an SVG document
   */
  public String toSvg() {
    return GridSvg.of(grids(LARGEST_GRID));
  }

  /**
   * Writes the picture as a PNG image, without words.
   *
   * @param out stays open
   * @throws IOException if the stream refuses it
   */
  public void writePng(OutputStream out) throws IOException {
    List<MaskGrid> grids = grids(LARGEST_GRID);
    if (!ImageIO.write(GridImage.of(grids, GridSvg.square(grids.getFirst()), true), "png", out)) {
      throw new IOException("this Java runtime has no PNG writer");
    }
  }

  /**
   * Returns the picture as a page with the sizes and the number of allowed pairs, which can be
   * zoomed: up to 2048 x 2048 squares. It needs no other file and no network.
   *
   * @return an HTML document
   */
  public String toHtml() {
    return MaskPage.of(mask, other, this::grids);
  }
}
