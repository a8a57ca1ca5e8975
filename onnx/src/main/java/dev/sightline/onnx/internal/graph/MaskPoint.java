package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an attention's mask can be read by itself. The way from the score product to the Softmax is
 * built once more with zeros in the place of the product: what comes out is the mask and the bias,
 * whatever the tokens are. A forbidden key has the fill there, and a key that a head does not
 * choose has not.
 *
 * @param scores what the Softmax gets for a product of zeros; null if only the weights can be read
 * @param weights what the values are multiplied with for a product of zeros; null if that is the
 *     Softmax of the scores
 * @param kept tensors of the graph whose shapes are read. The runtime may fuse the node that makes
 *     one, and then has no such tensor, unless it is an output
 * @param helper the nodes that make them
 */
public record MaskPoint(
    @Nullable Place scores, @Nullable Place weights, List<String> kept, GraphProto helper) {

  /** Operators that change the shape of scores. */
  private static final Set<String> LAYOUT =
      Set.of("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Expand", "Concat", "Slice", "Pad");

  /**
   * The mask of an attention that is written out.
   *
   * @param product the tensor of the score product
   * @param up the nodes from the product to the Softmax, in order
   * @param probabilities the tensor that the Softmax gives
   * @param down the nodes from the Softmax to the weights, in order
   * @param order what brings the axes in order
   */
  static MaskPoint of(
      Graph graph,
      int layer,
      String product,
      List<NodeProto> up,
      String probabilities,
      List<NodeProto> down,
      List<Integer> order) {
    GraphBuilder added = GraphBuilder.addition("sightline.mask." + layer + ".");
    boolean sameShape = up.stream().noneMatch(node -> LAYOUT.contains(node.getOpType()));
    // Where it can be, the shape is that of the probabilities: the runtime may fuse the product.
    String shaped = sameShape ? probabilities : product;
    String tensor = zeros(added, shaped, graph.elementType(product));
    String was = product;
    for (NodeProto node : up) {
      // The largest score is taken off to keep Exp in range; it is content.
      if (!takesMaximumOff(graph, node)) {
        tensor = copy(added, node, was, tensor);
      }
      was = node.getOutput(0);
    }
    Place scores = Place.permuted(tensor, order);
    if (down.isEmpty()) {
      return new MaskPoint(scores, null, List.of(shaped), added.graph());
    }
    String weights = added.softmax(tensor);
    was = probabilities;
    for (NodeProto node : down) {
      weights = copy(added, node, was, weights);
      was = node.getOutput(0);
    }
    return new MaskPoint(scores, Place.permuted(weights, order), List.of(shaped), added.graph());
  }

  /** As many zeros as a tensor has elements. */
  static String zeros(GraphBuilder added, String tensor, int type) {
    AttributeProto value =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(TensorTypes.zero(type))
            .build();
    return added.op("ConstantOfShape", added.node("Shape", tensor)).with(value).out();
  }

  private static boolean takesMaximumOff(Graph graph, NodeProto node) {
    NodeProto other = graph.producer(Graph.input(node, 1));
    return node.getOpType().equals("Sub") && other != null && other.getOpType().equals("ReduceMax");
  }

  private static String copy(GraphBuilder added, NodeProto node, String was, String is) {
    String[] inputs =
        node.getInputList().stream()
            .map(input -> input.equals(was) ? is : input)
            .toArray(String[]::new);
    GraphBuilder.Op copy = added.op(node.getOpType(), inputs).of(node.getDomain());
    node.getAttributeList().forEach(copy::with);
    return copy.out();
  }
}
