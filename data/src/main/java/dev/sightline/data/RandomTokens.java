package dev.sightline.data;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.Vectors;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToLongFunction;

/**
 * Draws random tokens: ids, never that of padding or of another special token, or vectors. A
 * special id inside a text would move what models find by it: where padding begins, where a text
 * ends.
 *
 * <p>Ids are drawn from the range that was asked for; else from the model's embedding table; else,
 * where the graph does not show its size, from 0 to the highest id of the samples.
 */
public final class RandomTokens {
  /** The largest magnitude of an element of a vector, where the samples' own vectors have none. */
  public static final float USUAL_MAGNITUDE = 1.75f;

  private final Model model;
  private final long padId;
  private final long lowestId;
  private final OptionalLong highestId;
  private final Random random;

  /** Draws the content of tokens, one call after another. */
  public interface Draw {
    /**
     * Draws a token id.
     *
     * @return an id
     */
    long id();

    /**
     * Draws an element of a token's vector.
     *
     * @return a finite number
     */
    float value();
  }

  /**
   * Draws ids from a range.
   *
   * @param model reads the tokens
   * @param padId the token id of padding, which is never drawn
   * @param lowestId the lowest token id that is drawn
   * @param highestId one past the highest; by default the size of the model's embedding table
   * @param seed of all that is drawn
   * @throws IllegalArgumentException if the range is empty or begins below 0
   */
  public RandomTokens(Model model, long padId, long lowestId, OptionalLong highestId, long seed) {
    if (lowestId < 0 || (highestId.isPresent() && highestId.getAsLong() <= lowestId)) {
      throw new IllegalArgumentException(
          "there are no ids from " + lowestId + " to before " + highestId.orElse(-1));
    }
    this.model = model;
    this.padId = padId;
    this.lowestId = lowestId;
    this.highestId = highestId;
    this.random = new Random(seed);
  }

  /**
   * Draws ids from the model's embedding table.
   *
   * @param model reads the tokens
   * @param padId the token id of padding, which is never drawn
   * @param seed of all that is drawn
   */
  public RandomTokens(Model model, long padId, long seed) {
    this(model, padId, 0, OptionalLong.empty(), seed);
  }

  /** The ids of a stream; no sample is needed where the range or the table is known. */
  private IdRange range(TokenStream stream, List<Sample> samples) {
    long high;
    if (highestId.isPresent()) {
      high = highestId.getAsLong();
    } else if (model.vocabulary(stream).isPresent()) {
      high = model.vocabulary(stream).getAsInt();
    } else {
      high = 1 + samples.stream().mapToLong(RandomTokens::highest).max().orElse(-1);
    }
    return IdRange.of(lowestId, high, model.specialTokens(stream).all(), padId);
  }

  private static long highest(Sample sample) {
    long highest = -1;
    for (Tokens tokens : sample.streams()) {
      if (tokens instanceof TokenizedText text) {
        for (int t = 0; t < text.length(); t++) {
          highest = Math.max(highest, text.id(t));
        }
      }
    }
    return highest;
  }

  /** Refuses a range with fewer ids than needed, padding's not counted. */
  private IdRange requireIds(TokenStream stream, IdRange range, int least) throws ModelException {
    if (!range.has(least)) {
      throw new ModelException("'" + stream + "' of " + model + " has no two ids: " + range);
    }
    return range;
  }

  private float element(float magnitude) {
    return (2 * random.nextFloat() - 1) * magnitude;
  }

  /**
   * Draws the tokens of a stream.
   *
   * @param stream of the model
   * @param count the number of tokens
   * @return ids or vectors, as the stream takes them
   * @throws ModelException if neither a range nor the model tells which ids there are, or there are
   *     fewer than two
   */
  public Tokens tokens(TokenStream stream, int count) throws ModelException {
    if (!stream.isOfIds()) {
      return vectors(count, stream.vectorSize(), USUAL_MAGNITUDE);
    }
    if (highestId.isEmpty() && model.vocabulary(stream).isEmpty()) {
      throw new ModelException(
          model + " does not show how many ids '" + stream + "' may have; give a range");
    }
    IdRange range = requireIds(stream, range(stream, List.of()), 1);
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = range.drawOther(padId, random);
    }
    return TokenizedText.ofIds(ids);
  }

  /**
   * Draws samples, so that the model can be examined without a tokenizer and without data. Their
   * streams have different lengths where the file leaves them free, since lengths tell streams
   * apart inside a graph. A masked stream has all of its tokens, two thirds, half, and so on in
   * turn, so that a batch has padding; a stream without a mask is always full.
   *
   * @param count the number of samples
   * @return the samples
   * @throws ModelException as {@link #tokens}
   */
  public List<Sample> samples(int count) throws ModelException {
    return new RandomSamples(model, this).draw(count);
  }

  private Vectors vectors(int count, int size, float magnitude) {
    float[] values = new float[count * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = element(magnitude);
    }
    return Vectors.of(size, values);
  }

  /**
   * Returns a source of the content of a stream's tokens, of the magnitude of a sample's. An id is
   * not drawn twice in a row, so that each draw is a change.
   *
   * @param stream of the model
   * @param like the sample whose ids and magnitudes are typical
   * @return the source
   */
  public Draw of(TokenStream stream, Sample like) {
    IdRange known = range(stream, List.of(like));
    // A sample of id 0 alone does not show the table's size; a range that was asked for stays.
    IdRange range = highestId.isPresent() ? known : known.withTwo();
    float magnitude = Math.max(1, magnitude(like));
    return new Draw() {
      private long last = padId;

      @Override
      public long id() {
        last = range.drawOther(last, random);
        return last;
      }

      @Override
      public float value() {
        return element(magnitude);
      }
    };
  }

  /**
   * Returns a source of one other token for each row of a batch, in the order of the rows.
   *
   * @param stream index of the stream
   * @param samples all samples, whose ids and magnitudes are typical
   * @param current gives for a row the id that it has now
   * @return the source
   * @throws ModelException if there are no two ids
   */
  public Draw replacing(int stream, List<Sample> samples, IntToLongFunction current)
      throws ModelException {
    TokenStream of = model.roles().streams().get(stream);
    IdRange range =
        of.isOfIds() ? requireIds(of, range(of, samples), 2) : IdRange.of(0, 0, Set.of(), padId);
    float largest = 0;
    for (Sample sample : samples) {
      largest =
          Math.max(
              largest,
              sample.streams().get(stream) instanceof Vectors vectors ? vectors.magnitude() : 0);
    }
    float magnitude = largest > 0 && Float.isFinite(largest) ? largest : USUAL_MAGNITUDE;
    return new Draw() {
      private int row;

      @Override
      public long id() {
        return range.drawOther(current.applyAsLong(row++), random);
      }

      @Override
      public float value() {
        return element(magnitude);
      }
    };
  }

  /**
   * Draws an element of a vector that no sample has, such as one of a cache.
   *
   * @return a number between -{@link #USUAL_MAGNITUDE} and {@link #USUAL_MAGNITUDE}
   */
  public float value() {
    return element(USUAL_MAGNITUDE);
  }

  private static float magnitude(Sample like) {
    float largest = 0;
    for (Tokens tokens : like.streams()) {
      largest = Math.max(largest, tokens instanceof Vectors vectors ? vectors.magnitude() : 0);
    }
    return largest;
  }

  /**
   * Draws other tokens in place of those of a text; the first and last, which are usually special,
   * stay.
   *
   * @param stream of the model
   * @param like the sample whose ids and magnitudes are typical
   * @param tokens ids or vectors
   * @return as many tokens of the same kind
   */
  public Tokens inside(TokenStream stream, Sample like, Tokens tokens) {
    Draw draw = of(stream, like);
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
}
