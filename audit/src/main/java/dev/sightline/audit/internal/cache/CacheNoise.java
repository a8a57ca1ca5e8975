package dev.sightline.audit.internal.cache;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.Random;

/**
 * Other keys and values in some positions of a cache, as large as those that are there.
 *
 * @param seed of all that is drawn
 */
record CacheNoise(long seed) {
  /** Where a cache holds zeros or nothing finite. */
  private static final float USUAL_MAGNITUDE = 1.75f;

  private static final float LARGER = 1.5f;

  /** Returns an edit that replaces positions of a batch. */
  CacheLoop.Edit at(int rows, Batch.Selection where) {
    return (entry, past) -> replaced(entry, past, rows, where);
  }

  private FloatTensor replaced(
      CacheEntry entry, FloatTensor past, int rows, Batch.Selection where) {
    Random random = new Random(seed ^ entry.past().hashCode());
    Shape shape = past.shape();
    float magnitude = magnitude(past);
    float[] values = past.data().clone();
    int rowAxis = entry.rowAxis();
    int perRow = rowAxis == CacheEntry.NONE ? 1 : Math.max(1, shape.dim(rowAxis) / rows);
    for (int i = 0; i < values.length; i++) {
      float drawn = (2 * random.nextFloat() - 1) * magnitude;
      int row = rowAxis == CacheEntry.NONE ? 0 : Axes.index(shape, rowAxis, i) / perRow;
      if (where.contains(row, Axes.index(shape, entry.tokenAxis(), i))) {
        values[i] = drawn;
      }
    }
    return FloatTensor.of(shape, values);
  }

  private static float magnitude(FloatTensor past) {
    float largest = 0;
    for (float value : past.data()) {
      largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    return largest == 0 ? USUAL_MAGNITUDE : LARGER * largest;
  }
}
