package dev.sightline.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Tensor files built byte by byte, as the formats' definitions have them. */
final class Bytes {
  private Bytes() {}

  static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** A .npy file whose header is the given text, unpadded. */
  static byte[] npy(int major, String header, byte[] elements) {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer bytes =
        ByteBuffer.allocate(12 + text.length + elements.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) major).put((byte) 0);
    if (major == 1) {
      bytes.putShort((short) text.length);
    } else {
      bytes.putInt(text.length);
    }
    bytes.put(text).put(elements);
    return java.util.Arrays.copyOf(bytes.array(), bytes.position());
  }

  static String dictionary(String descr, boolean fortran, String shape) {
    return "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }   \n"
        .formatted(descr, fortran ? "True" : "False", shape);
  }

  /** Version 1.0, row-major. */
  static byte[] npy(String descr, String shape, String hex) {
    return npy(1, dictionary(descr, false, shape), hex(hex));
  }

  /** Names and contents in turn. */
  static byte[] zip(Object... entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (int i = 0; i < entries.length; i += 2) {
        zip.putNextEntry(new ZipEntry((String) entries[i]));
        zip.write((byte[]) entries[i + 1]);
      }
    }
    return bytes.toByteArray();
  }

  /** The header in JSON with ' for ". */
  static byte[] safetensors(String header, String hex) {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    byte[] elements = hex(hex);
    return ByteBuffer.allocate(8 + json.length + elements.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(elements)
        .array();
  }
}
