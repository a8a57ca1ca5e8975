package dev.sightline.data.internal.batch;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleFile;
import dev.sightline.data.internal.axis.RawAxes;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.RawTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Rows that give a value for every input of a model. They are fed as they are, with what they have
 * at padding. Rows of one batch have equal shapes, since the right padding of floats is not known.
 */
public final class GivenInputs {
  private GivenInputs() {}

  /**
   * Returns the axis of an input that counts rows; values of a row do not have it. An axis of
   * length 1 is one, though a graph without names does not tell it.
   *
   * @return empty if the input has no such axis, and a row gives all of it
   */
  public static OptionalInt rowAxis(ModelInputs inputs, TensorSpec input) {
    OptionalInt known = inputs.rowAxis(input);
    boolean one = !input.dims().isEmpty() && input.fixed(0).orElse(0) == 1;
    return known.isEmpty() && one ? OptionalInt.of(0) : known;
  }

  /** Returns whether each row needs a run of its own, since an input has no axis to put two on. */
  public static boolean areAlone(ModelInputs inputs, List<TensorSpec> all) {
    return all.stream()
        .anyMatch(input -> {
          OptionalInt axis = rowAxis(inputs, input);
          return axis.isEmpty() || input.fixed(axis.getAsInt()).orElse(0) == 1;
        });
  }

  /**
   * Returns a row as a sample: its masks say which positions of its sequences have tokens.
   *
   * @param number of the row, from 1
   * @param values for every input, without the axis of rows
   * @throws IllegalArgumentException if they do not fit each other
   */
  public static Sample sample(Model model, long number, String label, Map<String, RawTensor> values)
      throws ModelException {
    if (model.roles().streams().isEmpty()) {
      return new Sample(number, label, List.of());
    }
    Map<String, RawTensor> tensors = new LinkedHashMap<>();
    for (TensorSpec input : model.inputs()) {
      tensors.put(input.name(), stacked(model.roles(), input, List.of(values)));
    }
    Sample one = SampleFile.of(model, tensors, new RandomTokens(model, 0, 0)).samples().getFirst();
    return new Sample(number, label, one.streams(), one.placements(), one.others());
  }

  /**
   * Returns what rows give for an input, one after another on its axis of rows.
   *
   * @throws IllegalArgumentException if their shapes differ, or a row has no value
   */
  static RawTensor stacked(
      ModelInputs inputs, TensorSpec input, List<? extends Map<String, RawTensor>> rows) {
    List<RawTensor> values = rows.stream().map(row -> value(row, input)).toList();
    RawTensor first = values.getFirst();
    for (RawTensor each : values) {
      if (!each.shape().equals(first.shape()) || each.type() != first.type()) {
        throw new IllegalArgumentException(
            "'" + input.name() + "' is " + first + " in one row, and " + each + " in another");
      }
    }
    OptionalInt axis = rowAxis(inputs, input);
    if (axis.isPresent()) {
      return RawAxes.stack(values, axis.getAsInt());
    }
    if (rows.size() > 1) {
      throw new IllegalArgumentException(
          "'" + input + "' has no axis for " + rows.size() + " rows");
    }
    return first;
  }

  private static RawTensor value(Map<String, RawTensor> row, TensorSpec input) {
    RawTensor value = row.get(input.name());
    if (value == null) {
      throw new IllegalArgumentException("a row has no value for '" + input.name() + "'");
    }
    return value;
  }
}
