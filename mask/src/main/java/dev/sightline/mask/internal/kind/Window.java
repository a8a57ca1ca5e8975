package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.BandBuilder;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.Set;

/**
 * {@code i + offset - left <= j <= i + offset + right}.
 *
 * <pre>
 * window(2,0)   10000      window(1,1)   11000
 *               11000                    11100
 *               11100                    01110
 *               01110                    00111
 *               00111                    00011
 * </pre>
 *
 * @param left inclusive distance, {@link #UNBOUNDED} for no limit
 * @param right inclusive distance, {@link #UNBOUNDED} for no limit
 */
public record Window(int left, int right, Diagonal diagonal) implements Kind {
  /** A distance without limit, {@code inf} in the text form. */
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  static final List<Word> WORDS =
      List.of(
          Word.of(
              "window",
              "two distances and an alignment, as in window(2,0; bottom-right)",
              a -> {
                Diagonal diagonal = Diagonal.read(a);
                int[] sides = a.two("two distances, left and right, as in window(2,0)");
                return new Window(sides[0], sides[1], diagonal);
              }));

  public Window {
    if (left < 0 || right < 0) {
      throw new IllegalArgumentException(
          "a window's distances must not be negative, but they are " + left + " and " + right);
    }
  }

  @Override
  public String text() {
    return "window(" + distance(left) + "," + distance(right) + diagonal.textAfter() + ")";
  }

  private static String distance(int distance) {
    return distance == UNBOUNDED ? "inf" : Integer.toString(distance);
  }

  @Override
  public int batchRows() {
    return diagonal.batchRows();
  }

  @Override
  public int largest() {
    int widest = Math.max(left == UNBOUNDED ? 0 : left, right == UNBOUNDED ? 0 : right);
    return Math.max(widest, diagonal.largest());
  }

  @Override
  public void check(Fit fit) {
    diagonal.check(fit);
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    int offset = diagonal.offset(sizes, batch);
    return (row, view) -> {
      BandBuilder out = new BandBuilder(row, sizes.queries(), 2);
      long centre = (long) row + offset;
      long first = Band.edge(0, 0);
      long last = Band.edge(sizes.keys(), 0);
      long start = left == UNBOUNDED ? first : out.max(first, Band.edge(centre - left, 1));
      long end = right == UNBOUNDED ? last : out.min(last, Band.edge(centre + right + 1, 1));
      out.add(start, end);
      return out.build();
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    long at = pair.query() + (long) diagonal.offset(sizes, pair.batch());
    int key = pair.key();
    return Diagonal.query(pair.query(), at)
        + " sees "
        + (left == UNBOUNDED ? "all keys" : left)
        + " to the left and "
        + (right == UNBOUNDED ? "all keys" : right)
        + " to the right, and key "
        + key
        + (key == at
            ? " is its own"
            : " is " + Math.abs(at - key) + " to the " + (key < at ? "left" : "right"));
  }

  @Override
  public Set<Trait> traits() {
    return right == 0 ? Set.of(Trait.HIDES_LATER) : Set.of();
  }
}
