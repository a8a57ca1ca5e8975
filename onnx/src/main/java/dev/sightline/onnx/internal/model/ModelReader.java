package dev.sightline.onnx.internal.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.file.Weight;
import dev.sightline.onnx.internal.graph.OnnxTypes;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a .onnx file without its large weights, which go into native memory. So they are held once,
 * whatever the number of sessions; as bytes of the file, every session would copy them, and the
 * Java heap would hold them as well: a BERT of 436 MB took 3.6 GB.
 *
 * <p>A large weight is an initializer of the main graph with {@code raw_data}. In the model that is
 * returned its data is external, at {@link #IN_MEMORY}, and must be handed to the runtime.
 */
@SuppressWarnings("deprecation") // skipField with an output is the one way to copy a field as it is
public final class ModelReader {
  /** The location of a weight that was taken out of the model; not the name of a file. */
  public static final String IN_MEMORY = "*sightline/weights";

  /** Bytes; smaller weights stay in the graph, where its readers expect shapes and scalars. */
  private static final int LARGE = 4096;

  private static final int ALIGNMENT = 64;

  private static final int GRAPH = tag(ModelProto.GRAPH_FIELD_NUMBER);
  private static final int INITIALIZER = tag(GraphProto.INITIALIZER_FIELD_NUMBER);
  private static final int RAW_DATA = tag(TensorProto.RAW_DATA_FIELD_NUMBER);

  private final ModelSource source;
  private final Map<String, Weight> weights = new HashMap<>();

  private ModelReader(ModelSource source) {
    this.source = source;
  }

  /**
   * What was read.
   *
   * @param model the model without its large weights
   * @param weights those weights by name
   * @param fileBytes size of the file
   */
  public record Read(ModelProto model, Map<String, Weight> weights, long fileBytes) {}

  /**
   * Reads a model.
   *
   * @param label how messages name the model
   * @throws ModelException if it cannot be read or is not a protobuf message of a model
   */
  public static Read read(ModelSource source, String label) throws ModelException {
    ModelReader reader = new ModelReader(source);
    try (InputStream in = source.open()) {
      ByteString.Output small = ByteString.newOutput();
      CodedOutputStream out = CodedOutputStream.newInstance(small);
      reader.model(CodedInputStream.newInstance(in, 1 << 16), out);
      out.flush();
      ModelProto model = ModelProto.parseFrom(small.toByteString());
      return new Read(model, Map.copyOf(reader.weights), source.size());
    } catch (InvalidProtocolBufferException e) {
      throw new ModelException(
          label + " is not an ONNX model, or a part of one: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelException(label + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Whether a weight was taken out of the model. */
  static boolean isInMemory(TensorProto tensor) {
    return tensor.getExternalDataCount() == 1
        && tensor.getExternalData(0).getValue().equals(IN_MEMORY);
  }

  private void model(CodedInputStream in, CodedOutputStream out) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag != GRAPH) {
        in.skipField(tag, out);
        continue;
      }
      int limit = in.pushLimit(length(in));
      ByteString.Output small = ByteString.newOutput();
      CodedOutputStream graph = CodedOutputStream.newInstance(small);
      graph(in, graph);
      graph.flush();
      in.popLimit(limit);
      out.writeUInt32NoTag(GRAPH);
      out.writeBytesNoTag(small.toByteString());
    }
  }

  private void graph(CodedInputStream in, CodedOutputStream out) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag != INITIALIZER) {
        in.skipField(tag, out);
        continue;
      }
      int limit = in.pushLimit(length(in));
      TensorProto tensor = tensor(in);
      in.popLimit(limit);
      out.writeUInt32NoTag(INITIALIZER);
      out.writeMessageNoTag(tensor);
    }
  }

  private TensorProto tensor(CodedInputStream in) throws IOException {
    ByteString.Output small = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(small);
    long offset = -1;
    int size = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag != RAW_DATA) {
        in.skipField(tag, out);
        continue;
      }
      size = length(in);
      offset = in.getTotalBytesRead();
      in.skipRawBytes(size);
    }
    out.flush();
    TensorProto.Builder tensor = TensorProto.newBuilder().mergeFrom(small.toByteString());
    if (offset < 0) {
      return tensor.build();
    }
    ElementType type = OnnxTypes.elementType(tensor.getDataType());
    if (type != null && isLargeWeight(tensor, type, size)) {
      ByteBuffer values = aligned(size);
      source.read(offset, values);
      weights.put(
          tensor.getName(),
          new Weight(type, tensor.getDimsList(), values.clear().asReadOnlyBuffer()));
      return tensor
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(
              StringStringEntryProto.newBuilder().setKey("location").setValue(IN_MEMORY))
          .build();
    }
    byte[] values = new byte[size];
    source.read(offset, ByteBuffer.wrap(values));
    return tensor.setRawData(ByteString.copyFrom(values)).build();
  }

  /** Native memory that begins at a multiple of 64, as the runtime's own weights do. */
  private static ByteBuffer aligned(int size) {
    int most = Integer.MAX_VALUE - 2 * ALIGNMENT;
    return size > most
        ? ByteBuffer.allocateDirect(size)
        : ByteBuffer.allocateDirect(size + 2 * ALIGNMENT).alignedSlice(ALIGNMENT).slice(0, size);
  }

  /** Whole numbers stay in the graph: its shapes and positions are read from them. */
  private boolean isLargeWeight(TensorProto.Builder tensor, ElementType type, int size) {
    boolean isWeight =
        switch (type) {
          case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, INT8, UINT8 -> true;
          case BOOL, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> false;
        };
    return isWeight
        && size >= LARGE
        && bytes(tensor.getDimsList(), type, size) == size
        && !tensor.getName().isEmpty()
        && !weights.containsKey(tensor.getName())
        && tensor.getExternalDataCount() == 0
        && tensor.getDataLocation() == TensorProto.DataLocation.DEFAULT;
  }

  /** The bytes of a tensor; -1 if they are more than the limit, or an axis is negative. */
  private static long bytes(List<Long> dims, ElementType type, int limit) {
    long bytes = type.bytes();
    for (long dim : dims) {
      if (dim < 0 || dim > limit || bytes * dim > limit) {
        return -1;
      }
      bytes *= dim;
    }
    return bytes;
  }

  /** A length that the source can hold: a stream skips beyond its end without a complaint. */
  private int length(CodedInputStream in) throws IOException {
    int length = in.readRawVarint32();
    if (length < 0 || in.getTotalBytesRead() + (long) length > source.size()) {
      throw new InvalidProtocolBufferException(
          "a part of "
              + Integer.toUnsignedString(length)
              + " bytes begins at byte "
              + in.getTotalBytesRead()
              + " of "
              + source.size());
    }
    return length;
  }

  private static int tag(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }
}
