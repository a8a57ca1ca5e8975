package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntToLongFunction;

/**
 * The elements of a TensorProto that does not keep them as raw bytes. Each field serves several
 * types: all that have at most 32 bits, booleans and the bits of 16-bit floats included, share
 * {@code int32_data}.
 *
 * @param bits the bits of the element at an index, wider than the type where the field is
 * @param least the least value that the field may hold for the type
 * @param most the largest one
 */
record TypedElements(ElementType type, int count, IntToLongFunction bits, long least, long most) {

  static TypedElements of(TensorProto proto, ElementType type) {
    return switch (type) {
      case FLOAT32 ->
          new TypedElements(
              type,
              proto.getFloatDataCount(),
              i -> Float.floatToRawIntBits(proto.getFloatData(i)),
              Long.MIN_VALUE,
              Long.MAX_VALUE);
      case FLOAT64 ->
          new TypedElements(
              type,
              proto.getDoubleDataCount(),
              i -> Double.doubleToRawLongBits(proto.getDoubleData(i)),
              Long.MIN_VALUE,
              Long.MAX_VALUE);
      case INT64 ->
          new TypedElements(
              type, proto.getInt64DataCount(), proto::getInt64Data, Long.MIN_VALUE, Long.MAX_VALUE);
      case UINT64 ->
          new TypedElements(
              type,
              proto.getUint64DataCount(),
              proto::getUint64Data,
              Long.MIN_VALUE,
              Long.MAX_VALUE);
      case UINT32 ->
          new TypedElements(
              type, proto.getUint64DataCount(), proto::getUint64Data, 0, 0xFFFF_FFFFL);
      case INT32 -> int32(proto, type, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case INT16 -> int32(proto, type, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT8 -> int32(proto, type, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case UINT16, FLOAT16, BFLOAT16 -> int32(proto, type, 0, 0xFFFF);
      case UINT8 -> int32(proto, type, 0, 0xFF);
      case BOOL -> int32(proto, type, 0, 1);
    };
  }

  private static TypedElements int32(TensorProto proto, ElementType type, long least, long most) {
    return new TypedElements(type, proto.getInt32DataCount(), proto::getInt32Data, least, most);
  }

  /** Returns the elements in the layout of raw_data. */
  TensorBytes pack(String label) throws ModelException {
    long size = (long) count * type.bytes();
    if (size > Integer.MAX_VALUE - 16) {
      throw new ModelException(label + " holds " + size + " bytes of elements; at most 2 GiB");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      long value = bits.applyAsLong(i);
      if (value < least || value > most) {
        throw new ModelException(
            label
                + " has "
                + value
                + " as element "
                + i
                + "; expected "
                + least
                + " to "
                + most
                + " for "
                + type);
      }
      switch (type.bytes()) {
        case 1 -> bytes.put((byte) value);
        case 2 -> bytes.putShort((short) value);
        case 4 -> bytes.putInt((int) value);
        default -> bytes.putLong(value);
      }
    }
    return TensorBytes.of(bytes.flip());
  }
}
