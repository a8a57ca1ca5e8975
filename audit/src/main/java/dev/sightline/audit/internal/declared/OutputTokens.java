package dev.sightline.audit.internal.declared;

import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which tokens the values of an output belong to: those of an axis as long as a stream, or the last
 * ones of a stream where the axis is shorter (a policy hands out its actions and not its state), or
 * all of them together where it has no such axis, as a pooled embedding.
 *
 * @param name of the output
 * @param axis the axis that counts tokens; 0 for a pooled output
 * @param first the number of its first token among all tokens
 * @param count the number of its tokens, which follow each other; 0 for a pooled output
 */
record OutputTokens(String name, int axis, int first, int count) {
  boolean isPooled() {
    return axis == 0;
  }

  /** The number of each of its tokens among all tokens. */
  int[] tokens() {
    return IntStream.range(first, first + count).toArray();
  }

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
        int length = shape.dim(axis);
        Optional<TokenAxis> whole = whole(inputs, spec, axis, length, joint);
        if (whole.isPresent()) {
          return new OutputTokens(spec.name(), axis, joint.first(whole.get().first()), length);
        }
      }
    }
    int length = shape.dim(1);
    if (shape.rank() > 2 && actor >= 0 && length < joint.width(actor)) {
      int first = joint.first(actor) + joint.width(actor) - length;
      return new OutputTokens(spec.name(), 1, first, length);
    }
    return new OutputTokens(spec.name(), 0, 0, 0);
  }

  /** A stream of this length, best one whose axis has the same name, or several in a row. */
  private static Optional<TokenAxis> whole(
      ModelInputs inputs, TensorSpec spec, int axis, int length, JointTokens joint) {
    List<TokenAxis> found = TokenAxis.readings(joint, length, TokenAxis.Past.NONE);
    return found.stream()
        .filter(TokenAxis::isOneStream)
        .filter(one -> {
          TokenStream stream = inputs.streams().get(one.first());
          return stream.content().dims().get(stream.axis()).equals(spec.dims().get(axis));
        })
        .reduce((earlier, later) -> later) // a decoder's stream comes after its encoder's
        .or(() -> found.stream().findFirst());
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
