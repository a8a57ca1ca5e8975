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
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Builds an ONNX graph node by node: a whole model, or nodes to be appended to one. Each method
 * that adds a tensor returns its name, to be the input of later nodes. A {@link #body} is a
 * subgraph, as of an If; its constants are in the main graph, where exporters put them too.
 */
public class GraphBuilder {
  public static final String MICROSOFT = "com.microsoft";

  private final GraphProto.Builder graph;
  private final GraphBuilder main;
  private final String prefix;
  private final Map<String, Long> domains = new TreeMap<>(Map.of(MICROSOFT, 1L));
  private int next;

  /** Starts an empty graph. */
  public GraphBuilder(String name) {
    this(GraphProto.newBuilder().setName(name), "");
  }

  private GraphBuilder(GraphProto.Builder graph, String prefix) {
    this.graph = graph;
    this.main = this;
    this.prefix = prefix;
  }

  /** Starts a subgraph of a graph, for {@link Op#with(String, GraphBuilder)}. */
  protected GraphBuilder(GraphBuilder parent, String name) {
    this.graph = GraphProto.newBuilder().setName(name);
    this.main = parent.main;
    this.prefix = "";
  }

  /**
   * Starts nodes to be appended to another graph.
   *
   * @param prefix start of the names that the builder chooses; the other graph has no such names
   */
  public static GraphBuilder addition(String prefix) {
    return new GraphBuilder(GraphProto.newBuilder(), prefix);
  }

  /** Starts a subgraph. Its nodes may read each tensor that this graph has so far. */
  public GraphBuilder body(String name) {
    return new GraphBuilder(this, name);
  }

  /** Adds all that another graph has so far. */
  public void addAll(GraphProto other) {
    graph.mergeFrom(other);
  }

  /** Adds an input. An axis is a number where its length is fixed, else a name. */
  public String input(String name, ElementType type, String... dims) {
    graph.addInput(value(name, type, dims));
    return name;
  }

  /** Adds an input that is a single number, as a body's are. */
  public String scalarInput(String name, ElementType type) {
    ValueInfoProto.Builder scalar = value(name, type).toBuilder();
    scalar.getTypeBuilder().getTensorTypeBuilder().setShape(TensorShapeProto.newBuilder());
    graph.addInput(scalar);
    return name;
  }

  /** Adds an input whose type and shape are unknown. */
  public String input(String name) {
    graph.addInput(ValueInfoProto.newBuilder().setName(name));
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

  /** Makes a tensor of the graph an output. Without axes its rank is open. */
  public void outputOf(String tensor, ElementType type, String... dims) {
    graph.addOutput(value(tensor, type, dims));
  }

  /** Makes a tensor of the graph an output, whose type and shape the runtime infers. */
  public void outputOf(String tensor) {
    graph.addOutput(ValueInfoProto.newBuilder().setName(tensor));
  }

  /** Declares the type of a tensor, for operators whose output types the runtime cannot infer. */
  public void declare(String tensor, ElementType type) {
    graph.addValueInfo(value(tensor, type));
  }

  /** Adds a node of one output and no attributes. The input "" is an absent optional one. */
  public String node(String operator, String... inputs) {
    return op(operator, inputs).out();
  }

  /** Adds a node that can be given attributes, a domain, other names and more outputs. */
  public Op op(String operator, String... inputs) {
    return new Op(operator, inputs);
  }

  /** A node under construction. */
  public final class Op {
    private final NodeProto.Builder node = graph.addNodeBuilder();

    private Op(String operator, String... inputs) {
      node.setOpType(operator).addAllInput(List.of(inputs));
      String name = fresh(operator.toLowerCase(Locale.ROOT));
      node.setName(name).addOutput(name);
    }

    /** Sets the domain of the operator, such as {@link #MICROSOFT}. */
    public Op of(String domain) {
      node.setDomain(domain);
      return this;
    }

    /** Names the node and its first output. */
    public Op named(String name) {
      node.setName(name).setOutput(0, name);
      return this;
    }

    /** Names the outputs; an empty name is an output that is not computed. */
    public Op outputs(String... names) {
      node.clearOutput().addAllOutput(List.of(names));
      return this;
    }

    /** Sets an attribute as another node has it, in the place of one of the same name. */
    public Op with(AttributeProto attribute) {
      for (int a = node.getAttributeCount() - 1; a >= 0; a--) {
        if (node.getAttribute(a).getName().equals(attribute.getName())) {
          node.removeAttribute(a);
        }
      }
      node.addAttribute(attribute);
      return this;
    }

    /** Sets an INT attribute. */
    public Op with(String attribute, long value) {
      return with(attribute(attribute, AttributeProto.AttributeType.INT).setI(value).build());
    }

    /** Sets a FLOAT attribute. */
    public Op with(String attribute, double value) {
      return with(
          attribute(attribute, AttributeProto.AttributeType.FLOAT).setF((float) value).build());
    }

    /** Sets a STRING attribute. */
    public Op with(String attribute, String value) {
      return with(
          attribute(attribute, AttributeProto.AttributeType.STRING)
              .setS(ByteString.copyFromUtf8(value))
              .build());
    }

    /** Sets an INTS attribute. */
    public Op withAll(String attribute, long... values) {
      AttributeProto.Builder list = attribute(attribute, AttributeProto.AttributeType.INTS);
      for (long value : values) {
        list.addInts(value);
      }
      return with(list.build());
    }

    /** Sets a GRAPH attribute. */
    public Op with(String attribute, GraphBuilder body) {
      return with(
          attribute(attribute, AttributeProto.AttributeType.GRAPH).setG(body.graph).build());
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

    /** Adds an output that is not computed after those that the node has. */
    public Op skip() {
      node.addOutput("");
      return this;
    }
  }

  /** Casts a tensor. */
  public String cast(String x, ElementType type) {
    return op("Cast", x).with("to", OnnxTypes.dataType(type)).out();
  }

  /** Reshapes a tensor; 0 keeps an axis, -1 is what remains. */
  public String reshape(String x, long... shape) {
    return node("Reshape", x, longs(shape));
  }

  /** Permutes the axes of a tensor. */
  public String transpose(String x, long... order) {
    return op("Transpose", x).withAll("perm", order).out();
  }

  /** Permutes the axes of a tensor. */
  public String transpose(String x, Collection<Integer> order) {
    return transpose(x, order.stream().mapToLong(Integer::longValue).toArray());
  }

  /** Joins tensors along an axis. */
  public String concat(int axis, String... parts) {
    return op("Concat", parts).with("axis", axis).out();
  }

  /** Takes {@code from} to {@code to}, exclusive, along an axis. */
  public String slice(String x, long axis, long from, long to) {
    return node("Slice", x, longs(from), longs(to), longs(axis));
  }

  /** Returns the length of an axis, as a scalar. */
  public String size(String x, long axis) {
    return node("Gather", node("Shape", x), longScalar(axis));
  }

  /** Returns 0 to {@code count - 1}, {@code count} being a scalar. */
  public String range(String count) {
    return node("Range", longScalar(0), count, longScalar(1));
  }

  /** Applies a Softmax along the last axis. */
  public String softmax(String scores) {
    return op("Softmax", scores).with("axis", -1).out();
  }

  /** Adds a constant of a floating-point type under a name of the caller's. */
  public String floats(String name, ElementType type, float[] values, long... dims) {
    if (type == ElementType.FLOAT64) {
      ByteBuffer raw = ByteBuffer.allocate(type.bytes() * values.length);
      raw.order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values) {
        raw.putDouble(value);
      }
      return constant(name, type, raw.flip(), dims);
    }
    FloatTensor tensor = FloatTensor.of(Shape.of(values.length), values);
    byte[] raw = RawTensor.ofFloats(tensor, type).elements().toArray();
    return constant(name, type, ByteBuffer.wrap(raw), dims);
  }

  /** Adds a float32 scalar. */
  public String scalar(double value) {
    return scalar(ElementType.FLOAT32, value);
  }

  /** Adds a scalar of a floating-point type. */
  public String scalar(ElementType type, double value) {
    return floats(fresh("constant"), type, new float[] {(float) value});
  }

  /** Adds an int64 scalar. */
  public String longScalar(long value) {
    return constant(fresh("constant"), ElementType.INT64, bytes(value));
  }

  /** Adds an int64 vector. */
  public String longs(long... values) {
    return longs(fresh("constant"), values);
  }

  /** Adds an int64 vector under a name of the caller's. */
  public String longs(String name, long... values) {
    return constant(name, ElementType.INT64, bytes(values), values.length);
  }

  /** Adds a bool scalar. */
  public String boolScalar(boolean value) {
    ByteBuffer raw = ByteBuffer.wrap(new byte[] {(byte) (value ? 1 : 0)});
    return constant(fresh("constant"), ElementType.BOOL, raw);
  }

  /** Adds a constant of any type from its elements, little endian, in row-major order. */
  public String constant(String name, ElementType type, ByteBuffer elements, long... dims) {
    return constant(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(OnnxTypes.dataType(type))
            .setRawData(ByteString.copyFrom(elements))
            .addAllDims(Arrays.stream(dims).boxed().toList())
            .build());
  }

  /** Adds a constant as it is in another graph, or as no other method can make it. */
  public String constant(TensorProto tensor) {
    main.graph.addInitializer(tensor);
    return tensor.getName();
  }

  /** Returns a name that this graph and its subgraphs have not used: the stem and a number. */
  public String fresh(String stem) {
    return main.prefix + stem + "_" + main.next++;
  }

  /** Sets the version of the operators of a domain; of {@link #MICROSOFT} it is 1 unless set. */
  public GraphBuilder domain(String domain, long version) {
    domains.put(domain, version);
    return this;
  }

  /** Returns what the graph has so far. */
  public GraphProto graph() {
    return graph.build();
  }

  /** Returns the model as the bytes of a .onnx file. */
  public byte[] model(long opset, String producer) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(opset > 21 ? 11 : 8)
            .setProducerName(producer)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset));
    domains.forEach((domain, version) ->
        model.addOpsetImport(
            OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    return model.setGraph(graph).build().toByteArray();
  }

  private static AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
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
