package dev.sightline.onnx;

import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * What the sums inside the graph are told about real tokens: one set of inputs for each pair of
 * spans, which all attentions between the two share.
 *
 * @param number of the pair, after which the inputs are called
 */
record MetricInputs(int number, TokenSpan queries, TokenSpan keys) {
  /** Keys that are looked up for every query: the first real one, its own, the one before. */
  private static final int PICKS = 3;

  /** Sets of keys whose probabilities are summed: padding, special tokens. */
  private static final int SETS = 2;

  boolean isSelf() {
    return queries.equals(keys);
  }

  /** float32 {@code [B, 1, Lk, 2]}, 1 where a key is in a set. */
  String sets() {
    return "sightline.metrics.sets." + number;
  }

  /** float32 {@code [B, 1, Lq, Lk]}, real tokens between the two. */
  String distances() {
    return "sightline.metrics.distances." + number;
  }

  /** int64 {@code [B, 1, Lq, 3]}, slots of keys. */
  String picks() {
    return "sightline.metrics.picks." + number;
  }

  /** float32 {@code [B, 1, Lq, 3]}, 0 where there is no such key. */
  String picked() {
    return "sightline.metrics.picked." + number;
  }

  /** Those of the inputs that a graph has. */
  void feed(Batch batch, Set<String> wanted, Map<String, RawTensor> feed) {
    int rows = batch.rows();
    int lq = queries.length(batch);
    int lk = keys.length(batch);
    float[] sets = new float[rows * lk * SETS];
    float[] distances = new float[wanted.contains(distances()) ? rows * lq * lk : 0];
    long[] picks = new long[rows * lq * PICKS];
    float[] picked = new float[rows * lq * PICKS];
    for (int row = 0; row < rows; row++) {
      int[] keyPlaces = keys.places(batch, row);
      int[] queryPlaces = queries.places(batch, row);
      int[] slots = slots(keyPlaces);
      boolean[] special = keys.special(batch, row);
      for (int k = 0; k < lk; k++) {
        sets[(row * lk + k) * SETS] = keyPlaces[k] < 0 ? 1 : 0;
        sets[(row * lk + k) * SETS + 1] = special[k] ? 1 : 0;
      }
      for (int q = 0; q < lq; q++) {
        int at = (row * lq + q) * PICKS;
        pick(picks, picked, at, slots, 0);
        if (isSelf() && queryPlaces[q] >= 0) {
          pick(picks, picked, at + 1, slots, queryPlaces[q]);
          pick(picks, picked, at + 2, slots, queryPlaces[q] - 1);
          for (int k = 0; k < lk && distances.length > 0; k++) {
            if (keyPlaces[k] >= 0) {
              distances[(row * lq + q) * lk + k] = Math.abs(queryPlaces[q] - keyPlaces[k]);
            }
          }
        }
      }
    }
    put(feed, wanted, sets(), floats(sets, rows, 1, lk, SETS));
    put(
        feed,
        wanted,
        picks(),
        RawTensor.of(
            ElementType.INT64, Shape.of(rows, 1, lq, PICKS), MemorySegment.ofArray(picks)));
    put(feed, wanted, picked(), floats(picked, rows, 1, lq, PICKS));
    if (wanted.contains(distances())) {
      feed.put(distances(), floats(distances, rows, 1, lq, lk));
    }
  }

  /** The slots of the real tokens. */
  private static int[] slots(int[] places) {
    int[] slots = new int[places.length];
    int count = 0;
    for (int s = 0; s < places.length; s++) {
      if (places[s] >= 0) {
        slots[count++] = s;
      }
    }
    return Arrays.copyOf(slots, count);
  }

  private static void pick(long[] picks, float[] picked, int at, int[] slots, int token) {
    if (token >= 0 && token < slots.length) {
      picks[at] = slots[token];
      picked[at] = 1;
    }
  }

  private static void put(
      Map<String, RawTensor> feed, Set<String> wanted, String input, RawTensor tensor) {
    if (wanted.contains(input)) {
      feed.put(input, tensor);
    }
  }

  private static RawTensor floats(float[] values, int... shape) {
    return RawTensor.of(ElementType.FLOAT32, Shape.of(shape), MemorySegment.ofArray(values));
  }
}
