package dev.sightline.audit.internal.trial;

import dev.sightline.data.internal.batch.Batch;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Padded batches of the samples of a trial, one after the other. */
@FunctionalInterface
interface TrialBatches {
  /** Returns the next batch; null after the last. */
  @Nullable Batch next() throws IOException;
}
