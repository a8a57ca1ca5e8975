package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import dev.sightline.onnx.internal.graph.OnnxTypes;
import dev.sightline.onnx.internal.graph.ProtoFile;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.nio.file.Path;

/**
 * Reads a file of one ONNX TensorProto, the format of the inputs and outputs of the ONNX project's
 * own test cases ({@code test_data_set_0/input_0.pb}).
 */
public final class TensorProtoFile {
  private TensorProtoFile() {}

  /**
   * Reads a tensor of booleans, of integers of 8 to 64 bits, or of floats of 16 to 64 bits.
   *
   * @param file the .pb file
   * @return the tensor, row-major and little-endian
   * @throws ModelException if there is no such file, if it holds no such tensor, if it keeps the
   *     elements in another file, or if they do not fill the shape
   */
  public static NamedTensor read(Path file) throws ModelException {
    return parse(ProtoFile.read(file, "tensor"), file.toString());
  }

  /**
   * Reads a tensor from bytes.
   *
   * @param bytes the .pb file; kept, not copied, so do not change them
   * @param name the name of the bytes in messages
   * @return the tensor, row-major and little-endian
   * @throws ModelException as {@link #read}
   */
  public static NamedTensor parse(byte[] bytes, String name) throws ModelException {
    String label = "'" + name + "'";
    TensorProto proto = ProtoFile.tensor(bytes, label);
    ElementType type = OnnxTypes.elementType(proto.getDataType());
    if (type == null) {
      throw new ModelException(
          label
              + " holds no tensor that can be read: its element type is "
              + label(proto.getDataType())
              + ", expected bool, (u)int8 to 64, float16, bfloat16, float or double");
    }
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || proto.getExternalDataCount() > 0) {
      throw new ModelException(
          label + " keeps its elements in another file; expected them in this one");
    }
    if (proto.hasSegment()) {
      throw new ModelException(label + " holds a part of a tensor; expected a whole one");
    }
    Shape shape = shape(proto, label);
    try {
      return new NamedTensor(
          proto.getName(), RawTensor.of(type, shape, elements(proto, type, shape, label)));
    } catch (IllegalArgumentException e) {
      throw new ModelException(label + " does not hold what it says: " + e.getMessage(), e);
    }
  }

  private static Shape shape(TensorProto proto, String label) throws ModelException {
    if (proto.getDimsCount() > RawTensor.MAX_RANK) {
      throw new ModelException(
          label
              + " holds a tensor of "
              + proto.getDimsCount()
              + " axes; at most "
              + RawTensor.MAX_RANK
              + " are read");
    }
    try {
      return Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
    } catch (IllegalArgumentException e) {
      throw new ModelException(label + " has a shape that cannot be read: " + e.getMessage(), e);
    }
  }

  private static TensorBytes elements(
      TensorProto proto, ElementType type, Shape shape, String label) throws ModelException {
    ByteString raw = proto.getRawData();
    TypedElements typed = TypedElements.of(proto, type);
    int others =
        proto.getFloatDataCount()
            + proto.getInt32DataCount()
            + proto.getInt64DataCount()
            + proto.getDoubleDataCount()
            + proto.getUint64DataCount()
            + proto.getStringDataCount();
    if (others > (raw.isEmpty() ? typed.count() : 0)) {
      throw new ModelException(
          label
              + " holds "
              + others
              + " elements in fields that are not those of "
              + type
              + (raw.isEmpty() ? "" : " beside its raw_data"));
    }
    if (!raw.isEmpty() || (shape.size() == 0 && typed.count() == 0)) {
      return TensorBytes.of(raw.asReadOnlyByteBuffer());
    }
    if (typed.count() != shape.size()) {
      throw new ModelException(
          label
              + " holds "
              + typed.count()
              + " elements, but a tensor "
              + type
              + " "
              + shape
              + " has "
              + shape.size());
    }
    return typed.pack(label);
  }

  private static String label(int dataType) {
    DataType known = DataType.forNumber(dataType);
    return known == null ? "number " + dataType : known.name();
  }
}
