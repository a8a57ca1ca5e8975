package dev.sightline.onnx.inventory;

import dev.sightline.tensor.ElementType;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * An input or output as the model file declares it.
 *
 * @param name its name in the graph
 * @param type its element type; null if it is not one of {@link ElementType}, as for strings
 * @param dims its axes, outermost first: a number where the length is fixed, else the axis's name,
 *     or "?" where the file gives neither
 */
public record TensorSpec(String name, @Nullable ElementType type, List<String> dims) {
  /** Copies the axes. */
  public TensorSpec {
    dims = List.copyOf(dims);
  }

  /**
   * Returns whether the elements are of a floating-point type. Those of float64 are rounded to
   * float32 where a run returns them.
   *
   * @return false for integers and booleans
   */
  public boolean isFloat() {
    return type != null && type.epsilon() > 0;
  }

  /**
   * Returns whether the elements are integers, of any size, signed or not.
   *
   * @return false for booleans
   */
  public boolean isInteger() {
    return type != null && type != ElementType.BOOL && type.epsilon() == 0;
  }

  /**
   * Returns the name of the element type.
   *
   * @return a name such as {@code int64}; {@code other} if the type is not known
   */
  public String typeLabel() {
    return type == null ? "other" : type.label();
  }

  /**
   * Returns whether the file fixes the length of an axis, as for a hidden size.
   *
   * @param axis counted from 0
   * @return false for a named or unknown length, as of a batch or a sequence
   * @throws IndexOutOfBoundsException if there is no such axis
   */
  public boolean isFixed(int axis) {
    return dims.get(axis).chars().allMatch(Character::isDigit);
  }

  /**
   * Returns the length of an axis.
   *
   * @param axis counted from 0
   * @return the length; empty if the file does not fix it or it is 10^9 or more
   * @throws IndexOutOfBoundsException if there is no such axis
   */
  public OptionalInt fixed(int axis) {
    String dim = dims.get(axis);
    return isFixed(axis) && dim.length() < 10
        ? OptionalInt.of(Integer.parseInt(dim))
        : OptionalInt.empty();
  }

  /** Returns a line such as {@code attention_mask int64 [batch, sequence]}. */
  @Override
  public String toString() {
    return name + " " + typeLabel() + " [" + String.join(", ", dims) + "]";
  }
}
