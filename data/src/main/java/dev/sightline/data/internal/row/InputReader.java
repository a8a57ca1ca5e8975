package dev.sightline.data.internal.row;

import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import dev.sightline.tensor.internal.Quoted;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;

/**
 * Reads one field of nested arrays as a tensor: float32 for floats of up to 32 bits, float64, and
 * int64 for integers and booleans. Each value must be one that the input's type has.
 */
final class InputReader {
  private static final double LARGEST_HALF = 65_504;

  private final JsonParser parser;
  private final InputFields.Field field;
  private final ElementType type;
  private final int rank;
  private final int[] dims;
  private final int[] index;
  private float @Nullable [] floats;
  private long @Nullable [] longs;
  private int count;

  /** Reads the value that the parser has come to. */
  InputReader(JsonParser parser, InputFields.Field field) {
    this.parser = parser;
    this.field = field;
    this.type = Objects.requireNonNull(field.input().type(), "checked by InputFields");
    this.rank = field.dims().size();
    this.dims = new int[rank];
    this.index = new int[rank];
    Arrays.fill(dims, -1);
    floats = type.fitsFloat32() ? new float[16] : null;
    longs = floats == null ? new long[16] : null;
  }

  RawTensor read() throws BadRow {
    read(0);
    for (int depth = 0; depth < rank; depth++) {
      if (dims[depth] < 0) { // inside arrays that are empty
        dims[depth] = field.length(depth).orElse(0);
      }
    }
    Shape shape;
    try {
      shape = Shape.of(dims);
    } catch (IllegalArgumentException e) { // empty, and yet beyond an array's length
      throw unlike(Arrays.toString(dims));
    }
    if (floats != null) {
      return RawTensor.of(ElementType.FLOAT32, shape, TensorBytes.of(Arrays.copyOf(floats, count)));
    }
    long[] whole = Arrays.copyOf(Objects.requireNonNull(longs), count);
    // The bits of doubles, which are stored alike.
    return RawTensor.of(
        type == ElementType.FLOAT64 ? ElementType.FLOAT64 : ElementType.INT64,
        shape,
        TensorBytes.of(whole));
  }

  private void read(int depth) throws BadRow {
    if (depth == rank) {
      value();
      return;
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw unlike(found() + at(depth) + ", where a list must be");
    }
    OptionalInt fixed = field.length(depth);
    int length = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      index[depth] = length++;
      if (length <= fixed.orElse(Integer.MAX_VALUE)) {
        read(depth + 1);
      } else if (length > 1_000 + fixed.getAsInt()) {
        break; // long enough for a message
      } else {
        parser.skipChildren();
      }
    }
    if (fixed.isPresent() && length != fixed.getAsInt()) {
      throw unlike(length(length) + " on axis " + depth);
    }
    if (dims[depth] >= 0 && dims[depth] != length) {
      throw unlike("lists of " + dims[depth] + " and of " + length + " on axis " + depth);
    }
    dims[depth] = length;
  }

  private String length(int length) {
    return length > 1_000 ? "more than 1000" : Integer.toString(length);
  }

  private void value() throws BadRow {
    JsonToken token = parser.currentToken();
    boolean isNumber = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
    if (type == ElementType.BOOL) {
      boolean bit = token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() == NumberType.INT;
      int whole =
          token == JsonToken.VALUE_TRUE
              ? 1
              : token == JsonToken.VALUE_FALSE ? 0 : bit ? parser.getIntValue() : -1;
      if (whole != 0 && whole != 1) {
        throw unlike(found() + at(rank));
      }
      add(whole);
    } else if (!isNumber) {
      throw unlike(found() + at(rank));
    } else if (type.epsilon() > 0) {
      number(parser.getDoubleValue());
    } else {
      whole(token);
    }
  }

  private void number(double value) throws BadRow {
    double stored = type == ElementType.FLOAT64 ? value : (float) value;
    boolean fits =
        Double.isFinite(stored)
            && (type != ElementType.FLOAT16 || Math.abs(stored) <= LARGEST_HALF);
    if (!fits) {
      throw new BadRow(
          "its '" + field.input().name() + "' has a number that is not finite in " + type,
          found() + at(rank));
    }
    if (type == ElementType.FLOAT64) {
      add(Double.doubleToRawLongBits(value));
    } else {
      float[] to = Objects.requireNonNull(floats);
      if (count == to.length) {
        to = Arrays.copyOf(to, 2 * count);
        floats = to;
      }
      to[count++] = (float) value;
    }
  }

  private void whole(JsonToken token) throws BadRow {
    boolean isLong =
        token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != NumberType.BIG_INTEGER;
    if (!isLong || !isIn(type, parser.getLongValue())) {
      throw unlike(found() + at(rank));
    }
    add(parser.getLongValue());
  }

  private static boolean isIn(ElementType type, long value) {
    return switch (type) {
      case INT8 -> value == (byte) value;
      case UINT8 -> value >= 0 && value < 1 << 8;
      case INT16 -> value == (short) value;
      case UINT16 -> value >= 0 && value < 1 << 16;
      case INT32 -> value == (int) value;
      case UINT32 -> value >= 0 && value < 1L << 32;
      case UINT64 -> value >= 0;
      default -> true;
    };
  }

  private void add(long value) {
    long[] to = Objects.requireNonNull(longs);
    if (count == to.length) {
      to = Arrays.copyOf(to, 2 * count);
      longs = to;
    }
    to[count++] = value;
  }

  private BadRow unlike(String detail) {
    return new BadRow("its '" + field.input().name() + "' is no " + field.expected(), detail);
  }

  /** What the parser has come to, in a few words. */
  private String found() {
    return switch (parser.currentToken()) {
      case START_ARRAY -> "a list";
      case START_OBJECT -> "an object";
      case VALUE_STRING -> "a string";
      default -> Quoted.shortened(String.valueOf(parser.getString()));
    };
  }

  /** Where it is, such as {@code at [0, 3]}. */
  private String at(int depth) {
    return depth == 0
        ? ""
        : " at "
            + Arrays.stream(index, 0, depth)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", ", "[", "]"));
  }
}
