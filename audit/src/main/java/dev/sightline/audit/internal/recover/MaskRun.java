package dev.sightline.audit.internal.recover;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.tensor.RawTensor;
import java.util.Map;
import java.util.Optional;

/**
 * One run of the model.
 *
 * @param batch the tokens
 * @param feed what the model is fed
 * @param rows how many rows are samples; the last one is repeated after them where the file fixes
 *     the number of rows
 * @param padded whether some row has padding
 * @param step the positions that are run, if the others are in a cache
 */
record MaskRun(
    Batch batch, Map<String, RawTensor> feed, int rows, boolean padded, Optional<Step> step) {
  /** A run over the whole batch. */
  MaskRun(Batch batch, Map<String, RawTensor> feed, int rows, boolean padded) {
    this(batch, feed, rows, padded, Optional.empty());
  }

  /**
   * The positions of the batch that a run is over, after those in the cache.
   *
   * @param stream the stream whose tokens are cached
   * @param from the first position
   * @param to one past the last
   */
  record Step(int stream, int from, int to) {}
}
