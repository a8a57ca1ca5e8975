package dev.sightline.data.internal.batch;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.axis.PastBits;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.List;
import java.util.Map;

/**
 * The part of a mask that is about a given cache. A sample keeps it {@code [P]}, 1 at a real token,
 * among its other inputs; a batch puts it before the mask of its own tokens, and counts positions
 * from its real tokens on unless the sample gives them.
 */
public final class PastMask {
  private PastMask() {}

  /** Returns the name under which a sample keeps this part of a mask. */
  public static String key(TensorSpec mask) {
    return PastBits.key(mask);
  }

  /** Extends what a batch feeds for a stream, if its samples have a cache with a mask. */
  static void extend(Map<String, RawTensor> feed, TokenStream stream, List<Sample> samples) {
    TensorSpec mask = stream.mask();
    RawTensor own = mask == null ? null : feed.get(mask.name());
    if (mask == null || own == null || !samples.getFirst().others().containsKey(key(mask))) {
      return;
    }
    int width = own.shape().dim(1);
    long[] values = own.toLongs();
    int past = bits(samples.getFirst(), mask).length;
    long[] all = new long[samples.size() * (past + width)];
    long[] real = new long[samples.size()];
    for (int row = 0; row < real.length; row++) {
      long[] bits = bits(samples.get(row), mask);
      for (int p = 0; p < past; p++) {
        all[row * (past + width) + p] = stream.paddingIsOne() ? 1 - bits[p] : bits[p];
        real[row] += bits[p];
      }
      System.arraycopy(values, row * width, all, row * (past + width) + past, width);
    }
    feed.put(mask.name(), longs(all, real.length));
    TensorSpec positions = stream.positions();
    if (positions != null && !samples.getFirst().others().containsKey(positions.name())) {
      count(feed, positions, real);
    }
  }

  private static long[] bits(Sample sample, TensorSpec mask) {
    RawTensor bits = sample.others().get(key(mask));
    if (bits == null) {
      throw new IllegalArgumentException(
          "sample " + sample.number() + " has no values of '" + mask.name() + "' for its cache");
    }
    return bits.toLongs();
  }

  private static void count(Map<String, RawTensor> feed, TensorSpec positions, long[] real) {
    RawTensor given = feed.get(positions.name());
    if (given == null) {
      return;
    }
    long[] counted = given.toLongs();
    for (int i = 0; i < counted.length; i++) {
      counted[i] += real[i / (counted.length / real.length)];
    }
    feed.put(positions.name(), longs(counted, real.length));
  }

  private static RawTensor longs(long[] values, int rows) {
    return RawTensor.of(
        ElementType.INT64, Shape.of(rows, values.length / rows), TensorBytes.of(values));
  }
}
