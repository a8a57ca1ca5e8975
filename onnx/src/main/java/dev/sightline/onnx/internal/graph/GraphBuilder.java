package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.sightline.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;

/**
 * Builds an ONNX graph node by node. Each method that adds a tensor returns its name, to be the
 * input of later nodes. A {@link #body} is a subgraph, as of an If; its constants are in the main
 * graph, where exporters put them too.
 */
public class GraphBuilder {
  public static final String MICROSOFT = "com.microsoft";

  private final GraphProto.Builder graph;
  private final GraphBuilder main;
  private int next;

  /** Starts an empty graph. */
  public GraphBuilder(String name) {
    this.graph = GraphProto.newBuilder().setName(name);
    this.main = this;
  }

  /** Starts a subgraph of a graph, for {@link Op#with(String, GraphBuilder)}. */
  protected GraphBuilder(GraphBuilder parent, String name) {
    this.graph = GraphProto.newBuilder().setName(name);
    this.main = parent.main;
  }

  /** Starts a subgraph. Its nodes may read each tensor that this graph has so far. */
  public GraphBuilder body(String name) {
    return new GraphBuilder(this, name);
  }

  /** Adds an input. An axis is a number where its length is fixed, else a name. */
  public String input(String name, ElementType type, String... dims) {
    graph.addInput(value(name, type, dims));
    return name;
  }

  /** Returns the names of the inputs added so far. */
  public List<String> inputs() {
    return graph.getInputList().stream().map(ValueInfoProto::getName).toList();
  }

  /** Adds an output that is a copy of a tensor. Without axes its rank is open. */
  public void output(String name, String from, ElementType type, String... dims) {
    graph.addNode(NodeProto.newBuilder().setOpType("Identity").addInput(from).addOutput(name));
    graph.addOutput(value(name, type, dims));
  }

  /** Adds a node of one output and no attributes. The input "" is an absent optional one. */
  public String node(String operator, String... inputs) {
    return op(operator, inputs).out();
  }

  /** Adds a node that can be given attributes, a domain and more outputs. */
  public Op op(String operator, String... inputs) {
    return new Op(operator, inputs);
  }

  /** A node under construction. */
  public final class Op {
    private final NodeProto.Builder node = graph.addNodeBuilder();

    private Op(String operator, String... inputs) {
      String name = fresh(operator.toLowerCase(Locale.ROOT));
      node.setOpType(operator).setName(name).addAllInput(List.of(inputs)).addOutput(name);
    }

    /** Sets the domain of the operator, such as {@link #MICROSOFT}. */
    public Op of(String domain) {
      node.setDomain(domain);
      return this;
    }

    /** Sets an INT attribute. */
    public Op with(String attribute, long value) {
      node.addAttribute(GraphNodes.integer(attribute, value));
      return this;
    }

    /** Sets an INTS attribute. */
    public Op withAll(String attribute, long... values) {
      node.addAttribute(GraphNodes.integers(attribute, values));
      return this;
    }

    /** Sets a GRAPH attribute. */
    public Op with(String attribute, GraphBuilder body) {
      node.addAttribute(
          AttributeProto.newBuilder()
              .setName(attribute)
              .setType(AttributeProto.AttributeType.GRAPH)
              .setG(body.graph));
      return this;
    }

    /** Returns the name of the first output. */
    public String out() {
      return node.getOutput(0);
    }

    /** Adds an output after those that the node has, and returns its name. */
    public String more() {
      String name = out() + "_" + node.getOutputCount();
      node.addOutput(name);
      return name;
    }
  }

  /** Adds a constant of float32 or float16 under a name of the caller's. */
  public String floats(String name, ElementType type, float[] values, long... dims) {
    ByteBuffer raw =
        ByteBuffer.allocate(type.bytes() * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case FLOAT16 -> raw.putShort(Float.floatToFloat16(value));
        case FLOAT32 -> raw.putFloat(value);
        default -> throw new IllegalArgumentException(type + "; expected float32 or float16");
      }
    }
    return constant(name, type, raw.flip(), dims);
  }

  /** Adds an int64 scalar. */
  public String longScalar(long value) {
    return constant(fresh("constant"), ElementType.INT64, bytes(value));
  }

  /** Adds an int64 vector. */
  public String longs(long... values) {
    return constant(fresh("constant"), ElementType.INT64, bytes(values), values.length);
  }

  /** Adds a bool scalar. */
  public String boolScalar(boolean value) {
    ByteBuffer raw = ByteBuffer.wrap(new byte[] {(byte) (value ? 1 : 0)});
    return constant(fresh("constant"), ElementType.BOOL, raw);
  }

  /** Adds a constant of any type from its elements, little endian, in row-major order. */
  public String constant(String name, ElementType type, ByteBuffer elements, long... dims) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(OnnxTypes.dataType(type))
            .setRawData(ByteString.copyFrom(elements));
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    main.graph.addInitializer(tensor);
    return name;
  }

  /** Returns a name that this graph and its subgraphs have not used: the stem and a number. */
  public String fresh(String stem) {
    return stem + "_" + main.next++;
  }

  /** Returns the model as the bytes of a .onnx file. */
  public byte[] model(long opset, String producer) {
    return ModelProto.newBuilder()
        .setIrVersion(opset > 21 ? 11 : 8)
        .setProducerName(producer)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static ByteBuffer bytes(long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    return raw;
  }

  private static ValueInfoProto value(String name, ElementType type, String... dims) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(OnnxTypes.dataType(type));
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (String dim : dims) {
      boolean fixed = Character.isDigit(dim.charAt(0));
      shape.addDim(
          fixed
              ? TensorShapeProto.Dimension.newBuilder().setDimValue(Long.parseLong(dim))
              : TensorShapeProto.Dimension.newBuilder().setDimParam(dim));
    }
    // Without dimensions the rank is left open, as it may be for an output of a body.
    if (dims.length > 0) {
      tensor.setShape(shape);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
