package dev.sightline.data.internal.batch;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.List;

/**
 * Tries a longer run before a small table is believed to be that of positions. The runtime refuses
 * a position that a table does not have; a table of token types, of distances or of buckets lets
 * any length pass.
 */
final class TokenLimitFinder {
  /** Tables of positions have at least as many rows in all models that people use. */
  private static final int SMALL = 64;

  private static final long SEED = 42;

  private TokenLimitFinder() {}

  static Model resolve(Model model, long padId) {
    Model resolved = model;
    for (int s = 0; s < model.roles().streams().size(); s++) {
      TokenStream stream = model.roles().streams().get(s);
      int limit = model.maxTokens(stream).orElse(Integer.MAX_VALUE);
      if (stream.fixedLength().isEmpty() && limit < SMALL && runsLonger(model, s, limit, padId)) {
        resolved = resolved.withoutTokenLimit(stream);
      }
    }
    return resolved;
  }

  private static boolean runsLonger(Model model, int stream, int limit, long padId) {
    RandomTokens tokens = new RandomTokens(model, padId, SEED);
    try (ModelSession session = model.session()) {
      Sample sample = tokens.samples(1).getFirst();
      Sample longer =
          sample.with(stream, tokens.tokens(model.roles().streams().get(stream), 2 * limit + 3));
      List<String> outputs =
          model.outputs().stream().filter(TensorSpec::isFloat).map(TensorSpec::name).toList();
      session.run(SampleTrial.alone(model, longer, padId).feed(), outputs);
      return !outputs.isEmpty();
    } catch (ModelException e) {
      return false; // refused at this length, or for another reason: the limit stays
    }
  }
}
