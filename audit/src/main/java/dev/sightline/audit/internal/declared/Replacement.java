package dev.sightline.audit.internal.declared;

import dev.sightline.data.Batch;
import dev.sightline.data.JointTokens;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleBatches;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.Vectors;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Puts another content into one slot of every row: another id, another vector, another cache. */
final class Replacement {
  private final Model model;
  private final SampleBatches batches;
  private final long padId;
  private final Random random;

  Replacement(Model model, SampleBatches batches, long padId, Random random) {
    this.model = model;
    this.batches = batches;
    this.padId = padId;
    this.random = random;
  }

  /** What to feed when a token, numbered among all tokens, is another one in every row. */
  Map<String, RawTensor> feed(Batch batch, int token) {
    int stream = batches.joint().streamOf(token);
    int slot = batches.joint().slotOf(token);
    if (stream == JointTokens.PAST) {
      return withOtherCache(batches.feed(batch), slot);
    }
    return batches.feed(batch.withDrawn(stream, (row, s) -> s == slot, draw(batch, stream, slot)));
  }

  private Batch.Draw draw(Batch batch, int stream, int slot) {
    TokenStream of = model.roles().streams().get(stream);
    int vocabulary = model.vocabulary(of).orElse(0);
    long[] seen = of.isOfIds() && vocabulary == 0 ? idsOf(stream) : new long[0];
    if (of.isOfIds() && Math.max(vocabulary - 1, seen.length) < 2) {
      throw new IllegalArgumentException(
          "there are no two ids to put in the place of one another in '" + of + "'");
    }
    float size = of.isOfIds() ? 0 : usual(stream);
    return new Batch.Draw() {
      private int row;

      @Override
      public long id() {
        long now = idAt(batch, stream, row++, slot);
        long other;
        do {
          other = seen.length > 0 ? seen[random.nextInt(seen.length)] : random.nextInt(vocabulary);
        } while (other == now || other == padId);
        return other;
      }

      @Override
      public float value() {
        return random.nextFloat(-size, size);
      }
    };
  }

  /** The id in a slot. A batch asks for one id a row, in the order of its rows. */
  private long idAt(Batch batch, int stream, int row, int slot) {
    if (batch.samples().get(row).streams().get(stream) instanceof TokenizedText text) {
      for (int t = 0; t < text.length(); t++) {
        if (batch.slot(stream, row, t) == slot) {
          return text.id(t);
        }
      }
    }
    return padId;
  }

  /** The ids of all samples, to choose from where the model has no table that says more. */
  private long[] idsOf(int stream) {
    return batches.samples().stream()
        .map(sample -> sample.streams().get(stream))
        .filter(TokenizedText.class::isInstance)
        .flatMapToLong(text -> Arrays.stream(((TokenizedText) text).ids()))
        .filter(id -> id != padId)
        .distinct()
        .toArray();
  }

  private float usual(int stream) {
    float largest = 0;
    for (Sample sample : batches.samples()) {
      Tokens tokens = sample.streams().get(stream);
      largest = Math.max(largest, tokens instanceof Vectors vectors ? vectors.magnitude() : 0);
    }
    return largest > 0 && Float.isFinite(largest) ? largest : RandomTokens.USUAL_MAGNITUDE;
  }

  /** Keys and values of a slot, in all caches {@code [B, H, P, D]} at once. */
  private Map<String, RawTensor> withOtherCache(Map<String, RawTensor> feed, int slot) {
    Map<String, RawTensor> changed = new HashMap<>(feed);
    for (String name : batches.caches()) {
      RawTensor cache = feed.get(name);
      if (cache == null) {
        continue;
      }
      FloatTensor values = cache.toFloats();
      int rank = values.shape().rank();
      int size = values.shape().dim(rank - 1);
      int slots = values.shape().dim(rank - 2);
      float[] other = values.data().clone();
      for (int i = 0; i < other.length; i++) {
        if (i / size % slots == slot) {
          other[i] = random.nextFloat(-RandomTokens.USUAL_MAGNITUDE, RandomTokens.USUAL_MAGNITUDE);
        }
      }
      changed.put(
          name, RawTensor.ofFloats(FloatTensor.of(values.shape(), other), ElementType.FLOAT32));
    }
    return changed;
  }
}
