package dev.sightline.cli;

import dev.sightline.attention.AttentionOptions;
import dev.sightline.attention.OnnxAttentionAttributes;
import dev.sightline.attention.OnnxAttentionInputs;
import dev.sightline.attention.OnnxAttentionOperator;
import dev.sightline.attention.OnnxAttentionOutputs;
import dev.sightline.onnx.OnnxNode;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An Attention node of a model file, ready to run on our kernels. */
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

  private final OnnxNode node;
  private final OnnxAttentionAttributes attributes;

  private AttentionNode(OnnxNode node, OnnxAttentionAttributes attributes) {
    this.node = node;
    this.attributes = attributes;
  }

  /**
   * Reads the attributes of a node.
   *
   * @throws IllegalArgumentException if it is another operator, or an attribute is not Attention's
   */
  static AttentionNode of(OnnxNode node) {
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
    OptionalDouble scale = node.real("scale");
    int causal = integer(node, "is_causal", 0);
    if (causal != 0 && causal != 1) {
      throw new IllegalArgumentException("is_causal must be 0 or 1, but is " + causal);
    }
    return new AttentionNode(
        node,
        new OnnxAttentionAttributes(
            causal == 1,
            scale.isEmpty() ? null : (float) scale.getAsDouble(),
            (float) node.real("softcap").orElse(0),
            heads(node, "q_num_heads"),
            heads(node, "kv_num_heads"),
            integer(node, "qk_matmul_output_mode", 0),
            integer(node, "softmax_precision", 0),
            integer(node, "left_window_size", -1),
            integer(node, "right_window_size", -1)));
  }

  private static void count(String what, int is, int least, int most) {
    if (is < least || is > most) {
      throw new IllegalArgumentException(
          "Attention has " + least + " to " + most + " " + what + ", but this node has " + is);
    }
  }

  private static int heads(OnnxNode node, String attribute) {
    int heads = integer(node, attribute, 1);
    if (heads < 1) {
      throw new IllegalArgumentException(attribute + " must be at least 1, but is " + heads);
    }
    return node.integer(attribute).isEmpty() ? 0 : heads;
  }

  private static int integer(OnnxNode node, String attribute, int otherwise) {
    long value = node.integer(attribute).orElse(otherwise);
    if (value != (int) value) {
      throw new IllegalArgumentException(
          attribute + " is " + value + "; expected a number of 32 bits");
    }
    return (int) value;
  }

  /**
   * Runs the node.
   *
   * @param fed by name
   * @return the outputs that the model gives, in its order
   */
  List<RawTensor> run(Map<String, RawTensor> fed, AttentionOptions options) {
    OnnxAttentionInputs inputs =
        new OnnxAttentionInputs(
            required(0, "Q", fed),
            required(1, "K", fed),
            required(2, "V", fed),
            input(3, fed),
            input(4, fed),
            input(5, fed),
            input(6, fed));
    List<String> names = node.graphOutputs().stream().map(output -> output.name()).toList();
    boolean matrix =
        node.outputs().size() == MOST_OUTPUTS && names.contains(node.outputs().getLast());
    OnnxAttentionOutputs made = OnnxAttentionOperator.of(attributes, options).run(inputs, matrix);
    List<RawTensor> outputs = new ArrayList<>();
    for (String name : names) {
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

  private RawTensor required(int index, String name, Map<String, RawTensor> fed) {
    RawTensor input = input(index, fed);
    if (input == null) {
      throw new IllegalArgumentException("Attention is given no " + name);
    }
    return input;
  }

  private @Nullable RawTensor input(int index, Map<String, RawTensor> fed) {
    String name = index < node.inputs().size() ? node.inputs().get(index) : "";
    if (!name.isEmpty() && !fed.containsKey(name)) {
      throw new IllegalArgumentException(
          "Attention is given '" + name + "', which the model is not fed");
    }
    return name.isEmpty() ? null : fed.get(name);
  }
}
