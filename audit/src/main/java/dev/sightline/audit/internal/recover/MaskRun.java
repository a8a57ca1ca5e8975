package dev.sightline.audit.internal.recover;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.tensor.RawTensor;
import java.util.Map;

/**
 * One run of the model.
 *
 * @param batch the tokens
 * @param feed what the model is fed
 * @param rows how many rows are samples; the last one is repeated after them where the file fixes
 *     the number of rows
 * @param padded whether some row has padding
 */
record MaskRun(Batch batch, Map<String, RawTensor> feed, int rows, boolean padded) {}
