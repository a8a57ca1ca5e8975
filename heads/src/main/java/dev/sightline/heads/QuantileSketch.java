package dev.sightline.heads;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Quantiles of any number of values in a few kilobytes: the KLL sketch (Karnin, Lang and Liberty,
 * FOCS 2016), rank error about 1.5 %; exact up to {@link #K} values. A value on level h stands for
 * 2^h values. A full level is sorted and every other value moves up; whether the odd or the even
 * ones do is a coin's throw.
 *
 * <p>The coin is a hash of the count and the level. That is why this is not Apache DataSketches'
 * sketch: its coin is one static generator without a seed, and a run that was killed and resumed
 * would not give the numbers of one that was not.
 *
 * <p>Merging is commutative to the bit, and associative within the rank error. Owned by one thread.
 */
final class QuantileSketch {
  static final int K = 200;
  private static final int SMALLEST_LEVEL = 8;
  private static final int MAX_LEVELS = 58;

  private double[][] levels = {new double[SMALLEST_LEVEL]};
  private int[] sizes = {0};
  private long count;
  private int kept;
  private int room = K;

  void add(double value) {
    count++;
    push(0, value);
    compress();
  }

  void merge(QuantileSketch other) {
    count = Math.addExact(count, other.count);
    for (int level = 0; level < other.sizes.length; level++) {
      for (int i = 0; i < other.sizes[level]; i++) {
        push(level, other.levels[level][i]);
      }
    }
    compress();
  }

  long count() {
    return count;
  }

  /** The smallest value that at least this share of the values does not exceed. */
  OptionalDouble quantile(double share) {
    if (count == 0) {
      return OptionalDouble.empty();
    }
    record Weighted(double value, long weight) {}
    Weighted[] all = new Weighted[kept];
    int at = 0;
    for (int level = 0; level < sizes.length; level++) {
      for (int i = 0; i < sizes[level]; i++) {
        all[at++] = new Weighted(levels[level][i], 1L << level);
      }
    }
    Arrays.sort(all, (a, b) -> Double.compare(a.value(), b.value()));
    double wanted = share * count;
    long seen = 0;
    for (Weighted each : all) {
      seen += each.weight();
      if (seen >= wanted) {
        return OptionalDouble.of(each.value());
      }
    }
    return OptionalDouble.of(all[kept - 1].value());
  }

  private void push(int level, double value) {
    while (level >= sizes.length) {
      levels = Arrays.copyOf(levels, levels.length + 1);
      levels[levels.length - 1] = new double[SMALLEST_LEVEL];
      sizes = Arrays.copyOf(sizes, sizes.length + 1);
      room = 0;
      for (int each = 0; each < sizes.length; each++) {
        room += capacity(each);
      }
    }
    if (sizes[level] == levels[level].length) {
      levels[level] = Arrays.copyOf(levels[level], 2 * sizes[level]);
    }
    levels[level][sizes[level]++] = value;
    kept++;
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
    Arrays.sort(values, 0, size);
    int odd = size & 1;
    sizes[level] = odd;
    kept -= size - odd;
    int coin = (int) (Hash.mix(count * 64 + level) & 1);
    for (int i = odd + coin; i < size; i += 2) {
      push(level + 1, values[i]);
    }
  }

  /** The count, the number of levels, and for each its size and its values in order. */
  byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(12 + 4 * sizes.length + 8 * kept);
    bytes.putLong(count).putInt(sizes.length);
    for (int level = 0; level < sizes.length; level++) {
      Arrays.sort(levels[level], 0, sizes[level]);
      bytes.putInt(sizes[level]);
      for (int i = 0; i < sizes[level]; i++) {
        bytes.putDouble(levels[level][i]);
      }
    }
    return bytes.array();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if nothing wrote it
   */
  static QuantileSketch ofBytes(byte[] given) {
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
