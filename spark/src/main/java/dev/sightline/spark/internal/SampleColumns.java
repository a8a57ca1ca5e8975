package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.tensor.internal.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;

/**
 * The columns of a frame that are fields of samples. Each row becomes a JSON object with these
 * fields; a row with a cell that no sample has keeps its id and the reason.
 */
final class SampleColumns {
  private final Dataset<Row> frame;
  private final Map<String, String> columns;

  /**
   * The columns of a frame.
   *
   * @param columns the columns by field
   * @throws IllegalArgumentException if a column has a type that no sample has
   */
  SampleColumns(Dataset<Row> frame, Map<String, String> columns) {
    this.frame = frame;
    this.columns = columns;
    columns.forEach(this::requireType);
  }

  private void requireType(String field, String column) {
    DataType type = frame.schema().apply(column).dataType();
    String expected =
        switch (field) {
          case "text" -> isText(type) ? "" : "strings";
          case "id" -> isText(type) || isWhole(type) ? "" : "strings or whole numbers";
          case "weight" -> type instanceof NumericType ? "" : "numbers";
          default ->
              type instanceof ArrayType list
                      && (isWhole(list.elementType()) || list.elementType() instanceof NullType)
                  ? ""
                  : "arrays of whole numbers";
        };
    if (!expected.isEmpty() && !(type instanceof NullType)) {
      throw new IllegalArgumentException(
          "the column '"
              + Quoted.shortened(column)
              + "' is of type "
              + Quoted.shortened(type.simpleString())
              + "; expected "
              + expected);
    }
  }

  private static boolean isText(DataType type) {
    return type instanceof StringType || type instanceof BinaryType;
  }

  private static boolean isWhole(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType;
  }

  /** Returns the id of a row as text; empty if it has none. */
  Column id() {
    Column id = columns.containsKey("id") ? value("id").cast("string") : functions.lit("");
    return functions.coalesce(id, functions.lit(""));
  }

  /** Returns a row as a JSON object; of its id alone if there is a {@link #reason}. */
  Column object() {
    Column whole = functions.to_json(functions.struct(fields(List.copyOf(columns.keySet()))));
    List<String> id = columns.containsKey("id") ? List.of("id") : List.of();
    Column named =
        id.isEmpty() ? functions.lit("") : functions.to_json(functions.struct(fields(id)));
    return functions.when(reason().equalTo(""), whole).otherwise(named);
  }

  private Column[] fields(List<String> names) {
    return names.stream().map(name -> value(name).as(name)).toArray(Column[]::new);
  }

  /** Returns why a row cannot be used whatever it says; empty if it may be used. */
  Column reason() {
    Column tooLong = functions.lit(false);
    Column broken = functions.lit(false);
    for (Map.Entry<String, String> each : columns.entrySet()) {
      DataType type = frame.schema().apply(each.getValue()).dataType();
      Column value = value(each.getKey());
      if (isText(type)) {
        tooLong = tooLong.or(isMore(functions.octet_length(value)));
        broken = broken.or(functions.not(functions.is_valid_utf8(value)));
      } else if (type instanceof ArrayType) {
        tooLong = tooLong.or(isMore(functions.size(value)));
      }
    }
    // A comparison with null is null, which counts as no.
    return functions
        .when(tooLong, NumberedText.TOO_LONG)
        .when(broken, NumberedText.NOT_UTF8)
        .otherwise("");
  }

  private static Column isMore(Column size) {
    return functions.coalesce(size.gt(NumberedText.MOST_BYTES), functions.lit(false));
  }

  /** Returns the column of a field. */
  Column value(String field) {
    String column = columns.getOrDefault(field, field);
    Column value = frame.col("`" + column.replace("`", "``") + "`");
    return frame.schema().apply(column).dataType() instanceof BinaryType
        ? value.cast("string")
        : value;
  }

  /** Returns the rows without numbers. */
  static NumberedText row(Row row, int first) {
    return new NumberedText(0, row.getString(first), row.getString(first + 1), "");
  }

  /** Returns what {@link #row} reads. */
  Column[] columns(Column... before) {
    List<Column> all = new ArrayList<>(List.of(before));
    all.add(object());
    all.add(reason());
    return all.toArray(Column[]::new);
  }
}
