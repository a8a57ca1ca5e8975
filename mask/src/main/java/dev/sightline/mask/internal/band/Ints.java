package dev.sightline.mask.internal.band;

import java.util.Arrays;

/** An immutable list of ints with value equality: a million token ids without a million objects. */
public final class Ints {
  private final int[] values;

  private Ints(int[] values) {
    this.values = values;
  }

  public static Ints of(int... values) {
    return new Ints(values.clone());
  }

  public int size() {
    return values.length;
  }

  public int get(int index) {
    return values[index];
  }

  /**
   * The entry of a batch row: a list of one entry holds for every row.
   *
   * @param row batch row; the list has one entry or one per row, which the bound sizes have been
   *     checked against it
   */
  public int ofRow(int row) {
    return values[values.length == 1 ? 0 : row];
  }

  public int max() {
    return Arrays.stream(values).max().orElse(0);
  }

  public int min() {
    return Arrays.stream(values).min().orElse(0);
  }

  public long sum() {
    return Arrays.stream(values).asLongStream().sum();
  }

  /** Whether one of the numbers is the given one. */
  public boolean contains(int wanted) {
    return Arrays.stream(values).anyMatch(value -> value == wanted);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ints that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      text.append(i == 0 ? "" : ",").append(values[i]);
    }
    return text.toString();
  }
}
