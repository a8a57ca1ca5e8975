package dev.sightline.heads.internal.metric;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.Tokens;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What the sums inside the graph are told about real tokens: one set of inputs for each pair of
 * axes, which all attentions between the two share.
 *
 * @param number of the pair, after which the inputs are called
 */
record MetricInputs(int number, TokenAxis queries, TokenAxis keys) {
  boolean isSelf() {
    return queries.equals(keys);
  }

  /** float32 {@code [B, 1, Lk, 1]}, 1 where a key is in the set that a metric sums. */
  String set(HeadMetric metric) {
    return "sightline.metrics." + metric.id() + "." + number;
  }

  /** float32 {@code [B, 1, Lq, Lk]}, real tokens between the two. */
  String distances() {
    return "sightline.metrics.distances." + number;
  }

  /**
   * float32 {@code [B, 1, Lq, Lk]}, 1 where a key follows an earlier occurrence of the query's
   * token.
   */
  String followers() {
    return "sightline.metrics.followers." + number;
  }

  /** int64 {@code [B, 1, Lq]}, where in {@code [Lq*Lk]} each query's probability of a key is. */
  String place(HeadMetric metric) {
    return "sightline.metrics.place." + metric.id() + "." + number;
  }

  /** float32 {@code [B, 1, Lq]}, 0 where there is no such key. */
  String has(HeadMetric metric) {
    return "sightline.metrics.has." + metric.id() + "." + number;
  }

  /** int64, the shape {@code [B, H, Lq*Lk]}. */
  String flat() {
    return "sightline.metrics.flat." + number;
  }

  /** int64 {@code [1]}, how far it is down the diagonal of {@code [Lq, Lk]}. */
  String diagonal() {
    return "sightline.metrics.diagonal." + number;
  }

  /** Those of the inputs that a graph has. */
  void feed(Batch batch, Set<String> wanted, Map<String, RawTensor> feed) {
    int rows = batch.rows();
    int lq = queries.length(batch);
    int lk = keys.length(batch);
    float[] padding = new float[rows * lk];
    float[] specials = new float[rows * lk];
    float[] distances = new float[wanted.contains(distances()) ? rows * lq * lk : 0];
    long[] first = new long[rows * lq];
    float[] hasFirst = new float[rows * lq];
    long[] previous = new long[rows * lq];
    float[] hasPrevious = new float[rows * lq];
    for (int row = 0; row < rows; row++) {
      int[] keyNumbers = keys.numbers(batch, row);
      int[] queryNumbers = queries.numbers(batch, row);
      int[] positions = positions(keyNumbers);
      boolean[] special = keys.special(batch, row);
      for (int k = 0; k < lk; k++) {
        padding[row * lk + k] = keyNumbers[k] < 0 ? 1 : 0;
        specials[row * lk + k] = special[k] ? 1 : 0;
      }
      for (int q = 0; q < lq && positions.length > 0; q++) {
        first[row * lq + q] = (long) q * lk + positions[0];
        hasFirst[row * lq + q] = 1;
      }
      for (int q = 0; q < lq && isSelf(); q++) {
        if (queryNumbers[q] > 0) {
          previous[row * lq + q] = (long) q * lk + positions[queryNumbers[q] - 1];
          hasPrevious[row * lq + q] = 1;
        }
        for (int k = 0; k < lk && queryNumbers[q] >= 0 && distances.length > 0; k++) {
          if (keyNumbers[k] >= 0) {
            distances[(row * lq + q) * lk + k] = Math.abs(queryNumbers[q] - keyNumbers[k]);
          }
        }
      }
    }
    Map<String, RawTensor> all =
        Map.of(
            set(HeadMetric.PADDING), floats(padding, rows, 1, lk, 1),
            set(HeadMetric.SPECIAL), floats(specials, rows, 1, lk, 1),
            place(HeadMetric.FIRST_TOKEN), longs(first, rows, 1, lq),
            has(HeadMetric.FIRST_TOKEN), floats(hasFirst, rows, 1, lq),
            place(HeadMetric.PREVIOUS), longs(previous, rows, 1, lq),
            has(HeadMetric.PREVIOUS), floats(hasPrevious, rows, 1, lq),
            flat(), longs(new long[] {rows, -1, (long) lq * lk}, 3),
            diagonal(), longs(new long[] {lk + 1L}, 1));
    all.forEach((input, tensor) -> {
      if (wanted.contains(input)) {
        feed.put(input, tensor);
      }
    });
    if (wanted.contains(followers())) {
      feed.put(followers(), floats(followers(batch, rows, lq, lk), rows, 1, lq, lk));
    }
    if (distances.length > 0) {
      feed.put(distances(), floats(distances, rows, 1, lq, lk));
    }
  }

  private float[] followers(Batch batch, int rows, int lq, int lk) {
    float[] followers = new float[rows * lq * lk];
    for (int row = 0; row < rows; row++) {
      int[] queryNumbers = queries.numbers(batch, row);
      int[] keyNumbers = keys.numbers(batch, row);
      Tokens tokens = batch.samples().get(row).streams().get(queries.first());
      for (int q = 0; q < lq; q++) {
        for (int k = 0; k < lk && queryNumbers[q] > 0; k++) {
          if (RepeatedTokens.follows(tokens, keyNumbers[k], queryNumbers[q])) {
            followers[(row * lq + q) * lk + k] = 1;
          }
        }
      }
    }
    return followers;
  }

  /** The positions of the real tokens. */
  private static int[] positions(int[] numbers) {
    return IntStream.range(0, numbers.length).filter(p -> numbers[p] >= 0).toArray();
  }

  private static RawTensor floats(float[] values, int... shape) {
    return RawTensor.of(ElementType.FLOAT32, Shape.of(shape), TensorBytes.of(values));
  }

  private static RawTensor longs(long[] values, int... shape) {
    return RawTensor.of(ElementType.INT64, Shape.of(shape), TensorBytes.of(values));
  }
}
