package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.text.Arguments;
import java.util.Optional;

/**
 * Where the diagonal of a mask is: query i is at key i + offset.
 *
 * @param corner what the offset follows from
 * @param offsets one for all batch rows or one for each, where the offset is given as a number;
 *     otherwise one 0
 */
public record Diagonal(Corner corner, Ints offsets) {
  /** What the offset follows from. */
  public enum Corner {
    /** Nothing: allowed only where there are as many queries as keys. */
    UNSTATED,
    /** Query 0 is at key 0. */
    TOP_LEFT,
    /** The last query is at the last key. */
    BOTTOM_RIGHT,
    /** The offset is a number. */
    OFFSET
  }

  public static final Diagonal UNSTATED = new Diagonal(Corner.UNSTATED, Ints.of(0));
  public static final Diagonal TOP_LEFT = new Diagonal(Corner.TOP_LEFT, Ints.of(0));
  public static final Diagonal BOTTOM_RIGHT = new Diagonal(Corner.BOTTOM_RIGHT, Ints.of(0));

  /**
   * A diagonal with an offset for all batch rows or for each.
   *
   * @throws IllegalArgumentException if there is no offset
   */
  public static Diagonal offset(int... offsets) {
    if (offsets.length == 0) {
      throw new IllegalArgumentException("an offset is needed, one for all or one per batch row");
    }
    return new Diagonal(Corner.OFFSET, Ints.of(offsets));
  }

  /** Takes the alignment out of a word's arguments, wherever it is among them. */
  static Diagonal read(Arguments arguments) {
    if (arguments.takeFlag("top-left")) {
      return TOP_LEFT;
    }
    if (arguments.takeFlag("bottom-right")) {
      return BOTTOM_RIGHT;
    }
    Optional<int[]> offsets = arguments.namedNumbers("offset");
    return offsets.isPresent() ? offset(offsets.get()) : UNSTATED;
  }

  /** The text form, empty where the alignment is not stated. */
  public String text() {
    return switch (corner) {
      case UNSTATED -> "";
      case TOP_LEFT -> "top-left";
      case BOTTOM_RIGHT -> "bottom-right";
      case OFFSET -> "offset=" + offsets;
    };
  }

  /** The text form after other arguments. */
  String textAfter() {
    return corner == Corner.UNSTATED ? "" : "; " + text();
  }

  int batchRows() {
    return offsets.size();
  }

  /** The largest offset to either side. */
  int largest() {
    return Math.max(Math.abs(offsets.min()), Math.abs(offsets.max()));
  }

  void check(Fit fit) {
    Sizes sizes = fit.sizes();
    if (corner == Corner.UNSTATED && !sizes.square()) {
      throw fit.error(
          " over "
              + sizes.queries()
              + " queries and "
              + sizes.keys()
              + " keys must say where its diagonal is: top-left, bottom-right or offset=n, as in"
              + " causal(bottom-right) or window(2,0; bottom-right)");
    }
    fit.batchRows(batchRows());
  }

  /** What is added to a query's index to get the key it is at. */
  int offset(Sizes sizes, int batch) {
    return corner == Corner.BOTTOM_RIGHT ? sizes.keys() - sizes.queries() : offsets.ofRow(batch);
  }

  /** A query in words, with the key it is at where that is another number. */
  static String query(int query, long at) {
    return "query " + query + (query == at ? "" : ", which is at key " + at + ",");
  }

  @Override
  public String toString() {
    return text();
  }
}
