package dev.sightline.audit;

import dev.sightline.audit.declared.Sides;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.onnx.Model;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a run needs to know besides the model and the samples.
 *
 * @param seed of all that is drawn at random
 * @param padId the token id of padding
 * @param lowestId the lowest token id that may be drawn
 * @param highestId one past the highest; empty for the size of the model's embedding table
 * @param pooling how the model's output for a whole text is declared to be made
 * @param sides where padding must do no harm; empty to judge where callers pad
 * @param mostProbed how many samples go through all probes
 * @param tokenizerPadsLeft whether the model's tokenizer says that it pads on the left
 */
record AuditSettings(
    long seed,
    long padId,
    long lowestId,
    OptionalLong highestId,
    Optional<Pooling> pooling,
    Optional<Sides> sides,
    int mostProbed,
    boolean tokenizerPadsLeft) {
  /** Returns a source of random tokens for a model, of the ids that may be drawn. */
  RandomTokens randomTokens(Model model) {
    return new RandomTokens(model, padId, lowestId, highestId, seed);
  }
}
