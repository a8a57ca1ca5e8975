package dev.sightline.heads.internal.run;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The positions of the real tokens in a batch {@code [B, S]}. Padding may be on any side and
 * between tokens. Immutable.
 */
final class TokenLayout {
  private final int width;
  private final int[][] positions;

  private TokenLayout(int width, int[][] positions) {
    this.width = width;
    this.positions = positions;
  }

  /** Returns the positions of the tokens of a batch's stream, whatever its mask says. */
  static TokenLayout of(Batch batch, int stream) {
    int[][] positions = new int[batch.rows()][];
    for (int row = 0; row < positions.length; row++) {
      int r = row;
      positions[row] = new int[batch.samples().get(row).length(stream)];
      Arrays.setAll(positions[row], token -> batch.position(stream, r, token));
    }
    return new TokenLayout(batch.width(stream), positions);
  }

  /** Returns the positions of the tokens of an axis, those of all its streams. */
  static TokenLayout of(Batch batch, TokenAxis axis) {
    int[][] positions = new int[batch.rows()][];
    for (int row = 0; row < positions.length; row++) {
      int[] numbers = axis.numbers(batch, row);
      positions[row] =
          IntStream.range(0, numbers.length).filter(position -> numbers[position] >= 0).toArray();
    }
    return new TokenLayout(axis.length(batch), positions);
  }

  /** Returns all positions: none is padding. */
  static TokenLayout ofAll(int rows, int width) {
    int[][] positions = new int[rows][];
    Arrays.setAll(positions, row -> IntStream.range(0, width).toArray());
    return new TokenLayout(width, positions);
  }

  /**
   * Returns the positions that a mask allows.
   *
   * @param mask {@code [B, S]} in row-major order, 1 for a real token and 0 for padding
   * @throws IllegalArgumentException if it has another shape or another value, which is quoted
   */
  static TokenLayout ofMask(long[] mask, int rows, int width) {
    if (rows < 0 || width < 0 || (long) rows * width != mask.length) {
      throw new IllegalArgumentException(
          "a mask [" + rows + ", " + width + "] does not have " + mask.length + " values");
    }
    int[][] positions = new int[rows][];
    for (int row = 0; row < rows; row++) {
      int[] found = new int[width];
      int count = 0;
      for (int position = 0; position < width; position++) {
        long value = mask[row * width + position];
        if (value != 0 && value != 1) {
          throw new IllegalArgumentException(
              "a mask has 0 and 1, not " + value + " as in row " + row + ", position " + position);
        }
        if (value == 1) {
          found[count++] = position;
        }
      }
      positions[row] = Arrays.copyOf(found, count);
    }
    return new TokenLayout(width, positions);
  }

  int rows() {
    return positions.length;
  }

  /** The number of positions in a row. */
  int width() {
    return width;
  }

  /** The number of real tokens in a row. */
  int tokens(int row) {
    return positions[row].length;
  }

  /** Returns the position of a real token; both count from 0. */
  int position(int row, int token) {
    return positions[row][token];
  }

  /** Whether there is padding between the tokens of a row. */
  boolean hasHoles(int row) {
    int[] of = positions[row];
    return of.length > 0 && of[of.length - 1] - of[0] + 1 != of.length;
  }

  /**
   * Returns the mean of each head over some tokens of a row, {@code [H]}. The NaN of one token
   * makes the head's value NaN, which the statistics count and leave out.
   *
   * @param values of each position, {@code [B, H, S]} in row-major order
   * @throws IllegalArgumentException if there are not B x H x S values
   */
  double[] means(float[] values, int heads, int row, TokenChoice.Read choice) {
    if ((long) rows() * heads * width != values.length) {
      throw new IllegalArgumentException(
          "values [B, H, S] = ["
              + rows()
              + ", "
              + heads
              + ", "
              + width
              + "] are not "
              + values.length);
    }
    double[] means = new double[heads];
    for (int head = 0; head < heads; head++) {
      int base = (row * heads + head) * width;
      double sum = 0;
      for (int token = choice.from(); token < choice.to(); token++) {
        sum += values[base + position(row, token)];
      }
      means[head] = sum / choice.tokens();
    }
    return means;
  }
}
