package dev.sightline.tensor;

import dev.sightline.tensor.internal.Quoted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the JSON before the elements of a safetensors file, as a stream of tokens, and holds it to
 * the format's rule: the tensors fill the rest of the file without gap or overlap.
 */
final class SafetensorsHeader {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4).build())
          // A table of names pays where names repeat; here a hostile file would fill it for all.
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .build();

  private final ByteSource source;
  private final JsonParser json;

  private SafetensorsHeader(ByteSource source, JsonParser json) {
    this.source = source;
    this.json = json;
  }

  /**
   * One tensor as the header describes it.
   *
   * @param dtype the name of its type in the file, which may be one that is not read
   * @param begin where its bytes begin, counted from the end of the header
   */
  record Entry(String dtype, List<Long> dims, long begin, long end) {}

  static Map<String, Entry> parse(byte[] header, ByteSource source) throws TensorFileException {
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), header)) {
      Map<String, Entry> entries = new SafetensorsHeader(source, json).entries();
      checkLayout(entries, source);
      return entries;
    } catch (JacksonException e) {
      throw source.refusal(
          "has a header that is not the JSON of a safetensors file: "
              + Quoted.plain(e.getOriginalMessage(), 200));
    }
  }

  private Map<String, Entry> entries() throws TensorFileException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    expect(JsonToken.START_OBJECT, "the header", "");
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      if (name.equals("__metadata__")) {
        metadata();
      } else if (entries.put(name, entry(name)) != null) {
        throw source.refusal("holds two tensors named " + Quoted.of(name));
      }
    }
    if (json.nextToken() != null) {
      throw source.refusal("has a header that goes on after its last brace");
    }
    return entries;
  }

  private void metadata() throws TensorFileException {
    expect(JsonToken.START_OBJECT, "", "__metadata__");
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      expect(JsonToken.VALUE_STRING, "an entry of ", "__metadata__");
    }
  }

  private Entry entry(String name) throws TensorFileException {
    String dtype = null;
    List<Long> dims = null;
    List<Long> offsets = null;
    expect(JsonToken.START_OBJECT, "the entry of ", name);
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = json.currentName();
      boolean again =
          switch (key) {
            case "dtype" -> dtype != null;
            case "shape" -> dims != null;
            default -> offsets != null && key.equals("data_offsets");
          };
      if (again) {
        throw source.refusal("has " + key + " twice for " + Quoted.of(name));
      }
      switch (key) {
        case "dtype" -> {
          expect(JsonToken.VALUE_STRING, "the dtype of ", name);
          dtype = json.getString();
        }
        case "shape" -> dims = numbers(RawTensor.MAX_RANK, "the shape of ", name);
        case "data_offsets" -> offsets = numbers(2, "the data_offsets of ", name);
        default ->
            throw source.refusal(
                "has an unknown key for " + Quoted.of(name) + ": " + Quoted.of(key));
      }
    }
    if (dtype == null || dims == null || offsets == null || offsets.size() != 2) {
      throw source.refusal(
          "describes " + Quoted.of(name) + " without a dtype, a shape and a pair of data_offsets");
    }
    Entry entry = new Entry(dtype, dims, offsets.get(0), offsets.get(1));
    checkSize(name, entry);
    return entry;
  }

  private List<Long> numbers(int most, String what, String name) throws TensorFileException {
    List<Long> numbers = new ArrayList<>();
    expect(JsonToken.START_ARRAY, what, name);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw source.refusal("has something else than whole numbers in " + what + Quoted.of(name));
      }
      if (json.getLongValue() < 0) {
        throw source.refusal(
            "has "
                + json.getLongValue()
                + " in "
                + what
                + Quoted.of(name)
                + "; expected 0 or more");
      }
      if (numbers.size() == most) {
        throw source.refusal("has more than " + most + " numbers in " + what + Quoted.of(name));
      }
      numbers.add(json.getLongValue());
    }
    return List.copyOf(numbers);
  }

  /** A type that is not read still takes bytes of the file, but only the file knows its size. */
  private void checkSize(String name, Entry entry) throws TensorFileException {
    long bytes = entry.end() - entry.begin();
    ElementType type = type(entry.dtype());
    if (bytes >= 0 && type == null) {
      return;
    }
    try {
      long expected = type == null ? 0 : type.bytes();
      for (long dim : entry.dims()) {
        expected = Math.multiplyExact(expected, dim);
      }
      if (bytes == expected) {
        return;
      }
    } catch (ArithmeticException e) {
      // Larger than any file; the message below says so with the shape.
    }
    throw source.refusal(
        "gives "
            + Quoted.of(name)
            + " the bytes "
            + entry.begin()
            + " to "
            + entry.end()
            + ", but it is "
            + Quoted.plain(entry.dtype(), 20)
            + " "
            + entry.dims());
  }

  private static void checkLayout(Map<String, Entry> entries, ByteSource source)
      throws TensorFileException {
    List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
    inOrder.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long at = 0;
    for (Map.Entry<String, Entry> e : inOrder) {
      Entry entry = e.getValue();
      if (entry.begin() != at) {
        throw source.refusal(
            "has "
                + (entry.begin() < at ? "overlapping tensors" : "a hole between its tensors")
                + ": "
                + Quoted.of(e.getKey())
                + " begins at byte "
                + entry.begin()
                + ", expected "
                + at);
      }
      at = entry.end();
    }
    if (at != source.left()) {
      throw source.refusal(
          (at > source.left() ? "is truncated" : "has more bytes after its tensors")
              + ": they take "
              + at
              + " bytes, but "
              + source.left()
              + " follow the header");
    }
  }

  /** The name is quoted only for a message: a file may hold a million. */
  private void expect(JsonToken token, String what, String name) throws TensorFileException {
    if (json.nextToken() != token) {
      throw source.refusal(
          "has a header that is not that of a safetensors file: "
              + what
              + (name.isEmpty() ? "" : Quoted.of(name))
              + " is "
              + json.currentToken()
              + ", expected "
              + token);
    }
  }

  static @Nullable ElementType type(String dtype) {
    return switch (dtype) {
      case "BOOL" -> ElementType.BOOL;
      case "I8" -> ElementType.INT8;
      case "U8" -> ElementType.UINT8;
      case "I16" -> ElementType.INT16;
      case "U16" -> ElementType.UINT16;
      case "I32" -> ElementType.INT32;
      case "U32" -> ElementType.UINT32;
      case "I64" -> ElementType.INT64;
      case "U64" -> ElementType.UINT64;
      case "F16" -> ElementType.FLOAT16;
      case "BF16" -> ElementType.BFLOAT16;
      case "F32" -> ElementType.FLOAT32;
      case "F64" -> ElementType.FLOAT64;
      default -> null;
    };
  }
}
