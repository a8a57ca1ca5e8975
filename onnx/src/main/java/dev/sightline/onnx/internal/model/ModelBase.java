package dev.sightline.onnx.internal.model;

/**
 * What a model keeps from its users. {@link ParsedModel#of} hands it to the other modules, so that
 * the class that users see has no method with an internal type.
 */
public abstract class ModelBase {
  final ParsedModel parsed;

  /**
   * A model of a parsed file.
   *
   * @param parsed the parsed file
   */
  protected ModelBase(ParsedModel parsed) {
    this.parsed = parsed;
  }
}
