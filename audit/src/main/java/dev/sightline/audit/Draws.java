package dev.sightline.audit;

import dev.sightline.onnx.Batch;
import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.Sample;
import dev.sightline.onnx.TokenStream;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.Vectors;
import java.util.Random;

/**
 * Makes up tokens: ids that the model knows, padding's own left out, or vectors as large as the
 * sample's. An id is never drawn twice in a row, so that a change is a change.
 */
final class Draws {
  private final OnnxModel model;
  private final AuditOptions options;
  private final Random random;

  Draws(OnnxModel model, AuditOptions options) {
    this.model = model;
    this.options = options;
    this.random = new Random(options.seed());
  }

  /** Ids of a stream, or values of its vectors. */
  Batch.Draw of(TokenStream stream, Sample like) {
    long low = options.lowestId();
    long high = Math.max(low + 2, highestId(stream, like));
    float magnitude = magnitude(like);
    return new Batch.Draw() {
      private long last = options.padId();

      @Override
      public long id() {
        long id = last;
        while (id == last || id == options.padId()) {
          id = low + random.nextLong(high - low);
          if (high - low <= 2) {
            break;
          }
        }
        last = id;
        return id;
      }

      @Override
      public float value() {
        return (2 * random.nextFloat() - 1) * magnitude;
      }
    };
  }

  /** Where no table of the graph tells which ids it takes, those of the text and all below them. */
  private long highestId(TokenStream stream, Sample like) {
    if (options.highestId().isPresent()) {
      return options.highestId().getAsLong();
    }
    if (model.vocabulary(stream).isPresent()) {
      return model.vocabulary(stream).getAsInt();
    }
    long highest = 1;
    for (Tokens tokens : like.streams()) {
      if (tokens instanceof TokenizedText text) {
        for (int t = 0; t < text.length(); t++) {
          highest = Math.max(highest, text.id(t));
        }
      }
    }
    return highest + 1;
  }

  private static float magnitude(Sample like) {
    float largest = 1;
    for (Tokens tokens : like.streams()) {
      if (tokens instanceof Vectors vectors) {
        largest = Math.max(largest, vectors.magnitude());
      }
    }
    return largest;
  }

  /** Other tokens, as many; the first and last, which are usually special, stay. */
  Tokens inside(TokenStream stream, Sample like, Tokens tokens) {
    Batch.Draw draw = of(stream, like);
    return switch (tokens) {
      case TokenizedText text -> {
        long[] ids = text.ids();
        for (int t = ids.length > 2 ? 1 : 0; t < ids.length - (ids.length > 2 ? 1 : 0); t++) {
          ids[t] = draw.id();
        }
        yield text.withIds(ids);
      }
      case Vectors vectors -> {
        float[] values = new float[vectors.length() * vectors.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = draw.value();
        }
        yield Vectors.of(vectors.size(), values);
      }
    };
  }

  Random random() {
    return random;
  }
}
