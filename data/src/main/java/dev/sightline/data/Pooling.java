package dev.sightline.data;

import dev.sightline.tensor.FloatTensor;
import java.util.Locale;

/**
 * Ways to make one vector of a text from those of its tokens. The first ones take real tokens only,
 * wherever they stand; the others are the mistakes that are made, which agree with them as long as
 * no padding is in their way.
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
  /** The first slot, padding or not. */
  FIRST_SLOT,
  /** The last slot, padding or not. */
  LAST_SLOT,
  /** The slot whose number is the number of real tokens less one. */
  COUNTED_SLOT,
  /** The mean over all slots, padding included. */
  MEAN_OVER_SLOTS,
  /** The sum over real tokens, divided by the number of slots. */
  SUM_OVER_SLOTS;

  /** Whether padding cannot have a part in it. */
  public boolean takesRealTokensOnly() {
    return compareTo(WEIGHTED_MEAN) <= 0;
  }

  /**
   * A right way by its name, such as {@code weighted-mean}; {@code cls} is the first token.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Pooling parse(String name) {
    String plain = name.strip().toUpperCase(Locale.ROOT).replace('-', '_');
    for (Pooling way : values()) {
      if (way.takesRealTokensOnly()
          && way.name().equals(plain.equals("CLS") ? FIRST.name() : plain)) {
        return way;
      }
    }
    throw new IllegalArgumentException(
        "'" + name + "' is no pooling; expected mean, cls, first, last, max or weighted-mean");
  }

  /** In words: {@code weighted mean}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /**
   * Pools a row.
   *
   * @param tokens {@code [B, S, D]}
   * @return D values; NaN for a row without a real token, of which there is nothing to take
   */
  public double[] of(FloatTensor tokens, Batch batch, int stream, int row) {
    int size = tokens.shape().dim(2);
    int width = tokens.shape().dim(1);
    int real = batch.samples().get(row).length(stream);
    double[] pooled = new double[size];
    if (real == 0) {
      java.util.Arrays.fill(pooled, Double.NaN);
      return pooled;
    }
    double sum = 0;
    for (int slot = 0; slot < width; slot++) {
      int token = tokenAt(batch, stream, row, slot);
      double weight = weight(slot, token, real, width);
      sum += weight;
      if (weight == 0) {
        continue;
      }
      for (int d = 0; d < size; d++) {
        double value = tokens.data()[tokens.offset(row, slot) + d];
        pooled[d] =
            this == MAX
                ? token == 0 ? value : Math.max(pooled[d], value)
                : pooled[d] + weight * value;
      }
    }
    double divisor = this == MAX ? 1 : this == SUM_OVER_SLOTS ? width : sum;
    for (int d = 0; d < size; d++) {
      pooled[d] /= divisor;
    }
    return pooled;
  }

  /** The number of the token in a slot, counted over real ones; -1 for padding. */
  private static int tokenAt(Batch batch, int stream, int row, int slot) {
    int tokens = batch.samples().get(row).length(stream);
    for (int t = 0; t < tokens; t++) {
      if (batch.slot(stream, row, t) == slot) {
        return t;
      }
    }
    return -1;
  }

  private double weight(int slot, int token, int real, int width) {
    boolean chosen =
        switch (this) {
          case MEAN, MAX, WEIGHTED_MEAN, SUM_OVER_SLOTS -> token >= 0;
          case FIRST -> token == 0;
          case LAST -> token == real - 1;
          case FIRST_SLOT -> slot == 0;
          case LAST_SLOT -> slot == width - 1;
          case COUNTED_SLOT -> slot == real - 1;
          case MEAN_OVER_SLOTS -> true;
        };
    return chosen ? this == WEIGHTED_MEAN ? token + 1 : 1 : 0;
  }
}
