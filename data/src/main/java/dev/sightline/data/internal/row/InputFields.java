package dev.sightline.data.internal.row;

import dev.sightline.data.internal.batch.GivenInputs;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The fields of a JSON row that are named as a model's inputs and hold numbers.
 *
 * @param model its name in messages
 * @param fields by name
 * @param required whether rows must have them: the model reads what no text and no id can fill.
 *     Else a row that has all of them is fed as it is, and any other is a text or token ids.
 * @param alone whether each row needs a run of its own
 */
public record InputFields(
    String model, Map<String, Field> fields, boolean required, boolean alone) {
  /** Copies the map, whose order is kept. */
  public InputFields {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /**
   * A field.
   *
   * @param input of the model
   * @param dims the lengths of its arrays, outermost first, as {@link TensorSpec#dims}: those of
   *     the input but the one that counts rows
   */
  public record Field(TensorSpec input, List<String> dims) {
    public Field {
      dims = List.copyOf(dims);
    }

    /** Returns what it must be, such as {@code float32 [tokens, 384]}. */
    String expected() {
      return dims.isEmpty()
          ? input.typeLabel() + " number"
          : input.typeLabel() + " [" + String.join(", ", dims) + "]";
    }

    /** Returns the length of arrays at a depth; empty if the row may choose it. */
    OptionalInt length(int depth) {
      return new TensorSpec("", null, dims).fixed(depth);
    }
  }

  /**
   * Returns the fields that a model's rows may have; empty if its inputs are ids and their mask
   * alone, which every row has.
   *
   * @throws ModelException if rows must give an input of a type that no number has
   */
  public static Optional<InputFields> of(Model model) throws ModelException {
    ModelInputs roles = model.roles();
    boolean required =
        roles.streams().isEmpty() || !roles.streams().stream().allMatch(TokenStream::isOfIds);
    Map<String, Field> fields = new LinkedHashMap<>();
    boolean besides = required;
    for (TensorSpec input : model.inputs()) {
      if (input.type() == null) {
        if (!required) {
          return Optional.empty();
        }
        throw new ModelException(
            model
                + " takes '"
                + input
                + "', of a type that no row can give; expected numbers or"
                + " booleans");
      }
      List<String> dims = new ArrayList<>(input.dims());
      GivenInputs.rowAxis(roles, input).ifPresent(axis -> dims.subList(axis, axis + 1).clear());
      fields.put(input.name(), new Field(input, dims));
      besides |= !SampleFields.FIELDS.contains(input.name());
    }
    return besides
        ? Optional.of(
            new InputFields(
                model.toString(), fields, required, GivenInputs.areAlone(roles, model.inputs())))
        : Optional.empty();
  }

  /** Returns what rows must have, for the message about rows that do not. */
  public String expected() {
    return model
        + " reads "
        + String.join(
            ", ",
            fields.values().stream()
                .map(field -> "'" + field.input().name() + "' (" + field.expected() + ")")
                .toList());
  }
}
