package dev.sightline.audit.internal.probe;

import dev.sightline.data.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An output that can be compared between runs.
 *
 * @param stream whose tokens it has one vector each for; {@link #WHOLE} if it is one for the row
 * @param axis the axis that counts those tokens
 * @param type what its values are stored as
 */
public record Output(String name, int stream, int axis, ElementType type) {
  static final int WHOLE = -1;

  boolean isPerToken() {
    return stream != WHOLE;
  }

  /** Names of the outputs that may be comparable, which only a run can tell. */
  static List<String> candidates(Model model) throws ModelException {
    List<TensorSpec> floats =
        model.outputs().stream()
            .filter(output -> output.isFloat() && output.dims().size() >= 2)
            .filter(output -> model.isMadeFromTokens(output.name()))
            .toList();
    // Keys and values for a cache are large and say no more than the outputs made from them.
    List<TensorSpec> small = floats.stream().filter(output -> output.dims().size() < 4).toList();
    List<TensorSpec> chosen = small.isEmpty() ? floats : small;
    if (chosen.isEmpty()) {
      throw new ModelException(
          model
              + " gives nothing to compare; expected a floating-point output [batch, sequence, ...]"
              + " or [batch, size] made from its tokens, but it gives "
              + model.outputs());
    }
    return chosen.stream().map(TensorSpec::name).toList();
  }

  /**
   * The outputs as they came from a batch whose streams have different widths.
   *
   * @throws ModelException if none of them belongs to tokens or to a row as a whole
   */
  static List<Output> of(Model model, Batch batch, Map<String, FloatTensor> run)
      throws ModelException {
    List<Output> outputs = new ArrayList<>();
    for (TensorSpec spec : model.outputs()) {
      FloatTensor tensor = run.get(spec.name());
      if (tensor != null && tensor.shape().rank() >= 2 && tensor.shape().dim(0) == batch.rows()) {
        outputs.add(of(model.roles(), spec, batch, tensor));
      }
    }
    if (outputs.isEmpty()) {
      throw new ModelException(
          model + " gives no output with a row for each row of the batch " + batch);
    }
    return outputs;
  }

  private static Output of(ModelInputs roles, TensorSpec spec, Batch batch, FloatTensor tensor) {
    for (int a = 1; a < tensor.shape().rank(); a++) {
      for (int s = 0; s < roles.streams().size(); s++) {
        TokenStream stream = roles.streams().get(s);
        boolean sameLength = tensor.shape().dim(a) == batch.width(s);
        boolean freeOrSame = !spec.isFixed(a) || stream.fixedLength().isPresent();
        if (sameLength && freeOrSame) {
          return new Output(spec.name(), s, a, Objects.requireNonNull(spec.type(), spec.name()));
        }
      }
    }
    return new Output(spec.name(), WHOLE, 0, Objects.requireNonNull(spec.type(), spec.name()));
  }

  /** Floats of a token, or of a row. */
  int size(FloatTensor tensor) {
    int row = tensor.shape().size() / tensor.shape().dim(0);
    return isPerToken() ? row / tensor.shape().dim(axis) : row;
  }

  /** Where an element of the vector at a slot lies; the slot is ignored where there are none. */
  int offset(FloatTensor tensor, int row, int slot, int element) {
    int perRow = tensor.shape().size() / tensor.shape().dim(0);
    if (!isPerToken()) {
      return row * perRow + element;
    }
    int inner = 1;
    for (int a = axis + 1; a < tensor.shape().rank(); a++) {
      inner *= tensor.shape().dim(a);
    }
    int outer = element / inner;
    return row * perRow + (outer * tensor.shape().dim(axis) + slot) * inner + element % inner;
  }
}
