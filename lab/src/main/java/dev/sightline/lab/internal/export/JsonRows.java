package dev.sightline.lab.internal.export;

import java.util.ArrayList;
import java.util.List;

/** The rows of a batch as JSON objects, with a field for each input of a model. */
public final class JsonRows {
  private final List<StringBuilder> rows = new ArrayList<>();

  /** Begins one object for each id. */
  public JsonRows(List<String> ids) {
    for (String id : ids) {
      rows.add(new StringBuilder("{\"id\": \"").append(id).append('"'));
    }
  }

  /**
   * Adds a field.
   *
   * @param values {@code [B, ...]} in row-major order
   * @param dims lengths of the axes of a row; none for a number
   */
  public JsonRows add(String name, float[] values, int... dims) {
    return add(name, dims, (row, at) -> row.append(values[at]));
  }

  /** Adds a field of whole numbers, as {@link #add(String, float[], int...)} does. */
  public JsonRows add(String name, long[] values, int... dims) {
    return add(name, dims, (row, at) -> row.append(values[at]));
  }

  /** Writes the value at a place of a batch. */
  @FunctionalInterface
  private interface Value {
    void write(StringBuilder row, int at);
  }

  private JsonRows add(String name, int[] dims, Value value) {
    int each = 1;
    for (int dim : dims) {
      each *= dim;
    }
    for (int row = 0; row < rows.size(); row++) {
      StringBuilder text = rows.get(row).append(", \"").append(name).append("\": ");
      write(text, dims, 0, row * each, value);
    }
    return this;
  }

  private static int write(StringBuilder text, int[] dims, int axis, int from, Value value) {
    if (axis == dims.length) {
      value.write(text, from);
      return from + 1;
    }
    int at = from;
    text.append('[');
    for (int i = 0; i < dims[axis]; i++) {
      if (i > 0) {
        text.append(',');
      }
      at = write(text, dims, axis + 1, at, value);
    }
    text.append(']');
    return at;
  }

  /** {@return the rows, a line each} */
  public List<String> lines() {
    return rows.stream().map(row -> row + "}").toList();
  }
}
