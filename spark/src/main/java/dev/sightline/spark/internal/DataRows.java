package dev.sightline.spark.internal;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import scala.Tuple2;

/**
 * The rows of a data file that Spark reads, from any file system that it knows. They are numbered
 * as {@code sightline heads} numbers them: by line, and dealt out without the blank lines.
 */
public final class DataRows {
  private static final List<String> FIELDS =
      List.of("text", "input_ids", "attention_mask", "span", "weight", "id");

  private static final List<String> LISTS = List.of("input_ids", "attention_mask", "span");

  /** A shard of a tenth of that pays for its state. */
  private static final int ROWS_OF_A_SHARD = 1_000;

  private static final int MOST_SHARDS = 1_000;

  /** So that a few rows keep all cores of a small cluster busy. */
  private static final int LEAST_SHARDS = 16;

  private final JavaRDD<NumberedText> rows;
  private final boolean json;

  private DataRows(JavaRDD<NumberedText> rows, boolean json) {
    this.rows = rows;
    this.json = json;
  }

  /**
   * Reads a file, or a folder of files.
   *
   * @param path a path or an address that Spark can read
   * @throws DataException if there is nothing, or its columns are not those of samples
   */
  public static DataRows read(SparkSession session, String path, DataFormat format)
      throws DataException {
    try {
      return switch (format) {
        case LINES, JSONL ->
            new DataRows(
                FrameRows.numbered(session.read().textFile(path).javaRDD()),
                format == DataFormat.JSONL);
        case PARQUET -> new DataRows(table(session.read().parquet(path), path), true);
        case CSV -> new DataRows(separated(session, path, ","), true);
        case TSV -> new DataRows(separated(session, path, "\t"), true);
      };
    } catch (Exception e) {
      throw unreadable(path, e);
    }
  }

  /**
   * Reads Parquet tables.
   *
   * @throws DataException if there is nothing
   */
  public static Dataset<Row> table(SparkSession session, String... paths) throws DataException {
    try {
      return session.read().parquet(paths);
    } catch (Exception e) {
      throw unreadable(String.join("', '", paths), e);
    }
  }

  /** Scala does not declare the checked exceptions that it throws. */
  private static DataException unreadable(String path, Exception e) {
    return e instanceof DataException said
        ? said
        : new DataException("'" + path + "' cannot be read: " + e.getMessage(), e);
  }

  /** Fields of a table as text: lists are numbers with spaces between them, or as JSON has them. */
  private static JavaRDD<NumberedText> separated(
      SparkSession session, String path, String separator) throws DataException {
    Dataset<Row> fields =
        session
            .read()
            .option("header", true)
            .option("sep", separator)
            .option("escape", "\"")
            .option("multiLine", true)
            .csv(path);
    Dataset<Row> typed = fields;
    for (String column : fields.columns()) {
      String name = column.strip().toLowerCase(Locale.ROOT);
      Column value = fields.col("`" + column.replace("`", "``") + "`");
      typed = typed.withColumnRenamed(column, name);
      if (LISTS.contains(name)) {
        Column numbers = functions.regexp_replace(functions.trim(value, "[] "), "[\\s,]+", ",");
        typed =
            typed.withColumn(
                name,
                functions.from_json(
                    functions.concat(functions.lit("["), numbers, functions.lit("]")),
                    DataTypes.createArrayType(DataTypes.LongType)));
      } else if (name.equals("weight")) {
        typed = typed.withColumn(name, value.cast(DataTypes.DoubleType));
      }
    }
    // The header is line 1.
    return table(typed, path).map(row -> new NumberedText(row.line() + 1, row.text()));
  }

  private static JavaRDD<NumberedText> table(Dataset<Row> frame, String path) throws DataException {
    List<String> all = List.of(frame.columns());
    if (!all.contains("text") && !all.contains("input_ids")) {
      throw new DataException("'" + path + "' has neither a column text nor input_ids: " + all);
    }
    Map<String, String> columns = new LinkedHashMap<>();
    FIELDS.stream().filter(all::contains).forEach(field -> columns.put(field, field));
    return FrameRows.numbered(FrameRows.json(frame, columns));
  }

  /** Returns whether rows are JSON objects, and not plain texts. */
  public boolean isJson() {
    return json;
  }

  /** Returns the rows in their order. */
  public JavaRDD<NumberedText> inOrder() {
    return rows;
  }

  /**
   * Returns the rows dealt out to shards.
   *
   * @param shards 0 for a number that follows from the number of rows alone
   */
  public JavaRDD<NumberedText> dealt(int shards) {
    JavaRDD<NumberedText> written = rows.filter(row -> !row.text().isBlank());
    int count = shards > 0 ? shards : shards(written.count());
    JavaPairRDD<Long, NumberedText> byRow =
        written.zipWithIndex().mapToPair(row -> new Tuple2<>(row._2(), row._1()));
    return FrameRows.dealt(byRow, count);
  }

  static int shards(long rows) {
    long least = Math.min(LEAST_SHARDS, Math.max(1, rows));
    return (int) Math.clamp(Math.ceilDiv(rows, ROWS_OF_A_SHARD), least, MOST_SHARDS);
  }
}
