package dev.sightline.onnx;

import dev.sightline.tensor.RawTensor;

/**
 * A tensor and its name in a file.
 *
 * @param name the name; empty if the file gives none
 * @param tensor the elements in the type of the file
 */
public record NamedTensor(String name, RawTensor tensor) {
  /** Returns name, type and shape, as in {@code Q float32 [2, 3]}. */
  @Override
  public String toString() {
    return (name + " " + tensor).strip();
  }
}
