package dev.sightline.heads.statistics;

import dev.sightline.tensor.internal.Quoted;

/**
 * A part of a data set.
 *
 * @param number counted from 1
 * @param of number of parts
 */
public record Shard(int number, int of) implements Comparable<Shard> {
  /** The whole data set. */
  public static final Shard WHOLE = new Shard(1, 1);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException unless {@code 1 <= number <= of}
   */
  public Shard {
    if (number < 1 || of < number) {
      throw new IllegalArgumentException(
          "shard " + number + "/" + of + " is not one of 1/" + of + " to " + of + "/" + of);
    }
  }

  /**
   * Parses a shard.
   *
   * @param text such as {@code 2/8}
   * @return the shard
   * @throws IllegalArgumentException if the text is not such
   */
  public static Shard parse(String text) {
    if (!text.matches("\\d{1,6}/\\d{1,6}")) {
      throw new IllegalArgumentException("shard " + Quoted.of(text) + " is not like 2/8");
    }
    String[] parts = text.split("/", -1);
    return new Shard(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
  }

  /**
   * Returns whether a row of the data set is in this part.
   *
   * @param row counted from 0
   * @return whether the row is in it
   */
  public boolean has(long row) {
    return Math.floorMod(row, (long) of) == number - 1;
  }

  @Override
  public int compareTo(Shard other) {
    return of != other.of ? Integer.compare(of, other.of) : Integer.compare(number, other.number);
  }

  /**
   * Returns the text that {@link #parse} reads.
   *
   * @return such as {@code 2/8}
   */
  @Override
  public String toString() {
    return number + "/" + of;
  }
}
