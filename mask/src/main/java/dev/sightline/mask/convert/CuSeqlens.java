package dev.sightline.mask.convert;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Cell;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Runs;
import dev.sightline.mask.TileClass;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A packed batch as flash-attn's variable-length functions take it: where each document begins,
 * {@code cu_seqlens} of D + 1 numbers beginning with 0, and whether attention inside of a document
 * is causal.
 */
public final class CuSeqlens {
  private final int[] offsets;
  private final boolean causal;

  private CuSeqlens(int[] offsets, boolean causal) {
    this.offsets = offsets;
    this.causal = causal;
  }

  /**
   * {@return a packed batch from the numbers of another system}
   *
   * @param offsets D + 1 numbers: where each document begins, and the end of the last
   * @param causal whether attention inside of a document is causal
   * @throws IllegalArgumentException if they do not begin with 0 or descend
   */
  public static CuSeqlens of(int[] offsets, boolean causal) {
    if (offsets.length < 2 || offsets[0] != 0) {
      throw new IllegalArgumentException(
          "cu_seqlens begins with 0 and has a number for the end of each document, but has "
              + offsets.length
              + " numbers"
              + (offsets.length == 0 ? "" : ", the first " + offsets[0]));
    }
    for (int d = 1; d < offsets.length; d++) {
      if (offsets[d] < offsets[d - 1]) {
        throw new IllegalArgumentException(
            "cu_seqlens must not descend, but " + offsets[d] + " follows " + offsets[d - 1]);
      }
    }
    return new CuSeqlens(offsets.clone(), causal);
  }

  /**
   * {@return the documents of a mask}
   *
   * @param mask the mask and its sizes
   * @throws IllegalArgumentException if it is no mask of documents, or of causal documents, that
   *     fill the sequence; the message names a pair
   */
  public static CuSeqlens of(BoundMask mask) {
    MaskShape shape = mask.shape();
    if (mask.mask().batchRows() > 1 || mask.mask().heads() > 1 || shape.queries() != shape.keys()) {
      throw new IllegalArgumentException(
          "cu_seqlens describes one packed sequence for all heads, but the mask is "
              + shape
              + " and tells apart "
              + mask.mask().batchRows()
              + " batch rows and "
              + mask.mask().heads()
              + " heads");
    }
    int length = shape.keys();
    boolean causal = mask.subsetOf(Mask.causal().over(shape));
    IntStream.Builder offsets = IntStream.builder().add(0);
    for (int start = 0; start < length; ) {
      int end = causal ? endOfCausal(mask, start) : endOfFull(mask, start);
      offsets.add(end);
      start = end;
    }
    CuSeqlens found = new CuSeqlens(offsets.build().toArray(), causal);
    Optional<Cell> cell = mask.differenceFrom(found.toMask().over(shape));
    if (cell.isPresent()) {
      throw new IllegalArgumentException(
          "cu_seqlens expresses documents that fill the sequence, causal or not, and this mask "
              + (mask.allowed(cell.get()) ? "allows " : "forbids ")
              + cell.get()
              + ", unlike the documents of its first rows");
    }
    return found;
  }

  private static int endOfFull(BoundMask mask, int start) {
    Runs row = mask.row(0, 0, start);
    return row.isEmpty() ? start + 1 : Math.max(start + 1, row.end(row.count() - 1));
  }

  /** The first row that does not see the start begins the next document. */
  private static int endOfCausal(BoundMask mask, int start) {
    int length = mask.shape().keys();
    int end = start + 1;
    // In steps that double while all rows see the start, and halve to find the first that does not.
    int step = 1;
    while (end < length && step > 0) {
      int last = (int) Math.min(length, (long) end + step);
      boolean sees = mask.classify(0, 0, end, last, start, start + 1) == TileClass.FULL;
      if (sees) {
        end = last;
        step *= 2;
      } else {
        step = Math.min(step, last - end) / 2;
        length = last;
      }
    }
    return end;
  }

  /** {@return a copy of the offsets, D + 1 of them} */
  public int[] offsets() {
    return offsets.clone();
  }

  /** {@return whether attention inside of a document is causal} */
  public boolean causal() {
    return causal;
  }

  /** {@return the longest document, which flash-attn asks for as well} */
  public int longest() {
    int longest = 0;
    for (int d = 1; d < offsets.length; d++) {
      longest = Math.max(longest, offsets[d] - offsets[d - 1]);
    }
    return longest;
  }

  /** {@return the mask of these documents} */
  public Mask toMask() {
    int[] lengths = new int[offsets.length - 1];
    for (int d = 0; d < lengths.length; d++) {
      lengths[d] = offsets[d + 1] - offsets[d];
    }
    Mask documents = Mask.documents(lengths);
    return causal ? Mask.causal().and(documents) : documents;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CuSeqlens that
        && causal == that.causal
        && Arrays.equals(offsets, that.offsets);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(offsets) + Boolean.hashCode(causal);
  }
}
