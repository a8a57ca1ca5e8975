package dev.sightline.onnx.internal.session;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sightline.onnx.internal.file.Weight;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of a model as the runtime's tensors over the model's own memory. They are given
 * twice: as external initializers the optimiser of a graph sees them, as shared initializers a
 * session uses them without a copy. They are open as long as the session.
 */
final class SharedWeights implements AutoCloseable {
  private final ParsedModel model; // keeps its memory from being freed
  private final Map<String, OnnxTensorLike> tensors = new HashMap<>();
  private long bytes;

  private SharedWeights(ParsedModel model) {
    this.model = model;
  }

  /** Hands those weights to a session's options that the graph has. */
  static SharedWeights of(
      ParsedModel model,
      ModelProto graph,
      OrtEnvironment environment,
      OrtSession.SessionOptions options)
      throws OrtException {
    SharedWeights shared = new SharedWeights(model);
    try {
      for (TensorProto declared : graph.getGraph().getInitializerList()) {
        Weight weight = model.weights().get(declared.getName());
        if (weight != null && declared.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
          shared.tensors.put(declared.getName(), tensor(environment, weight));
          shared.bytes += weight.size();
        }
      }
      if (!shared.tensors.isEmpty()) {
        options.addExternalInitializers(shared.tensors);
      }
      for (Map.Entry<String, OnnxTensorLike> each : shared.tensors.entrySet()) {
        options.addInitializer(each.getKey(), each.getValue());
      }
      return shared;
    } catch (OrtException e) {
      shared.close();
      throw e;
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, Weight weight) throws OrtException {
    ByteBuffer values = weight.values().duplicate().order(ByteOrder.nativeOrder());
    long[] shape = weight.dims().stream().mapToLong(Long::longValue).toArray();
    return OnnxTensor.createTensor(environment, values, shape, type(weight.type()));
  }

  private static OnnxJavaType type(ElementType type) {
    return switch (type) {
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      default -> throw new IllegalArgumentException(type + " is not the type of a weight");
    };
  }

  /**
   * Returns a graph without the constants that nothing reads: the runtime drops weights before it
   * is given their values, and refuses a constant without a reader in a file of an old version.
   */
  static ModelProto used(ModelProto graph) {
    Set<String> read = new HashSet<>();
    // A constant of the name of an input is what the input is if it is not fed.
    graph.getGraph().getInputList().forEach(input -> read.add(input.getName()));
    Deque<GraphProto> todo = new ArrayDeque<>(List.of(graph.getGraph()));
    while (!todo.isEmpty()) {
      GraphProto each = todo.removeFirst();
      each.getOutputList().forEach(output -> read.add(output.getName()));
      for (NodeProto node : each.getNodeList()) {
        read.addAll(node.getInputList());
        for (AttributeProto attribute : node.getAttributeList()) {
          todo.addAll(attribute.getGraphsList());
          if (attribute.hasG()) {
            todo.add(attribute.getG());
          }
        }
      }
    }
    ModelProto.Builder used = graph.toBuilder();
    used.getGraphBuilder().clearInitializer();
    graph.getGraph().getInitializerList().stream()
        .filter(w -> read.contains(w.getName()))
        .forEach(used.getGraphBuilder()::addInitializer);
    return used.build();
  }

  /** Returns the size of all weights. */
  long bytes() {
    return bytes;
  }

  /** Names the model. */
  @Override
  public String toString() {
    return "weights of " + model;
  }

  @Override
  public void close() {
    tensors.values().forEach(OnnxTensorLike::close);
  }
}
