package dev.sightline.attention.internal.plan;

import dev.sightline.tensor.FloatTensor;
import org.jspecify.annotations.Nullable;

/** The tensors of one run, and who observes it. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Call(
    Elements queries,
    Elements keys,
    Elements values,
    float[] output,
    @Nullable FloatTensor bias,
    float @Nullable [] logSumExp,
    @Nullable TileSink probabilities,
    @Nullable TileSink scores) {
  boolean isObserved() {
    return probabilities != null || scores != null;
  }
}
