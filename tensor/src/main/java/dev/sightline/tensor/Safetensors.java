package dev.sightline.tensor;

import dev.sightline.tensor.internal.Quoted;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format: eight bytes for the length of a JSON header, the header, then all
 * elements, little-endian and row-major. Only the header is held; the file is open only while a
 * method runs.
 */
public final class Safetensors {
  /** As in the format's reference implementation. */
  private static final int LONGEST_HEADER = 100_000_000;

  private static final int PREFIX = 8;

  private final Path file;
  private final long elements;
  private final Map<String, SafetensorsHeader.Entry> entries;

  private Safetensors(Path file, long elements, Map<String, SafetensorsHeader.Entry> entries) {
    this.file = file;
    this.elements = elements;
    this.entries = entries;
  }

  /**
   * Reads the header of a safetensors file.
   *
   * @param file the safetensors file
   * @return the file; its tensors are read by {@link #read}
   * @throws TensorFileException if there is no such file, or if the header is damaged or does not
   *     fit the bytes that follow it
   */
  public static Safetensors open(Path file) throws TensorFileException {
    try (ByteSource source = ByteSource.ofFile(file)) {
      long length = ByteSource.littleEndian(source.exactly(PREFIX, "header length"));
      if (length < 0 || length > LONGEST_HEADER) {
        throw source.refusal(
            "is no safetensors file: it claims a header of "
                + Long.toUnsignedString(length)
                + " bytes, at most "
                + LONGEST_HEADER
                + " are allowed");
      }
      byte[] header = source.exactly((int) length, "header");
      return new Safetensors(file, PREFIX + length, SafetensorsHeader.parse(header, source));
    }
  }

  /**
   * Returns the tensors' names.
   *
   * @return the names in the order of the header
   */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /**
   * Reads one tensor.
   *
   * @param name one of {@link #names()}
   * @return the tensor, row-major and little-endian
   * @throws TensorFileException if there is no tensor of that name, if its type is not an {@link
   *     ElementType} (such as the 8-bit floats), or if it has more than 2^31 - 1 elements
   */
  public RawTensor read(String name) throws TensorFileException {
    SafetensorsHeader.Entry entry = entries.get(name);
    try (ByteSource source = ByteSource.ofFile(file)) {
      if (entry == null) {
        throw source.refusal(
            "holds no tensor " + Quoted.of(name) + ", only " + Quoted.list(names()));
      }
      ElementType type = SafetensorsHeader.type(entry.dtype());
      if (type == null) {
        throw source.refusal(
            "holds "
                + Quoted.of(name)
                + " as "
                + Quoted.of(entry.dtype())
                + "; expected BOOL, I8 to I64, U8 to U64, F16, BF16, F32 or F64");
      }
      Shape shape = shape(name, entry, source);
      source.skip(elements + entry.begin());
      return RawTensor.of(type, shape, source.elements(type, shape));
    }
  }

  private static Shape shape(String name, SafetensorsHeader.Entry entry, ByteSource source)
      throws TensorFileException {
    try {
      return Shape.of(entry.dims().stream().mapToLong(Long::longValue).toArray());
    } catch (IllegalArgumentException e) {
      throw source.refusal("holds " + Quoted.of(name) + ", which is too large: " + e.getMessage());
    }
  }
}
