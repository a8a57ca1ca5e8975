package dev.sightline.heads.statistics;

/**
 * A part of a data set.
 *
 * @param number counted from 1
 * @param of how many parts there are
 */
public record Shard(int number, int of) implements Comparable<Shard> {
  /** All of it. */
  public static final Shard WHOLE = new Shard(1, 1);

  public Shard {
    if (number < 1 || of < number) {
      throw new IllegalArgumentException(
          "shard " + number + "/" + of + " is not one of 1/" + of + " to " + of + "/" + of);
    }
  }

  /**
   * Reads {@code 2/8}.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Shard parse(String text) {
    if (!text.matches("\\d{1,6}/\\d{1,6}")) {
      throw new IllegalArgumentException("shard '" + text + "' is not like 2/8");
    }
    String[] parts = text.split("/", -1);
    return new Shard(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
  }

  /** Whether the row of a data set, counted from 0, belongs to it. */
  public boolean has(long row) {
    return Math.floorMod(row, (long) of) == number - 1;
  }

  @Override
  public int compareTo(Shard other) {
    return of != other.of ? Integer.compare(of, other.of) : Integer.compare(number, other.number);
  }

  /** As in {@code 2/8}. */
  @Override
  public String toString() {
    return number + "/" + of;
  }
}
