package dev.sightline.audit.internal.declared;

import dev.sightline.data.JointTokens;
import dev.sightline.data.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens the values of an output belong to: those of an axis as long as a stream, or the last
 * ones of a stream where the axis is shorter (a policy hands out its actions and not its state), or
 * all of them together where it has no such axis, as a pooled embedding.
 *
 * @param name of the output
 * @param axis the axis that counts tokens; 0 for a pooled output
 * @param tokens which stream's, or streams'; null for a pooled output
 */
record OutputTokens(String name, int axis, @Nullable TokenAxis tokens) {

  /** The names of all outputs whose values can be compared. */
  static List<String> comparable(Model model) {
    return model.outputs().stream()
        .filter(output -> output.isFloat() && output.dims().size() >= 2)
        .map(TensorSpec::name)
        .toList();
  }

  /**
   * Reads the tokens of an output off its shape.
   *
   * @param actor the stream that the last attention's queries come from, which a shorter axis
   *     belongs to
   */
  static OutputTokens of(
      ModelInputs inputs, TensorSpec spec, Shape shape, JointTokens joint, int actor) {
    int last = shape.rank() == 2 ? 1 : shape.rank() - 2;
    // A free axis counts tokens rather than a fixed one, which may be the heads.
    for (boolean free : new boolean[] {true, false}) {
      for (int axis = 1; axis <= last; axis++) {
        if (spec.isFixed(axis) == free || (shape.rank() == 2 && !free)) {
          continue;
        }
        TokenAxis whole = whole(inputs, spec, axis, shape.dim(axis), joint);
        if (whole != null) {
          return new OutputTokens(spec.name(), axis, whole);
        }
      }
    }
    int length = shape.dim(1);
    if (shape.rank() > 2 && actor >= 0 && length < joint.width(actor)) {
      int first = joint.width(actor) - length;
      return new OutputTokens(
          spec.name(), 1, new TokenAxis(List.of(new TokenAxis.Part(actor, first, length))));
    }
    return new OutputTokens(spec.name(), 0, null);
  }

  /** A stream of this length, best one whose axis has the same name, or several in a row. */
  private static @Nullable TokenAxis whole(
      ModelInputs inputs, TensorSpec spec, int axis, int length, JointTokens joint) {
    TokenAxis found = null;
    for (int s = 0; s < joint.streams(); s++) {
      TokenStream stream = inputs.streams().get(s);
      String name = stream.content().dims().get(stream.axis());
      if (joint.width(s) == length && (found == null || name.equals(spec.dims().get(axis)))) {
        found = new TokenAxis(List.of(new TokenAxis.Part(s, 0, length)));
      }
    }
    for (int first = 0; found == null && first < joint.streams(); first++) {
      List<TokenAxis.Part> parts = new ArrayList<>();
      for (int s = first; s < joint.streams(); s++) {
        parts.add(new TokenAxis.Part(s, 0, joint.width(s)));
        if (new TokenAxis(parts).length() == length) {
          return new TokenAxis(parts);
        }
      }
    }
    return found;
  }

  /**
   * The largest difference between two runs at one token of one row.
   *
   * @param token index on the token axis; 0 for a pooled output
   * @return 0 if all values are equal, NaN if one became or ceased to be a number
   */
  float difference(FloatTensor a, FloatTensor b, int row, int token) {
    int outer = 1;
    for (int i = 1; i < axis; i++) {
      outer *= a.shape().dim(i);
    }
    int inner = 1;
    for (int i = axis + 1; i < a.shape().rank(); i++) {
      inner *= a.shape().dim(i);
    }
    int length = axis == 0 ? 1 : a.shape().dim(axis);
    float largest = 0;
    for (int o = 0; o < outer; o++) {
      int from = ((row * outer + o) * length + token) * inner;
      for (int i = from; i < from + inner; i++) {
        float x = a.data()[i];
        float y = b.data()[i];
        if ((Float.isNaN(x) && Float.isNaN(y)) || x == y) {
          continue;
        }
        largest = Math.max(largest, Math.abs(x - y));
      }
    }
    return largest;
  }
}
