package dev.sightline.data.internal.batch;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;

/**
 * Finds how long made-up vectors must be. Convolutions make one frame of many samples of a sound,
 * so that a model refuses what would be a fair number of words.
 */
final class LeastLengthFinder {
  private static final int[] LENGTHS = {64, 512, 4096, 16_384};

  /** Samples are this many times the shortest that runs, so that there are frames to attend to. */
  private static final int FRAMES = 8;

  private static final long SEED = 42;

  private LeastLengthFinder() {}

  static Model resolve(Model model, long padId) {
    for (TokenStream stream : model.roles().streams()) {
      if (stream.isOfIds() || stream.fixedLength().isPresent()) {
        continue;
      }
      try (ModelSession session = model.session()) {
        RandomTokens tokens = new RandomTokens(model, padId, SEED);
        Sample sample = tokens.samples(1).getFirst();
        if (SampleTrial.runs(model, session, SampleTrial.alone(model, sample, padId))) {
          return model;
        }
        int index = model.roles().streams().indexOf(stream);
        for (int length : LENGTHS) {
          Sample longer = sample.with(index, tokens.tokens(stream, length));
          if (SampleTrial.runs(model, session, SampleTrial.alone(model, longer, padId))) {
            return model.withLeastTokens(stream, FRAMES * length);
          }
        }
      } catch (ModelException e) {
        return model; // no sample can be drawn, or the model does not start: nothing is known
      }
    }
    return model;
  }
}
