package dev.sightline.audit.zoo;

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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * Writes an ONNX graph node by node. A tensor is known by its name, which every call answers.
 *
 * <p>A weight depends on its own name alone, so a model and its mutation share every weight that
 * both have. Weights and constants of a {@link #body} lie in the main graph, as exporters do it.
 */
public final class GraphWriter {
  static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
  static final int FLOAT16 = TensorProto.DataType.FLOAT16_VALUE;
  static final int INT64 = TensorProto.DataType.INT64_VALUE;
  static final int INT32 = TensorProto.DataType.INT32_VALUE;
  static final int BOOL = TensorProto.DataType.BOOL_VALUE;
  static final String MICROSOFT = "com.microsoft";

  private final GraphProto.Builder graph;
  private final GraphWriter main;
  private final int floatType;
  private final Set<String> weights = new HashSet<>();
  private int next;

  /** The type that weights and float constants have. */
  GraphWriter(int floatType) {
    this.graph = GraphProto.newBuilder().setName("zoo");
    this.main = this;
    this.floatType = floatType;
  }

  private GraphWriter(GraphWriter main, String name) {
    this.graph = GraphProto.newBuilder().setName(name);
    this.main = main;
    this.floatType = main.floatType;
  }

  /** A graph to be the attribute of an If; it sees what this one has made so far. */
  GraphWriter body(String name) {
    return new GraphWriter(main, name);
  }

  int floatType() {
    return floatType;
  }

  /** Dimensions are numbers or names. */
  String input(String name, int type, String... dims) {
    graph.addInput(value(name, type, dims));
    return name;
  }

  /** The names of the inputs made so far. */
  List<String> inputs() {
    return graph.getInputList().stream().map(ValueInfoProto::getName).toList();
  }

  void output(String name, String from, int type, String... dims) {
    graph.addNode(NodeProto.newBuilder().setOpType("Identity").addInput(from).addOutput(name));
    graph.addOutput(value(name, type, dims));
  }

  /** A node of one output and no attributes. An input named "" is left out. */
  String node(String operator, String... inputs) {
    return op(operator, inputs).out();
  }

  Op op(String operator, String... inputs) {
    return new Op(operator, inputs);
  }

  /** A node that can still be given attributes, a domain and more outputs. */
  final class Op {
    private final NodeProto.Builder node = graph.addNodeBuilder();

    private Op(String operator, String... inputs) {
      String name = fresh(operator.toLowerCase(Locale.ROOT));
      node.setOpType(operator).setName(name).addAllInput(List.of(inputs)).addOutput(name);
    }

    Op of(String domain) {
      node.setDomain(domain);
      return this;
    }

    Op with(String attribute, long value) {
      node.addAttribute(attribute(attribute, AttributeProto.AttributeType.INT).setI(value));
      return this;
    }

    Op withAll(String attribute, long... values) {
      AttributeProto.Builder ints = attribute(attribute, AttributeProto.AttributeType.INTS);
      for (long value : values) {
        ints.addInts(value);
      }
      node.addAttribute(ints);
      return this;
    }

    Op with(String attribute, GraphWriter body) {
      node.addAttribute(attribute(attribute, AttributeProto.AttributeType.GRAPH).setG(body.graph));
      return this;
    }

    String out() {
      return node.getOutput(0);
    }

    /** One more output, after those asked for already. */
    String more() {
      String name = out() + "_" + node.getOutputCount();
      node.addOutput(name);
      return name;
    }
  }

  String cast(String x, int type) {
    return op("Cast", x).with("to", type).out();
  }

  String reshape(String x, long... shape) {
    return node("Reshape", x, longs(shape));
  }

  String transpose(String x, long... permutation) {
    return op("Transpose", x).withAll("perm", permutation).out();
  }

  String concat(int axis, String... parts) {
    return op("Concat", parts).with("axis", axis).out();
  }

  /** {@code from} to {@code to}, exclusive, along an axis. */
  String slice(String x, long axis, long from, long to) {
    return node("Slice", x, longs(from), longs(to), longs(axis));
  }

  /** The length of an axis, as a scalar. */
  String size(String x, long axis) {
    return node("Gather", node("Shape", x), longScalar(axis));
  }

  /** 0 to {@code count - 1}, {@code count} being a scalar. */
  String range(String count) {
    return node("Range", longScalar(0), count, longScalar(1));
  }

  /** Seeded by the name, normally distributed with deviation 0.45. */
  String weight(String name, long... dims) {
    return weight(name, 0.45, dims);
  }

  String weight(String name, double deviation, long... dims) {
    if (!main.weights.add(name)) {
      return name;
    }
    Random random = new Random(name.hashCode() * 7919L);
    int count = 1;
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(floatType);
    for (long dim : dims) {
      tensor.addDims(dim);
      count *= Math.toIntExact(dim);
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    main.graph.addInitializer(tensor.setRawData(floatBytes(values)));
    return name;
  }

  /** A scalar of the graph's float type. */
  String scalar(double value) {
    return constant(
        TensorProto.newBuilder()
            .setDataType(floatType)
            .setRawData(floatBytes(new float[] {(float) value})));
  }

  String floats(float... values) {
    return constant(
        TensorProto.newBuilder()
            .setDataType(floatType)
            .addDims(values.length)
            .setRawData(floatBytes(values)));
  }

  String longScalar(long value) {
    return constant(
        TensorProto.newBuilder().setDataType(INT64).setRawData(longBytes(new long[] {value})));
  }

  String longs(long... values) {
    return constant(
        TensorProto.newBuilder()
            .setDataType(INT64)
            .addDims(values.length)
            .setRawData(longBytes(values)));
  }

  String boolScalar(boolean value) {
    return constant(
        TensorProto.newBuilder()
            .setDataType(BOOL)
            .setRawData(ByteString.copyFrom(new byte[] {(byte) (value ? 1 : 0)})));
  }

  byte[] model(long opset) {
    return ModelProto.newBuilder()
        .setIrVersion(opset > 21 ? 11 : 8)
        .setProducerName("sightline-zoo")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private String constant(TensorProto.Builder tensor) {
    String name = fresh("constant");
    main.graph.addInitializer(tensor.setName(name));
    return name;
  }

  private String fresh(String stem) {
    return stem + "_" + main.next++;
  }

  private ByteString floatBytes(float[] values) {
    int width = floatType == FLOAT16 ? 2 : 4;
    ByteBuffer raw = ByteBuffer.allocate(width * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      if (floatType == FLOAT16) {
        raw.putShort(Float.floatToFloat16(value));
      } else {
        raw.putFloat(value);
      }
    }
    return ByteString.copyFrom(raw.flip());
  }

  private static ByteString longBytes(long[] values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    return ByteString.copyFrom(raw);
  }

  private static AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static ValueInfoProto value(String name, int type, String... dims) {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type);
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
