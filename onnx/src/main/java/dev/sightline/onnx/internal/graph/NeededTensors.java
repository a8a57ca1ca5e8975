package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a graph some tensors depend on: of a part of it the values, of another part the shapes
 * alone. A node whose shape rule is not known here needs the values of all its operands, which is
 * true and costs time.
 */
final class NeededTensors {
  /** The shape of the result follows from the shapes of the operands. */
  private static final Set<String> SHAPE_BY_SHAPES =
      Set.of(
          "Abs",
          "Add",
          "And",
          "Attention",
          "BiasGelu",
          "Cast",
          "Ceil",
          "Clip",
          "Concat",
          "Cos",
          "DequantizeLinear",
          "Div",
          "DynamicQuantizeLinear",
          "EmbedLayerNormalization",
          "Equal",
          "Erf",
          "Exp",
          "FastGelu",
          "Floor",
          "FusedMatMul",
          "Gather",
          "GatherElements",
          "Gelu",
          "Gemm",
          "Greater",
          "GreaterOrEqual",
          "GroupQueryAttention",
          "Identity",
          "IsInf",
          "IsNaN",
          "LayerNormalization",
          "Less",
          "LessOrEqual",
          "Log",
          "LogSoftmax",
          "MatMul",
          "MatMulInteger",
          "MatMulNBits",
          "Max",
          "Min",
          "Mul",
          "MultiHeadAttention",
          "Neg",
          "Not",
          "Or",
          "Pow",
          "QLinearMatMul",
          "QuantizeLinear",
          "QuickGelu",
          "Reciprocal",
          "Relu",
          "RMSNormalization",
          "RotaryEmbedding",
          "Round",
          "Shape",
          "Sigmoid",
          "Sign",
          "SimplifiedLayerNormalization",
          "Sin",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization",
          "Softmax",
          "Sqrt",
          "Sub",
          "Sum",
          "Tanh",
          "Transpose",
          "Where");

  /** The shape of the first operand counts, and the values of the others. */
  private static final Set<String> SHAPE_OF_FIRST =
      Set.of(
          "Expand",
          "Pad",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceSum",
          "Reshape",
          "Slice",
          "Split",
          "Squeeze",
          "Tile",
          "Unsqueeze");

  private final Graph graph;
  private final Set<String> byValue = new HashSet<>();
  private final Set<String> byShape = new HashSet<>();
  private final Deque<String> values = new ArrayDeque<>();
  private final Deque<String> shapes = new ArrayDeque<>();

  /**
   * Follows a graph back.
   *
   * @param wanted the tensors whose values are wanted
   */
  NeededTensors(Graph graph, Collection<String> wanted) {
    this.graph = graph;
    wanted.forEach(this::needValue);
    while (!values.isEmpty() || !shapes.isEmpty()) {
      if (!values.isEmpty()) {
        followValue(graph.producer(values.removeFirst()));
      } else {
        followShape(graph.producer(shapes.removeFirst()));
      }
    }
  }

  /** Whether the values of a tensor are needed. */
  boolean isNeeded(String tensor) {
    return byValue.contains(tensor);
  }

  /** Whether the values or the shape of a tensor are needed. */
  boolean isUsed(String tensor) {
    return byValue.contains(tensor) || byShape.contains(tensor);
  }

  private void needValue(String tensor) {
    if (byValue.add(tensor)) {
      values.addLast(tensor);
    }
  }

  private void needShape(String tensor) {
    if (!byValue.contains(tensor) && byShape.add(tensor)) {
      shapes.addLast(tensor);
    }
  }

  private void followValue(@Nullable NodeProto node) {
    if (node == null) {
      return;
    }
    if (node.getOpType().equals("Shape") || node.getOpType().equals("Size")) {
      node.getInputList().forEach(this::needShape);
    } else {
      needAll(node);
    }
  }

  private void followShape(@Nullable NodeProto node) {
    if (node == null) {
      return;
    }
    List<String> operands = node.getInputList();
    if (SHAPE_BY_SHAPES.contains(node.getOpType())) {
      operands.forEach(this::needShape);
    } else if (SHAPE_OF_FIRST.contains(node.getOpType())) {
      operands.stream().limit(1).forEach(this::needShape);
      operands.stream().skip(1).forEach(this::needValue);
    } else {
      needAll(node);
    }
  }

  private void needAll(NodeProto node) {
    node.getInputList().forEach(this::needValue);
    graph.valueOperands(node).forEach(this::needValue); // of its bodies too
  }
}
