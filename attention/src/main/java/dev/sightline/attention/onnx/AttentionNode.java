package dev.sightline.attention.onnx;

import dev.sightline.attention.Provider;
import dev.sightline.attention.Workers;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An Attention node of a model of one node, ready to run. */
final class AttentionNode {
  private static final long FIRST_OPSET = 23;
  private static final int MOST_INPUTS = 7;
  private static final int MOST_OUTPUTS = 4;
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "is_causal",
          "kv_num_heads",
          "left_window_size",
          "q_num_heads",
          "qk_matmul_output_mode",
          "right_window_size",
          "scale",
          "softcap",
          "softmax_precision");

  private final OperatorNode node;
  private final AttentionOperator operator;

  private AttentionNode(OperatorNode node, AttentionOperator operator) {
    this.node = node;
    this.operator = operator;
  }

  /**
   * Reads the attributes of a node.
   *
   * @param workers the threads that compute
   * @param provider the kernel
   * @throws IllegalArgumentException if it is another operator, or an attribute is not Attention's
   */
  static AttentionNode of(OperatorNode node, Workers workers, Provider provider) {
    if (!node.operator().equals("Attention") || !node.domain().isEmpty()) {
      throw new IllegalArgumentException(
          "the operator is "
              + node.operator()
              + (node.domain().isEmpty() ? "" : " of " + node.domain())
              + "; only Attention of the standard operators is run here");
    }
    if (node.opset() < FIRST_OPSET) {
      throw new IllegalArgumentException(
          "the model asks for opset "
              + node.opset()
              + "; Attention is an operator from opset "
              + FIRST_OPSET
              + " on");
    }
    for (String attribute : node.attributes().keySet()) {
      if (!ATTRIBUTES.contains(attribute)) {
        throw new IllegalArgumentException("Attention has no attribute '" + attribute + "'");
      }
    }
    count("inputs", node.inputs().size(), 3, MOST_INPUTS);
    count("outputs", node.outputs().size(), 1, MOST_OUTPUTS);
    Float softcap = real(node, "softcap");
    int causal = integer(node, "is_causal", 0);
    if (causal != 0 && causal != 1) {
      throw new IllegalArgumentException("is_causal must be 0 or 1, but is " + causal);
    }
    return new AttentionNode(
        node,
        AttentionOperator.of(
                new AttentionAttributes(
                    causal == 1,
                    real(node, "scale"),
                    softcap == null ? 0 : softcap,
                    heads(node, "q_num_heads"),
                    heads(node, "kv_num_heads"),
                    integer(node, "qk_matmul_output_mode", 0),
                    integer(node, "softmax_precision", 0),
                    integer(node, "left_window_size", -1),
                    integer(node, "right_window_size", -1)))
            .workers(workers)
            .provider(provider));
  }

  private static void count(String what, int is, int least, int most) {
    if (is < least || is > most) {
      throw new IllegalArgumentException(
          "Attention has " + least + " to " + most + " " + what + ", but this node has " + is);
    }
  }

  private static int heads(OperatorNode node, String attribute) {
    int heads = integer(node, attribute, 1);
    if (heads < 1) {
      throw new IllegalArgumentException(attribute + " must be at least 1, but is " + heads);
    }
    return node.attributes().containsKey(attribute) ? heads : 0;
  }

  private static int integer(OperatorNode node, String attribute, int otherwise) {
    return switch (node.attributes().get(attribute)) {
      case null -> otherwise;
      case Long value when value == value.intValue() -> value.intValue();
      case Long value ->
          throw new IllegalArgumentException(
              attribute + " is " + value + "; expected a number of 32 bits");
      case Object other -> throw wrongKind(attribute, other, "a whole number");
    };
  }

  private static @Nullable Float real(OperatorNode node, String attribute) {
    return switch (node.attributes().get(attribute)) {
      case null -> null;
      case Float value -> value;
      case Object other -> throw wrongKind(attribute, other, "a float");
    };
  }

  private static IllegalArgumentException wrongKind(String name, Object is, String expected) {
    return new IllegalArgumentException(
        "Attention has " + is + " as its attribute '" + name + "'; expected " + expected);
  }

  /**
   * Runs the node.
   *
   * @param inputs the inputs of the model, by name
   * @return the outputs of the model, in its order
   */
  List<RawTensor> run(Map<String, RawTensor> inputs) {
    AttentionInputs given =
        new AttentionInputs(
            required(0, "Q", inputs),
            required(1, "K", inputs),
            required(2, "V", inputs),
            input(3, inputs),
            input(4, inputs),
            input(5, inputs),
            input(6, inputs));
    boolean matrix =
        node.outputs().size() == MOST_OUTPUTS
            && node.modelOutputs().contains(node.outputs().getLast());
    AttentionOutputs made = operator.run(given, matrix);
    List<RawTensor> outputs = new ArrayList<>();
    for (String name : node.modelOutputs()) {
      RawTensor output =
          switch (node.outputs().indexOf(name)) {
            case 0 -> made.y();
            case 1 -> made.presentKey();
            case 2 -> made.presentValue();
            default -> made.qkMatmulOutput();
          };
      if (output == null) {
        throw new IllegalArgumentException("Attention does not make '" + name + "'");
      }
      outputs.add(output);
    }
    return outputs;
  }

  private RawTensor required(int index, String name, Map<String, RawTensor> inputs) {
    RawTensor input = input(index, inputs);
    if (input == null) {
      throw new IllegalArgumentException("Attention is given no " + name);
    }
    return input;
  }

  private @Nullable RawTensor input(int index, Map<String, RawTensor> inputs) {
    String name = index < node.inputs().size() ? node.inputs().get(index) : "";
    if (!name.isEmpty() && !inputs.containsKey(name)) {
      throw new IllegalArgumentException(
          "Attention is given '" + name + "', which is not an input of the model");
    }
    return name.isEmpty() ? null : inputs.get(name);
  }
}
