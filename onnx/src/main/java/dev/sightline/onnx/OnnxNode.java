package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.Graph;
import dev.sightline.onnx.internal.graph.OnnxTypes;
import dev.sightline.onnx.internal.graph.ProtoFile;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of one node, as the test cases of the ONNX project are: one operator whose inputs are all
 * inputs of the graph.
 *
 * @param operator the operator type, such as {@code Attention}
 * @param domain the domain of the operator; empty for the standard one
 * @param opset the version of that domain's operators
 * @param inputs the input tensors in the operator's order; an optional one that is absent is the
 *     empty name
 * @param outputs the output tensors, likewise
 * @param attributes by name, only those that the file sets
 * @param graphInputs the inputs of the model, in the order of {@code input_0.pb}, {@code
 *     input_1.pb}
 * @param graphOutputs the outputs of the model, in the order of {@code output_0.pb}
 */
public record OnnxNode(
    String operator,
    String domain,
    long opset,
    List<String> inputs,
    List<String> outputs,
    Map<String, OnnxAttribute> attributes,
    List<TensorSpec> graphInputs,
    List<TensorSpec> graphOutputs) {
  /** Copies the lists and the attributes. */
  public OnnxNode {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Map.copyOf(attributes);
    graphInputs = List.copyOf(graphInputs);
    graphOutputs = List.copyOf(graphOutputs);
  }

  /**
   * Reads a .onnx file of one node.
   *
   * @param file the .onnx file
   * @return the node
   * @throws ModelException if there is no such file, if it is no ONNX model, if it has more than
   *     one node, or if an input of the node is not an input of the model
   */
  public static OnnxNode read(Path file) throws ModelException {
    return parse(ProtoFile.read(file, "model"), file.toString());
  }

  /**
   * Reads a model of one node from bytes.
   *
   * @param bytes the .onnx file
   * @param name the name of the bytes in messages
   * @return the node
   * @throws ModelException as {@link #read}
   */
  public static OnnxNode parse(byte[] bytes, String name) throws ModelException {
    String label = "'" + name + "'";
    ModelProto model = ProtoFile.model(bytes, label);
    GraphProto main = model.getGraph();
    if (main.getNodeCount() == 0) {
      throw new ModelException(label + " is not an ONNX model: it holds no graph");
    }
    if (main.getNodeCount() > 1) {
      throw new ModelException(
          label + " has " + main.getNodeCount() + " nodes; expected a model of one");
    }
    Graph graph = new Graph(main);
    NodeProto node = main.getNode(0);
    for (String input : node.getInputList()) {
      if (!input.isEmpty() && !graph.isInput(input)) {
        throw new ModelException(
            label + " gives its node '" + input + "', which is no input of the model");
      }
    }
    List<TensorSpec> outputs = main.getOutputList().stream().map(OnnxTypes::spec).toList();
    for (TensorSpec output : outputs) {
      if (!node.getOutputList().contains(output.name()) || output.name().isEmpty()) {
        throw new ModelException(
            label + " gives '" + output.name() + "', which is no output of its node");
      }
    }
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attributes.put(attribute.getName(), OnnxAttribute.of(attribute)) != null) {
        throw new ModelException(label + " sets the attribute '" + attribute.getName() + "' twice");
      }
    }
    String domain = ProtoFile.domain(node.getDomain());
    return new OnnxNode(
        node.getOpType(),
        domain,
        ProtoFile.opset(model, domain),
        node.getInputList(),
        node.getOutputList(),
        attributes,
        graph.fed(main),
        outputs);
  }
}
