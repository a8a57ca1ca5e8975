package dev.sightline.attention.onnx;

import java.util.List;
import java.util.Map;

/**
 * A model of one node, as the ONNX project's test cases have it. Tensors are named; the empty name
 * is an optional tensor that is absent.
 *
 * @param operator the operator, such as {@code Attention}
 * @param domain the domain of the operator; empty for the standard operators
 * @param opset the version of that domain's operators
 * @param inputs the inputs of the node, in the operator's order
 * @param outputs the outputs of the node, in the operator's order
 * @param attributes the attributes that the file sets: a {@link Long} for an INT, a {@link Float}
 *     for a FLOAT, and for another kind an object whose text describes it
 * @param modelInputs the inputs of the model, in the order of {@code input_0.pb}, {@code
 *     input_1.pb}
 * @param modelOutputs the outputs of the model, in the order of {@code output_0.pb}
 */
public record OperatorNode(
    String operator,
    String domain,
    long opset,
    List<String> inputs,
    List<String> outputs,
    Map<String, Object> attributes,
    List<String> modelInputs,
    List<String> modelOutputs) {
  /** Copies the lists. */
  public OperatorNode {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Map.copyOf(attributes);
    modelInputs = List.copyOf(modelInputs);
    modelOutputs = List.copyOf(modelOutputs);
  }
}
