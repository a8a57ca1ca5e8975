package dev.sightline.audit.internal.probe;

import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.Collection;
import java.util.Map;

/** Runs a model once, as a session of it does. */
public interface Runs {
  /** Returns float32 tensors by output name. */
  Map<String, FloatTensor> run(Map<String, RawTensor> feed, Collection<String> outputs)
      throws ModelException;
}
