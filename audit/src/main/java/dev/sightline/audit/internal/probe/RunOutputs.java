package dev.sightline.audit.internal.probe;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.tensor.FloatTensor;
import java.util.Map;

/** A run: what the model was fed, and what it gave. */
public record RunOutputs(Batch batch, Map<String, FloatTensor> outputs) {
  FloatTensor output(String name) {
    FloatTensor tensor = outputs.get(name);
    if (tensor == null) {
      throw new IllegalStateException("the run has no output " + name);
    }
    return tensor;
  }
}
