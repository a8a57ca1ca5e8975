package dev.sightline.fuzz;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Changes of a graph that leave it a graph: of nodes, names, attributes, types and weights. */
final class ModelMutations {
  private static final List<String> OPERATORS =
      List.of(
          "Add",
          "MatMul",
          "Softmax",
          "Identity",
          "Reshape",
          "Transpose",
          "Gather",
          "Where",
          "Cast",
          "Concat",
          "Slice",
          "Expand",
          "ReduceMean",
          "Attention",
          "NoSuchOperator",
          "Shape");

  private static final long[] NUMBERS = {
    0, 1, -1, 2, 3, 7, 64, 4096, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE
  };

  private ModelMutations() {}

  /** One to three changes. */
  static byte[] of(ModelProto model, Random random) {
    ModelProto.Builder changed = model.toBuilder();
    for (int change = 1 + random.nextInt(3); change > 0; change--) {
      change(changed, random);
    }
    return changed.build().toByteArray();
  }

  private static void change(ModelProto.Builder model, Random random) {
    GraphProto.Builder graph = model.getGraphBuilder();
    switch (random.nextInt(14)) {
      case 0 -> graph.removeNode(random.nextInt(graph.getNodeCount()));
      case 1 -> graph.addNode(random.nextInt(graph.getNodeCount()), node(graph, random).build());
      case 2 -> node(graph, random).setOpType(Mutations.pick(OPERATORS, random));
      case 3, 4, 5 -> rewire(graph, node(graph, random), random);
      case 6, 7 -> changeAttribute(node(graph, random), random);
      case 8, 9 -> changeWeight(graph, random);
      case 10 -> changeValue(graph.getInputBuilder(random.nextInt(graph.getInputCount())), random);
      case 11 ->
          changeValue(graph.getOutputBuilder(random.nextInt(graph.getOutputCount())), random);
      case 12 -> model.getOpsetImportBuilder(0).setVersion(number(random));
      default -> {
        NodeProto.Builder one = node(graph, random);
        one.setName(random.nextBoolean() ? "" : "\u001b[2J".repeat(50));
      }
    }
    if (graph.getNodeCount() == 0) {
      graph.addNodeBuilder().setOpType("Identity").addInput("x").addOutput("y");
    }
  }

  private static NodeProto.Builder node(GraphProto.Builder graph, Random random) {
    return graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
  }

  private static long number(Random random) {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  /** Another input or output, which may make a cycle, or a name of two values. */
  private static void rewire(GraphProto.Builder graph, NodeProto.Builder node, Random random) {
    List<String> names = new ArrayList<>(List.of("", "nowhere"));
    graph.getNodeList().forEach(each -> names.addAll(each.getOutputList()));
    graph.getInitializerList().forEach(each -> names.add(each.getName()));
    graph.getInputList().forEach(each -> names.add(each.getName()));
    String name = Mutations.pick(names, random);
    if (node.getInputCount() > 0 && random.nextInt(4) > 0) {
      node.setInput(random.nextInt(node.getInputCount()), name);
    } else if (random.nextBoolean()) {
      node.addInput(name);
    } else if (node.getOutputCount() > 0) {
      node.setOutput(random.nextInt(node.getOutputCount()), name);
    }
  }

  private static void changeAttribute(NodeProto.Builder node, Random random) {
    if (node.getAttributeCount() == 0) {
      node.addAttributeBuilder()
          .setName("axis")
          .setType(AttributeProto.AttributeType.INT)
          .setI(number(random));
      return;
    }
    AttributeProto.Builder one = node.getAttributeBuilder(random.nextInt(node.getAttributeCount()));
    switch (random.nextInt(4)) {
      case 0 -> node.clearAttribute();
      case 1 -> one.setName("other");
      default -> {
        if (one.getIntsCount() > 0) {
          one.setInts(random.nextInt(one.getIntsCount()), number(random));
        } else {
          one.setI(number(random));
        }
      }
    }
  }

  private static void changeWeight(GraphProto.Builder graph, Random random) {
    if (graph.getInitializerCount() == 0) {
      return;
    }
    TensorProto.Builder weight =
        graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount()));
    byte[] raw = weight.getRawData().toByteArray();
    switch (random.nextInt(5)) {
      case 0 -> weight.setDataType(random.nextInt(20));
      case 1 -> weight.addDims(number(random));
      case 2 -> {
        if (weight.getDimsCount() > 0) {
          weight.setDims(random.nextInt(weight.getDimsCount()), number(random));
        }
      }
      case 3 -> weight.setRawData(ByteString.copyFrom(raw, 0, random.nextInt(raw.length + 1)));
      default ->
          weight.setRawData(
              ByteString.copyFrom(Mutations.of(raw, List.of("\u0000", "\u007f"), random)));
    }
  }

  private static void changeValue(ValueInfoProto.Builder value, Random random) {
    var tensor = value.getTypeBuilder().getTensorTypeBuilder();
    TensorShapeProto.Builder shape = tensor.getShapeBuilder();
    switch (random.nextInt(6)) {
      case 0 -> value.setName(random.nextBoolean() ? "" : "other");
      case 1 -> tensor.setElemType(random.nextInt(20));
      case 2 -> shape.addDimBuilder().setDimValue(number(random));
      case 3 -> shape.clearDim();
      default -> {
        if (shape.getDimCount() > 0) {
          shape.getDimBuilder(random.nextInt(shape.getDimCount())).setDimValue(number(random));
        }
      }
    }
  }
}
