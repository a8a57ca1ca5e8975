package dev.sightline.data.internal.batch;

import dev.sightline.data.MaskPolarity;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.util.Optional;

/** What a file does not say of a model's inputs, and a run of the model shows. */
public final class ModelExperiments {
  private ModelExperiments() {}

  /**
   * Returns the model with what its runs show: the polarity of its masks, which numbers are
   * lengths, and that a small table is no limit to its length. A model that was asked before is
   * returned as it is.
   *
   * @param padId the token id of padding
   * @param polarity of all masks; empty to ask the model
   * @throws ModelException if the model does not start
   */
  public static Model resolve(Model model, long padId, Optional<MaskPolarity> polarity)
      throws ModelException {
    if (model.isPolarityKnown()) {
      return MaskPolarityFinder.resolve(model, padId, polarity);
    }
    Model fed = LeastLengthFinder.resolve(RowAxisFinder.resolve(model, padId), padId);
    Model limited = TokenLimitFinder.resolve(fed, padId);
    return MaskPolarityFinder.resolve(LengthsFinder.resolve(limited, padId), padId, polarity);
  }
}
