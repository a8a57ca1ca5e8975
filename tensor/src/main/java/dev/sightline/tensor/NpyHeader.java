package dev.sightline.tensor;

import dev.sightline.tensor.internal.Quoted;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a .npy file, before its elements: a magic number, a version, and a Python
 * dictionary of the element type, the order of the axes and the shape. Definition: NumPy
 * Enhancement Proposal 1.
 */
record NpyHeader(ElementType type, ByteOrder order, boolean fortran, Shape shape) {
  static final int PREFIX = 8;

  /** Thirty times what 32 axes take; only structured types, which are refused, need more. */
  private static final int LONGEST = 1 << 16;

  private static final Pattern DESCR = Pattern.compile("([<>=|]?)([a-zA-Z?])(\\d{0,9})(.*)");

  static NpyHeader read(ByteSource source) throws TensorFileException {
    byte[] prefix = source.exactly(PREFIX, ".npy header");
    if (!isMagic(prefix)) {
      throw source.refusal("is no .npy file: it does not begin with \\x93NUMPY");
    }
    int major = prefix[6];
    if (major < 1 || major > 3 || prefix[7] != 0) {
      throw source.refusal(
          "is .npy version "
              + (major & 0xFF)
              + "."
              + (prefix[7] & 0xFF)
              + "; expected 1.0, 2.0 or 3.0");
    }
    byte[] size = source.exactly(major == 1 ? 2 : 4, ".npy header");
    long length = ByteSource.littleEndian(size);
    if (length > LONGEST) {
      throw source.refusal(
          "claims a .npy header of " + length + " bytes; at most " + LONGEST + " are read");
    }
    byte[] text = source.exactly((int) length, ".npy header");
    for (byte b : text) {
      // Version 3 allows UTF-8, but only the field names of a structured type could be written so.
      if (b < 0) {
        throw source.refusal("has a .npy header that is not ASCII");
      }
    }
    NpyDictionary dictionary =
        NpyDictionary.parse(new String(text, StandardCharsets.US_ASCII), source);
    return of(dictionary, source);
  }

  static boolean isMagic(byte[] prefix) {
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    for (int i = 0; i < magic.length; i++) {
      if (i >= prefix.length || prefix[i] != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static NpyHeader of(NpyDictionary dictionary, ByteSource source)
      throws TensorFileException {
    String descr = dictionary.descr();
    Matcher parts = DESCR.matcher(descr);
    if (!parts.matches()) {
      throw unknown(descr, source);
    }
    ByteOrder order =
        switch (parts.group(1)) {
          case "<" -> ByteOrder.LITTLE_ENDIAN;
          case ">" -> ByteOrder.BIG_ENDIAN;
          default -> ByteOrder.nativeOrder();
        };
    ElementType type =
        switch (parts.group(2) + parts.group(3) + parts.group(4)) {
          case "b1", "?" -> ElementType.BOOL;
          case "i1" -> ElementType.INT8;
          case "u1" -> ElementType.UINT8;
          case "i2" -> ElementType.INT16;
          case "u2" -> ElementType.UINT16;
          case "i4" -> ElementType.INT32;
          case "u4" -> ElementType.UINT32;
          case "i8" -> ElementType.INT64;
          case "u8" -> ElementType.UINT64;
          case "f2" -> ElementType.FLOAT16;
          case "f4" -> ElementType.FLOAT32;
          case "f8" -> ElementType.FLOAT64;
          default -> throw unknown(descr, source);
        };
    return new NpyHeader(type, order, dictionary.fortran(), dictionary.shape());
  }

  private static TensorFileException unknown(String descr, ByteSource source) {
    String bare = descr.replaceFirst("^[<>=|]", "");
    return source.refusal(
        "has elements of type "
            + Quoted.of(descr)
            + ", "
            + switch (bare) {
              case "O" ->
                  "Python objects, which only unpickling could read and which could run any"
                      + " code; expected numbers or booleans";
              case "V2" ->
                  "which NumPy also writes for bfloat16; save it as"
                      + " float32, or in a .safetensors file";
              default -> "expected b1, i1 to i8, u1 to u8, f2, f4 or f8";
            });
  }
}
