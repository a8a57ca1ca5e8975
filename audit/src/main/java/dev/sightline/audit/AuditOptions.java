package dev.sightline.audit;

import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.onnx.Model;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How an audit is to be done.
 *
 * @param seed of all that is drawn at random
 * @param padId the token id of padding
 * @param lowestId the lowest token id that may be drawn
 * @param highestId one past the highest; by default the model's own table says
 * @param pooling how the model's output for a whole text is declared to be made
 */
public record AuditOptions(
    long seed, long padId, long lowestId, OptionalLong highestId, Optional<Pooling> pooling) {
  /** The seed unless another is asked for. */
  public static final long DEFAULT_SEED = 42;

  public AuditOptions {
    if (padId < 0) {
      throw new IllegalArgumentException("the id of padding must not be negative, but is " + padId);
    }
    if (lowestId < 0 || (highestId.isPresent() && highestId.getAsLong() <= lowestId)) {
      throw new IllegalArgumentException(
          "token ids go from " + lowestId + " to before " + highestId.orElse(-1));
    }
  }

  /** Returns a source of random tokens for a model, of the ids that may be drawn. */
  public RandomTokens randomTokens(Model model) {
    return new RandomTokens(model, padId, lowestId, highestId, seed);
  }

  /** The defaults, with a tokenizer's padding id. */
  public static AuditOptions withPadId(long padId) {
    return new AuditOptions(DEFAULT_SEED, padId, 0, OptionalLong.empty(), Optional.empty());
  }
}
