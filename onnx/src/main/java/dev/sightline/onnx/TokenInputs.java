package dev.sightline.onnx;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which input of a model plays which part. Parts are known by the names that exporters give them;
 * an input of any other name means that the model cannot be fed with a text alone.
 *
 * @param ids token ids {@code [B, S]}
 * @param mask 1 for a real token, 0 for padding {@code [B, S]}; null if the model takes none
 * @param tokenTypes segment ids {@code [B, S]}; null if the model takes none
 * @param positions position ids {@code [B, S]}; null if the model takes none
 */
public record TokenInputs(
    TensorSpec ids,
    @Nullable TensorSpec mask,
    @Nullable TensorSpec tokenTypes,
    @Nullable TensorSpec positions) {
  private static final Set<String> IDS = Set.of("input_ids", "input.1", "ids", "tokens");
  private static final Set<String> MASK = Set.of("attention_mask", "input_mask", "mask");
  private static final Set<String> TYPES = Set.of("token_type_ids", "segment_ids");
  private static final Set<String> POSITIONS = Set.of("position_ids", "positions");

  static TokenInputs of(List<TensorSpec> inputs, String model) throws OnnxModelException {
    TensorSpec ids = null;
    TensorSpec mask = null;
    TensorSpec types = null;
    TensorSpec positions = null;
    for (TensorSpec input : inputs) {
      if (IDS.contains(input.name())) {
        ids = input;
      } else if (MASK.contains(input.name())) {
        mask = input;
      } else if (TYPES.contains(input.name())) {
        types = input;
      } else if (POSITIONS.contains(input.name())) {
        positions = input;
      } else {
        throw new OnnxModelException(
            model
                + " has an input '"
                + input
                + "', which a text alone cannot fill; expected only input_ids, attention_mask,"
                + " token_type_ids and position_ids");
      }
    }
    if (ids == null) {
      throw new OnnxModelException(
          model
              + " has no input for token ids; expected one named input_ids, but it takes "
              + inputs);
    }
    return new TokenInputs(ids, mask, types, positions);
  }
}
