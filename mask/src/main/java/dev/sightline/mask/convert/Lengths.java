package dev.sightline.mask.convert;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Cell;
import dev.sightline.mask.Mask;
import dev.sightline.mask.Runs;
import dev.sightline.mask.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A padding mask as the number of real tokens per batch row.
 *
 * @param lengths one per batch row
 * @param side the side of the padding
 * @param queriesToo whether the rows of padded queries are empty; otherwise they are like others
 */
public record Lengths(List<Integer> lengths, Side side, boolean queriesToo) {
  /** Copies the lengths. */
  public Lengths {
    lengths = List.copyOf(lengths);
  }

  /**
   * {@return the lengths of a mask}
   *
   * @param mask the mask and its sizes
   * @throws IllegalArgumentException if the mask is more than padding, or its padding has holes;
   *     the message says where
   */
  public static Lengths of(BoundMask mask) {
    List<Integer> lengths = new ArrayList<>();
    int keys = mask.shape().keys();
    Side side = Side.RIGHT;
    for (int b = 0; b < mask.shape().batch(); b++) {
      Runs real = mask.realTokens(b).real();
      lengths.add((int) real.positions());
      if (real.count() > 1) {
        throw new IllegalArgumentException(
            "lengths cannot express holes: the real tokens of batch row " + b + " are " + real);
      }
      if (real.count() == 1 && real.start(0) > 0) {
        if (real.end(0) < keys) {
          throw new IllegalArgumentException(
              "lengths cannot express padding on both sides: the real tokens of batch row "
                  + b
                  + " are "
                  + real
                  + " of "
                  + keys);
        }
        side = Side.LEFT;
      }
    }
    int[] numbers = lengths.stream().mapToInt(Integer::intValue).toArray();
    boolean square = mask.shape().queries() == keys;
    if (square && mask.equivalentTo(Mask.padding(side, numbers).over(mask.shape()))) {
      return new Lengths(lengths, side, true);
    }
    Optional<Cell> cell = mask.differenceFrom(Mask.keyPadding(side, numbers).over(mask.shape()));
    if (cell.isPresent()) {
      throw new IllegalArgumentException(
          "lengths express padding only, and this mask "
              + (mask.allowed(cell.get()) ? "allows" : "forbids")
              + " "
              + cell.get()
              + ", which padding of lengths "
              + lengths
              + (mask.allowed(cell.get()) ? " forbids" : " allows"));
    }
    return new Lengths(lengths, side, false);
  }

  /** {@return the mask of these lengths} */
  public Mask toMask() {
    int[] numbers = lengths.stream().mapToInt(Integer::intValue).toArray();
    return queriesToo ? Mask.padding(side, numbers) : Mask.keyPadding(side, numbers);
  }
}
