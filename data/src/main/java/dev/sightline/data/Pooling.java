package dev.sightline.data;

import dev.sightline.tensor.FloatTensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * How the embedding of a text is made from the vectors of its tokens. {@link #MEAN}, {@link
 * #FIRST}, {@link #LAST}, {@link #MAX} and {@link #WEIGHTED_MEAN} use real tokens only, at whatever
 * positions; the others are common mistakes, which agree with them where a row has no padding.
 */
public enum Pooling {
  /** The mean over real tokens. */
  MEAN,
  /** The first real token, such as {@code [CLS]}. */
  FIRST,
  /** The last real token. */
  LAST,
  /** The largest value over real tokens, element by element. */
  MAX,
  /** The mean over real tokens, the n-th of them weighted by n (SGPT). */
  WEIGHTED_MEAN,
  /** The first position, padding or not. */
  FIRST_POSITION,
  /** The last position, padding or not. */
  LAST_POSITION,
  /** The position whose index is the number of real tokens less one. */
  COUNTED_POSITION,
  /** The mean over all positions, padding included. */
  MEAN_OVER_POSITIONS,
  /** The sum over real tokens, divided by the number of positions. */
  SUM_OVER_POSITIONS;

  /**
   * Tells whether padding has no part in the embedding.
   *
   * @return false for the common mistakes
   */
  public boolean takesRealTokensOnly() {
    return compareTo(WEIGHTED_MEAN) <= 0;
  }

  /**
   * Finds a pooling over real tokens by its name.
   *
   * @param name such as {@code weighted-mean}, in any case; {@code cls} is the first token
   * @return the pooling
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Pooling parse(String name) {
    String plain = name.strip().toUpperCase(Locale.ROOT).replace('-', '_');
    for (Pooling pooling : values()) {
      if (pooling.takesRealTokensOnly()
          && pooling.name().equals(plain.equals("CLS") ? FIRST.name() : plain)) {
        return pooling;
      }
    }
    throw new IllegalArgumentException(
        "'" + name + "' is no pooling; expected mean, cls, first, last, max or weighted-mean");
  }

  /**
   * Names the pooling in words.
   *
   * @return a name such as {@code weighted mean}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /**
   * Pools hidden states, such as the {@code last_hidden_state} of an encoder.
   *
   * @param hidden {@code [B, S, D]}
   * @param attentionMask {@code [B, S]}; 1 for a real token, 0 for padding, anywhere in the row
   * @return {@code [B, D]}; NaN in a row without a real token
   * @throws IllegalArgumentException if the shapes do not go together, are ragged, or a mask value
   *     is neither 0 nor 1
   */
  public float[][] pool(float[][][] hidden, long[][] attentionMask) {
    if (hidden.length != attentionMask.length) {
      throw new IllegalArgumentException(
          "hidden ["
              + hidden.length
              + ", S, D] and attentionMask ["
              + attentionMask.length
              + ", S] have different batch sizes");
    }
    int size = hidden.length == 0 || hidden[0].length == 0 ? 0 : hidden[0][0].length;
    int width = hidden.length == 0 ? 0 : hidden[0].length;
    float[][] pooled = new float[hidden.length][];
    for (int row = 0; row < hidden.length; row++) {
      float[][] tokens = hidden[row];
      int[] numbers = numbers(attentionMask[row], row);
      if (tokens.length != width || numbers.length != width) {
        throw new IllegalArgumentException(
            "row "
                + row
                + " of hidden has "
                + tokens.length
                + " positions and of attentionMask "
                + numbers.length
                + "; expected "
                + width
                + " of both, as in hidden ["
                + hidden.length
                + ", "
                + width
                + ", "
                + size
                + "]");
      }
      for (int s = 0; s < width; s++) {
        if (tokens[s].length != size) {
          throw new IllegalArgumentException(
              "hidden["
                  + row
                  + "]["
                  + s
                  + "] has "
                  + tokens[s].length
                  + " elements; expected "
                  + size
                  + ", as in hidden ["
                  + hidden.length
                  + ", "
                  + width
                  + ", "
                  + size
                  + "]");
        }
      }
      double[] of = pooled(numbers, size, (s, d) -> tokens[s][d]);
      pooled[row] = new float[size];
      for (int d = 0; d < size; d++) {
        pooled[row][d] = (float) of[d];
      }
    }
    return pooled;
  }

  /** The number of the token at each position, counted over real ones; -1 for padding. */
  private static int[] numbers(long[] mask, int row) {
    int[] numbers = new int[mask.length];
    int next = 0;
    for (int s = 0; s < mask.length; s++) {
      if (mask[s] != 0 && mask[s] != 1) {
        throw new IllegalArgumentException(
            "attentionMask[" + row + "][" + s + "] is " + mask[s] + "; expected 0 or 1");
      }
      numbers[s] = mask[s] == 1 ? next++ : -1;
    }
    return numbers;
  }

  /** An element of the vector at a position. */
  @FunctionalInterface
  private interface Elements {
    double at(int position, int element);
  }

  /**
   * Pools a row of hidden states.
   *
   * @param hidden {@code [B, S, D]}
   * @param row index of the row, from 0 to B - 1
   * @param tokens for each position the number of its token, counted over real ones from 0; -1 for
   *     padding, which also all positions after the given ones are
   * @return D values; NaN if the row has no real token
   */
  public double[] pool(FloatTensor hidden, int row, int[] tokens) {
    int[] numbers = new int[hidden.shape().dim(1)];
    Arrays.fill(numbers, -1);
    System.arraycopy(tokens, 0, numbers, 0, Math.min(tokens.length, numbers.length));
    return pooled(
        numbers,
        hidden.shape().dim(2),
        (position, d) -> hidden.data()[hidden.offset(row, position) + d]);
  }

  /**
   * Pools a row.
   *
   * @param numbers the number of the token at each position; -1 for padding
   * @param size elements of a vector
   */
  private double[] pooled(int[] numbers, int size, Elements elements) {
    int width = numbers.length;
    int real = (int) Arrays.stream(numbers).filter(number -> number >= 0).count();
    double[] pooled = new double[size];
    if (real == 0) {
      Arrays.fill(pooled, Double.NaN);
      return pooled;
    }
    double sum = 0;
    for (int s = 0; s < width; s++) {
      double weight = weight(s, numbers[s], real, width);
      sum += weight;
      if (weight == 0) {
        continue;
      }
      for (int d = 0; d < size; d++) {
        double value = elements.at(s, d);
        pooled[d] =
            this == MAX
                ? numbers[s] == 0 ? value : Math.max(pooled[d], value)
                : pooled[d] + weight * value;
      }
    }
    double divisor = this == MAX ? 1 : this == SUM_OVER_POSITIONS ? width : sum;
    for (int d = 0; d < size; d++) {
      pooled[d] /= divisor;
    }
    return pooled;
  }

  private double weight(int position, int token, int real, int width) {
    boolean chosen =
        switch (this) {
          case MEAN, MAX, WEIGHTED_MEAN, SUM_OVER_POSITIONS -> token >= 0;
          case FIRST -> token == 0;
          case LAST -> token == real - 1;
          case FIRST_POSITION -> position == 0;
          case LAST_POSITION -> position == width - 1;
          case COUNTED_POSITION -> position == real - 1;
          case MEAN_OVER_POSITIONS -> true;
        };
    return chosen ? this == WEIGHTED_MEAN ? token + 1 : 1 : 0;
  }
}
