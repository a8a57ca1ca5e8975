package dev.sightline.mask;

import java.util.Arrays;

/** An immutable list of ints with value equality: a million token ids without a million objects. */
final class Ints {
  private final int[] values;

  private Ints(int[] values) {
    this.values = values;
  }

  static Ints of(int... values) {
    return new Ints(values.clone());
  }

  int size() {
    return values.length;
  }

  int get(int index) {
    return values[index];
  }

  int[] toArray() {
    return values.clone();
  }

  /**
   * The entry of a batch row: a list of one entry holds for every row.
   *
   * @param row batch row; the list has one entry or one per row, which {@link Sizing} has checked
   */
  int ofRow(int row) {
    return values[values.length == 1 ? 0 : row];
  }

  int max() {
    return Arrays.stream(values).max().orElse(0);
  }

  int min() {
    return Arrays.stream(values).min().orElse(0);
  }

  long sum() {
    return Arrays.stream(values).asLongStream().sum();
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
