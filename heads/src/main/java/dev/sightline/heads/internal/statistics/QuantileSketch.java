package dev.sightline.heads.internal.statistics;

import dev.sightline.tensor.internal.Hash;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Quantiles of any number of values in a few kilobytes: the KLL sketch (Karnin, Lang and Liberty,
 * FOCS 2016), rank error about 1.5 %; exact up to {@link #K} values. A value on level h counts as
 * 2^h values. Of a full level every other value moves up, in order; whether the odd or the even
 * ones do is a coin's throw. Every level but the lowest is kept in order, since to merge two costs
 * half of sorting one.
 *
 * <p>The coin is a hash of the count and the level. That is why this is not Apache DataSketches'
 * sketch: its coin is one static generator without a seed, and a run that was killed and resumed
 * would not give the numbers of one that was not.
 *
 * <p>Merging is commutative to the bit, and associative within the rank error. Owned by one thread.
 */
public final class QuantileSketch {
  static final int K = 200;
  private static final int SMALLEST_LEVEL = 8;
  private static final int MAX_LEVELS = 58;

  private double[][] levels = {new double[SMALLEST_LEVEL]};
  private int[] sizes = {0};
  private long count;
  private int kept;
  private int room = K;

  public void add(double value) {
    count++;
    push(0, value);
    compress();
  }

  public void merge(QuantileSketch other) {
    count = Math.addExact(count, other.count);
    for (int level = 0; level < other.sizes.length; level++) {
      insert(level, other.levels[level], 0, other.sizes[level], 1);
    }
    compress();
  }

  public long count() {
    return count;
  }

  /** The smallest value that at least this share of the values does not exceed. */
  OptionalDouble quantile(double share) {
    if (count == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(quantiles(share)[0]);
  }

  /** Those of several shares, in ascending order; none without a value. */
  public double[] quantiles(double... shares) {
    if (count == 0) {
      return new double[0];
    }
    Arrays.sort(levels[0], 0, sizes[0]);
    int[] at = new int[sizes.length];
    double[] quantiles = new double[shares.length];
    long seen = 0;
    double last = Double.NaN;
    for (int q = 0; q < shares.length; q++) {
      while (seen < shares[q] * count || seen == 0) {
        int least = least(at);
        if (least < 0) {
          break;
        }
        last = levels[least][at[least]++];
        seen += 1L << least;
      }
      quantiles[q] = last;
    }
    return quantiles;
  }

  /** The level whose next value is the least; -1 if all are through. */
  private int least(int[] at) {
    int least = -1;
    for (int level = 0; level < at.length; level++) {
      if (at[level] < sizes[level]
          && (least < 0
              || Double.compare(levels[level][at[level]], levels[least][at[least]]) < 0)) {
        least = level;
      }
    }
    return least;
  }

  private void push(int level, double value) {
    grow(level, 1);
    levels[level][sizes[level]++] = value;
    kept++;
  }

  /** Every {@code every}-th of some values in order, merged from the back. */
  private void insert(int level, double[] values, int from, int to, int every) {
    int more = (to - from + every - 1) / every;
    grow(level, more);
    double[] into = levels[level];
    int i = sizes[level] - 1;
    int j = from + (more - 1) * every;
    sizes[level] += more;
    kept += more;
    for (int at = sizes[level] - 1; j >= from; at--) {
      if (i >= 0 && into[i] > values[j]) {
        into[at] = into[i--];
      } else {
        into[at] = values[j];
        j -= every;
      }
    }
  }

  private void grow(int level, int more) {
    while (level >= sizes.length) {
      levels = Arrays.copyOf(levels, levels.length + 1);
      levels[levels.length - 1] = new double[SMALLEST_LEVEL];
      sizes = Arrays.copyOf(sizes, sizes.length + 1);
      room = 0;
      for (int each = 0; each < sizes.length; each++) {
        room += capacity(each);
      }
    }
    if (sizes[level] + more > levels[level].length) {
      levels[level] =
          Arrays.copyOf(levels[level], Math.max(2 * levels[level].length, sizes[level] + more));
    }
  }

  /** The top level holds K, each below it two thirds of the one above. */
  private int capacity(int level) {
    return Math.max(
        SMALLEST_LEVEL, (int) Math.ceil(K * Math.pow(2.0 / 3, sizes.length - 1 - level)));
  }

  private void compress() {
    while (kept > room) {
      int level = 0;
      while (sizes[level] <= capacity(level)) {
        level++;
      }
      compact(level);
    }
  }

  private void compact(int level) {
    double[] values = levels[level];
    int size = sizes[level];
    if (level == 0) {
      Arrays.sort(values, 0, size);
    }
    int odd = size & 1;
    sizes[level] = odd;
    kept -= size - odd;
    int coin = (int) (Hash.mix(count * 64 + level) & 1);
    insert(level + 1, values, odd + coin, size, 2);
  }

  /** The count, the number of levels, and for each its size and its values in order. */
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(12 + 4 * sizes.length + 8 * kept);
    bytes.putLong(count).putInt(sizes.length);
    Arrays.sort(levels[0], 0, sizes[0]);
    for (int level = 0; level < sizes.length; level++) {
      bytes.putInt(sizes[level]);
      bytes.asDoubleBuffer().put(levels[level], 0, sizes[level]);
      bytes.position(bytes.position() + Double.BYTES * sizes[level]);
    }
    return bytes.array();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if nothing wrote it
   */
  public static QuantileSketch ofBytes(byte[] given) {
    ByteBuffer bytes = ByteBuffer.wrap(given);
    try {
      QuantileSketch sketch = new QuantileSketch();
      long count = bytes.getLong();
      int depth = bytes.getInt();
      if (depth < 1 || depth > MAX_LEVELS) {
        throw new IllegalArgumentException("a sketch does not have " + depth + " levels");
      }
      long total = 0;
      for (int level = 0; level < depth; level++) {
        int size = bytes.getInt();
        if (size < 0 || size > bytes.remaining() / Double.BYTES) {
          throw new IllegalArgumentException("a sketch's level does not hold " + size + " values");
        }
        total += (long) size << level;
        for (int i = 0; i < size; i++) {
          double value = bytes.getDouble();
          if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("a sketch does not hold " + value);
          }
          sketch.push(level, value);
        }
      }
      if (total != count || bytes.hasRemaining()) {
        throw new IllegalArgumentException(
            "a sketch of " + count + " values does not hold " + total);
      }
      sketch.count = count;
      if (sketch.sizes.length != depth || sketch.kept > sketch.room) {
        throw new IllegalArgumentException("the sketch holds more than a sketch does");
      }
      return sketch;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("the sketch is cut off", e);
    }
  }
}
