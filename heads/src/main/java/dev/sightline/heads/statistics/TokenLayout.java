package dev.sightline.heads.statistics;

import dev.sightline.data.Batch;
import java.util.Arrays;

/**
 * Which slots of a batch hold real tokens, {@code [B, S]}, on whatever side the padding stands and
 * with holes. Immutable.
 */
public final class TokenLayout {
  private final int width;
  private final int[][] slots;

  private TokenLayout(int width, int[][] slots) {
    this.width = width;
    this.slots = slots;
  }

  /** Where the tokens of a batch's stream stand, whatever its mask claims. */
  public static TokenLayout of(Batch batch, int stream) {
    int[][] slots = new int[batch.rows()][];
    for (int row = 0; row < slots.length; row++) {
      int r = row;
      slots[row] = new int[batch.samples().get(row).length(stream)];
      Arrays.setAll(slots[row], token -> batch.slot(stream, r, token));
    }
    return new TokenLayout(batch.width(stream), slots);
  }

  /**
   * What a mask says.
   *
   * @param mask {@code [B, S]} in row-major order, 1 for a real token and 0 for padding
   * @throws IllegalArgumentException if it has another shape or another value, which is quoted
   */
  public static TokenLayout ofMask(long[] mask, int rows, int width) {
    if (rows < 0 || width < 0 || (long) rows * width != mask.length) {
      throw new IllegalArgumentException(
          "a mask [" + rows + ", " + width + "] does not have " + mask.length + " values");
    }
    int[][] slots = new int[rows][];
    for (int row = 0; row < rows; row++) {
      int[] found = new int[width];
      int count = 0;
      for (int slot = 0; slot < width; slot++) {
        long value = mask[row * width + slot];
        if (value != 0 && value != 1) {
          throw new IllegalArgumentException(
              "a mask has 0 and 1, not " + value + " as in row " + row + ", slot " + slot);
        }
        if (value == 1) {
          found[count++] = slot;
        }
      }
      slots[row] = Arrays.copyOf(found, count);
    }
    return new TokenLayout(width, slots);
  }

  public int rows() {
    return slots.length;
  }

  /** Slots in a row. */
  public int width() {
    return width;
  }

  /** The number of real tokens in a row. */
  public int tokens(int row) {
    return slots[row].length;
  }

  /** The slot of a real token, counted from 0 in the order of the text. */
  public int slot(int row, int token) {
    return slots[row][token];
  }

  /** Whether padding stands between the tokens of a row. */
  public boolean hasHoles(int row) {
    int[] of = slots[row];
    return of.length > 0 && of[of.length - 1] - of[0] + 1 != of.length;
  }
}
