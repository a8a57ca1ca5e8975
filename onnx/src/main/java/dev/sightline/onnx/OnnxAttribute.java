package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.List;

/** The value of an attribute of a node. */
public sealed interface OnnxAttribute {
  /** A whole number. */
  record Int(long value) implements OnnxAttribute {}

  /** A float32. */
  record Real(float value) implements OnnxAttribute {}

  /** A string. */
  record Text(String value) implements OnnxAttribute {}

  /** Whole numbers. */
  record Ints(List<Long> values) implements OnnxAttribute {
    public Ints {
      values = List.copyOf(values);
    }
  }

  /**
   * A value of a kind that is not read.
   *
   * @param kind ONNX's name of it, such as {@code TENSOR}
   */
  record Other(String kind) implements OnnxAttribute {}

  static OnnxAttribute of(AttributeProto attribute) {
    return switch (attribute.getType()) {
      case INT -> new Int(attribute.getI());
      case FLOAT -> new Real(attribute.getF());
      case STRING -> new Text(attribute.getS().toStringUtf8());
      case INTS -> new Ints(attribute.getIntsList());
      default -> new Other(attribute.getType().name());
    };
  }
}
