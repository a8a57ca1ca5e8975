package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.List;

/** The value of an attribute of a node. */
public sealed interface OnnxAttribute {
  /**
   * A whole number.
   *
   * @param value the attribute, 64 bits
   */
  record Int(long value) implements OnnxAttribute {}

  /**
   * A float32.
   *
   * @param value the attribute
   */
  record Real(float value) implements OnnxAttribute {}

  /**
   * A string.
   *
   * @param value the attribute, decoded as UTF-8
   */
  record Text(String value) implements OnnxAttribute {}

  /**
   * Whole numbers.
   *
   * @param values the attribute, 64 bits each, in the order of the file
   */
  record Ints(List<Long> values) implements OnnxAttribute {
    /** Copies the values. */
    public Ints {
      values = List.copyOf(values);
    }
  }

  /**
   * A value of a kind that is not read.
   *
   * @param kind ONNX's name of the kind, such as {@code TENSOR}
   */
  record Other(String kind) implements OnnxAttribute {}

  /**
   * Reads an attribute of a node.
   *
   * @param attribute the protobuf message
   * @return the value; {@link Other} for a kind that is not read
   */
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
