package dev.sightline.data;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.Vectors;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Makes up tokens: ids that the model knows, padding's own left out, or vectors as large as the
 * sample's. An id is never drawn twice in a row, so that a change is a change.
 */
public final class RandomTokens {
  /** The magnitude of made-up vectors where the samples' own say nothing: all zero, or none. */
  public static final float USUAL_MAGNITUDE = 1.75f;

  private final Model model;
  private final long padId;
  private final long lowestId;
  private final OptionalLong highestId;
  private final Random random;

  /**
   * Draws for a model.
   *
   * @param padId the token id of padding, which is never drawn
   * @param lowestId the lowest token id that may be drawn
   * @param highestId one past the highest; by default the model's own table says
   * @param seed of all that is drawn
   */
  public RandomTokens(Model model, long padId, long lowestId, OptionalLong highestId, long seed) {
    this.model = model;
    this.padId = padId;
    this.lowestId = lowestId;
    this.highestId = highestId;
    this.random = new Random(seed);
  }

  /** Ids of a stream, or values of its vectors. */
  public Batch.Draw of(TokenStream stream, Sample like) {
    long low = lowestId;
    long high = Math.max(low + 2, highestId(stream, like));
    float magnitude = magnitude(like);
    return new Batch.Draw() {
      private long last = padId;

      @Override
      public long id() {
        long id = last;
        while (id == last || id == padId) {
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
    if (highestId.isPresent()) {
      return highestId.getAsLong();
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
  public Tokens inside(TokenStream stream, Sample like, Tokens tokens) {
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
