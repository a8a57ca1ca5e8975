package dev.sightline.onnx;

import dev.sightline.tensor.RawTensor;

/**
 * A tensor and what its file calls it.
 *
 * @param name empty where the file gives none
 */
public record NamedTensor(String name, RawTensor tensor) {
  /** As in {@code Q float32 [2, 3]}. */
  @Override
  public String toString() {
    return (name + " " + tensor).strip();
  }
}
