package dev.sightline.onnx.internal.session;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.sightline.onnx.internal.graph.OnnxTypes;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a session as the runtime's tensors, in the type that the graph declares.
 *
 * <p>The runtime's Java interface makes no tensors of uint16, uint32 and uint64. A graph with such
 * an input is run with an int64 in its place, which a Cast brings to the type.
 */
final class InputTensors {
  private static final Set<ElementType> CAST =
      EnumSet.of(ElementType.UINT16, ElementType.UINT32, ElementType.UINT64);

  private final String model;
  private final OrtEnvironment environment;
  private final Map<String, NodeInfo> declared;
  private final Map<String, ElementType> cast;

  /**
   * The inputs of a session.
   *
   * @param model names it in messages
   * @param declared the inputs of the session
   * @param cast a result of {@link #cast}
   */
  InputTensors(
      String model,
      OrtEnvironment environment,
      Map<String, NodeInfo> declared,
      Map<String, ElementType> cast) {
    this.model = model;
    this.environment = environment;
    this.declared = declared;
    this.cast = cast;
  }

  /** Returns the inputs that are fed as int64, and their own types. */
  static Map<String, ElementType> cast(ModelProto graph) {
    Map<String, ElementType> cast = new HashMap<>();
    graph.getGraph().getInputList().stream()
        .map(OnnxTypes::spec)
        .filter(input -> input.type() != null && CAST.contains(input.type()))
        .forEach(input -> cast.put(input.name(), input.type()));
    graph.getGraph().getInitializerList().forEach(weight -> cast.remove(weight.getName()));
    return cast;
  }

  /** Returns the graph with int64 in the place of those inputs, each under {@link #wide}. */
  static ModelProto withCasts(ModelProto graph, Map<String, ElementType> cast) {
    if (cast.isEmpty()) {
      return graph;
    }
    ModelProto.Builder changed = graph.toBuilder();
    var nodes = changed.getGraphBuilder().getNodeList();
    changed.getGraphBuilder().clearNode();
    for (var input : changed.getGraphBuilder().getInputBuilderList()) {
      String name = input.getName();
      ElementType type = cast.get(name);
      if (type != null) {
        input.setName(wide(name));
        input
            .getTypeBuilder()
            .getTensorTypeBuilder()
            .setElemType(OnnxTypes.dataType(ElementType.INT64));
        changed
            .getGraphBuilder()
            .addNodeBuilder()
            .setName(wide(name))
            .setOpType("Cast")
            .addInput(wide(name))
            .addOutput(name)
            .addAttributeBuilder()
            .setName("to")
            .setType(ai.onnx.proto.OnnxMl.AttributeProto.AttributeType.INT)
            .setI(OnnxTypes.dataType(type));
      }
    }
    changed.getGraphBuilder().addAllNode(nodes);
    return changed.build();
  }

  private static String wide(String input) {
    return "sightline/wide/" + input;
  }

  /** Returns the name of an input in the session. */
  String name(String input) {
    return cast.containsKey(input) ? wide(input) : input;
  }

  /**
   * Returns values in the type of an input.
   *
   * @throws ModelException if there is no such input, or its type cannot hold a value
   */
  OnnxTensor of(String name, RawTensor values) throws OrtException, ModelException {
    long[] shape = new long[values.shape().rank()];
    for (int a = 0; a < shape.length; a++) {
      shape[a] = values.shape().dim(a);
    }
    NodeInfo input = declared.get(name(name));
    if (input == null || !(input.getInfo() instanceof TensorInfo info)) {
      throw new ModelException(model + " has no tensor input '" + name + "'");
    }
    ElementType type = cast.getOrDefault(name, type(info.type));
    if (type == null) {
      throw new ModelException(
          model
              + " takes '"
              + name
              + "' of type "
              + info.type
              + "; expected numbers or booleans of 64 bits at most");
    }
    return switch (type) {
      case FLOAT32 -> OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats(values)), shape);
      case FLOAT64 -> {
        double[] wide = new double[values.shape().size()];
        if (values.type() == ElementType.FLOAT64) {
          for (int i = 0; i < wide.length; i++) {
            wide[i] = values.elements().getDouble(8L * i);
          }
        } else {
          float[] narrow = floats(values);
          for (int i = 0; i < wide.length; i++) {
            wide[i] = narrow[i];
          }
        }
        yield OnnxTensor.createTensor(environment, DoubleBuffer.wrap(wide), shape);
      }
      case FLOAT16, BFLOAT16 -> {
        // Of 16-bit floats the runtime takes direct buffers alone.
        TensorBytes rounded = RawTensor.ofFloats(values.toFloats(), type).elements();
        ByteBuffer halves = ByteBuffer.allocateDirect((int) rounded.size());
        TensorBytes.of(halves).put(0, rounded, 0, rounded.size());
        halves.order(ByteOrder.nativeOrder());
        yield OnnxTensor.createTensor(environment, halves, shape, info.type);
      }
      case BOOL -> {
        ByteBuffer bytes = ByteBuffer.allocate(values.shape().size());
        for (float value : floats(values)) {
          bytes.put((byte) (value != 0 ? 1 : 0));
        }
        yield OnnxTensor.createTensor(environment, bytes.flip(), shape, OnnxJavaType.BOOL);
      }
      case INT8, UINT8 -> {
        ByteBuffer bytes = ByteBuffer.allocate(values.shape().size());
        for (long value : longs(name, values, type)) {
          bytes.put((byte) value);
        }
        yield OnnxTensor.createTensor(environment, bytes.flip(), shape, info.type);
      }
      case INT16 -> {
        ShortBuffer shorts = ShortBuffer.allocate(values.shape().size());
        for (long value : longs(name, values, type)) {
          shorts.put((short) value);
        }
        yield OnnxTensor.createTensor(environment, shorts.flip(), shape);
      }
      case INT32 -> {
        IntBuffer ints = IntBuffer.allocate(values.shape().size());
        for (long value : longs(name, values, type)) {
          ints.put((int) value);
        }
        yield OnnxTensor.createTensor(environment, ints.flip(), shape);
      }
      case INT64, UINT16, UINT32, UINT64 ->
          OnnxTensor.createTensor(environment, LongBuffer.wrap(longs(name, values, type)), shape);
    };
  }

  private static @Nullable ElementType type(OnnxJavaType type) {
    return switch (type) {
      case BOOL -> ElementType.BOOL;
      case INT8 -> ElementType.INT8;
      case UINT8 -> ElementType.UINT8;
      case INT16 -> ElementType.INT16;
      case INT32 -> ElementType.INT32;
      case INT64 -> ElementType.INT64;
      case FLOAT16 -> ElementType.FLOAT16;
      case BFLOAT16 -> ElementType.BFLOAT16;
      case FLOAT -> ElementType.FLOAT32;
      case DOUBLE -> ElementType.FLOAT64;
      default -> null;
    };
  }

  private long[] longs(String name, RawTensor values, ElementType type) throws ModelException {
    long[] longs = values.toLongs();
    boolean signed = !type.label().startsWith("u");
    int bits = 8 * type.bytes() - (signed ? 1 : 0);
    long most = bits >= 63 ? Long.MAX_VALUE : (1L << bits) - 1;
    long least = signed ? -most - 1 : 0;
    for (long value : longs) {
      if (value < least || value > most) {
        throw new ModelException(
            model + " takes '" + name + "' as " + type + ", which cannot hold " + value);
      }
    }
    return longs;
  }

  private static float[] floats(RawTensor values) {
    return values.toFloats().data();
  }
}
