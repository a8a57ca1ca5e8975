package dev.sightline.audit.internal.declared;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.SampleBatches;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Puts another content into one position of every row: another id, another vector, another cache.
 */
final class Replacement {
  private final SampleBatches batches;
  private final RandomTokens random;

  Replacement(SampleBatches batches, RandomTokens random) {
    this.batches = batches;
    this.random = random;
  }

  /** What to feed when a token, numbered among all tokens, is another one in every row. */
  Map<String, RawTensor> feed(Batch batch, int token) throws ModelException {
    int stream = batches.joint().streamOf(token);
    int position = batches.joint().positionOf(token);
    if (stream == JointTokens.PAST) {
      return withOtherCache(batches.feed(batch), position);
    }
    RandomTokens.Draw draw =
        random.replacing(stream, batches.samples(), row -> idAt(batch, stream, row, position));
    return batches.feed(batch.withDrawn(stream, (row, p) -> p == position, draw));
  }

  /** The id in a position. A batch asks for one id a row, in the order of its rows. */
  private long idAt(Batch batch, int stream, int row, int position) {
    if (batch.samples().get(row).streams().get(stream) instanceof TokenizedText text) {
      for (int t = 0; t < text.length(); t++) {
        if (batch.position(stream, row, t) == position) {
          return text.id(t);
        }
      }
    }
    return batches.padId();
  }

  /** Keys and values of a position, in all caches {@code [B, H, P, D]} at once. */
  private Map<String, RawTensor> withOtherCache(Map<String, RawTensor> feed, int position) {
    Map<String, RawTensor> changed = new HashMap<>(feed);
    for (String name : batches.caches()) {
      RawTensor cache = feed.get(name);
      if (cache == null) {
        continue;
      }
      FloatTensor values = cache.toFloats();
      int rank = values.shape().rank();
      int size = values.shape().dim(rank - 1);
      int positions = values.shape().dim(rank - 2);
      float[] other = values.data().clone();
      for (int i = 0; i < other.length; i++) {
        if (i / size % positions == position) {
          other[i] = random.value();
        }
      }
      changed.put(
          name, RawTensor.ofFloats(FloatTensor.of(values.shape(), other), ElementType.FLOAT32));
    }
    return changed;
  }
}
