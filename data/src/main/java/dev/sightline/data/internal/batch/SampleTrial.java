package dev.sightline.data.internal.batch;

import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import java.util.Collections;
import java.util.List;

/** One sample, run to see what a model does with it. */
final class SampleTrial {
  private SampleTrial() {}

  /** Returns a batch of the sample alone, in as many rows as the model fixes. */
  static Batch alone(Model model, Sample sample, long padId) {
    int rows = model.roles().fixedRows().orElse(1);
    return Batch.of(model.roles(), Collections.nCopies(rows, sample), padId);
  }

  /** Whether the model runs a batch. */
  static boolean runs(Model model, ModelSession session, Batch batch) {
    List<String> outputs =
        model.outputs().stream().filter(TensorSpec::isFloat).map(TensorSpec::name).toList();
    try {
      session.run(batch.feed(), outputs);
      return true;
    } catch (ModelException e) {
      return false;
    }
  }
}
