package dev.sightline.onnx.inventory;

import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.OptionalInt;

/**
 * An input or output as the model file declares it.
 *
 * @param name its name in the graph
 * @param type its element type
 * @param dims its axes, outermost first: a number where the length is fixed, else the axis's name,
 *     or "?" where the file gives neither
 */
public record TensorSpec(String name, ElementType type, List<String> dims) {
  public TensorSpec {
    dims = List.copyOf(dims);
  }

  public static TensorSpec of(ValueInfoProto value) {
    TypeProto.Tensor tensor = value.getType().getTensorType();
    return new TensorSpec(
        value.getName(),
        ElementType.ofOnnx(tensor.getElemType()),
        tensor.getShape().getDimList().stream().map(TensorSpec::dim).toList());
  }

  private static String dim(Dimension dim) {
    return switch (dim.getValueCase()) {
      case DIM_VALUE -> Long.toString(dim.getDimValue());
      case DIM_PARAM -> dim.getDimParam().isEmpty() ? "?" : dim.getDimParam();
      case VALUE_NOT_SET -> "?";
    };
  }

  /** Whether an axis has a length of its own, whatever the batch: a hidden size, not a sequence. */
  public boolean isFixed(int axis) {
    return dims.get(axis).chars().allMatch(Character::isDigit);
  }

  /** The length of an axis if the file fixes it. */
  public OptionalInt fixed(int axis) {
    String dim = dims.get(axis);
    return isFixed(axis) && dim.length() < 10
        ? OptionalInt.of(Integer.parseInt(dim))
        : OptionalInt.empty();
  }

  /** As in {@code attention_mask int64 [batch, sequence]}. */
  @Override
  public String toString() {
    return name + " " + type.label() + " [" + String.join(", ", dims) + "]";
  }
}
