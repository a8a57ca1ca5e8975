package dev.sightline.spark.internal;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.internal.row.CsvRows;
import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.input.PortableDataStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * The rows of a data file that Spark reads, from any file system that it knows. They are numbered
 * as {@code sightline heads} numbers them: by line, and dealt out without the blank lines.
 */
public final class DataRows implements AuditSource {
  private static final List<String> FIELDS =
      List.of("text", "input_ids", "attention_mask", "span", "weight", "id");

  /** To write and to read a state of tiny-gpt takes 75 ms, as 50 of its rows do. */
  private static final int ROWS_OF_A_SHARD = 4_000;

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
        case LINES -> new DataRows(lines(session, path, false), false);
        case JSONL -> new DataRows(lines(session, path, true), true);
        case PARQUET -> new DataRows(table(session.read().parquet(path), path), true);
        case CSV -> new DataRows(separated(session, path, ','), true);
        case TSV -> new DataRows(separated(session, path, '\t'), true);
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

  /** Bytes, since Spark replaces what is not UTF-8 without a word. */
  private static JavaRDD<NumberedText> lines(SparkSession session, String path, boolean json) {
    return session
        .read()
        .option("lineSep", "\n")
        .text(path)
        .select(functions.col("value").cast("binary"))
        .javaRDD()
        .zipWithIndex()
        .map(line -> NumberedText.of(line._2() + 1, (byte[]) line._1().get(0), json));
  }

  /** Each file is read as {@code sightline heads} reads it, as a whole: records may have lines. */
  private static JavaRDD<NumberedText> separated(SparkSession session, String path, char separator)
      throws IOException {
    JavaPairRDD<String, PortableDataStream> files =
        JavaSparkContext.fromSparkContext(session.sparkContext()).binaryFiles(path);
    Tuple2<String, PortableDataStream> first = files.first();
    new CsvRows(first._2().open(), separator, path).close(); // its header
    JavaRDD<NumberedText> rows =
        files.flatMap(file -> new Records(new CsvRows(file._2().open(), separator, file._1())));
    return files.count() == 1 ? rows : FrameRows.numbered(rows);
  }

  /** The records of a file, which is closed at its end. */
  private static final class Records implements Iterator<NumberedText> {
    private final CsvRows file;
    private @Nullable NumberedText next;

    Records(CsvRows file) throws IOException {
      this.file = file;
      this.next = file.nextText();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public NumberedText next() {
      NumberedText record = next;
      if (record == null) {
        throw new NoSuchElementException("the file has no more records");
      }
      try {
        next = file.nextText();
        if (next == null) {
          file.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return record;
    }
  }

  private static JavaRDD<NumberedText> table(Dataset<Row> frame, String path) throws DataException {
    List<String> all = List.of(frame.columns());
    if (!all.contains("text") && !all.contains("input_ids")) {
      throw new DataException(
          "'"
              + path
              + "' has neither a column text nor input_ids: "
              + Quoted.shortened(all.toString()));
    }
    Map<String, String> columns = new LinkedHashMap<>();
    FIELDS.stream().filter(all::contains).forEach(field -> columns.put(field, field));
    return FrameRows.numbered(FrameRows.read(frame, columns));
  }

  /** Returns whether rows are JSON objects, and not plain texts. */
  public boolean isJson() {
    return json;
  }

  /** Returns the rows in their order. */
  public JavaRDD<NumberedText> inOrder() {
    return rows;
  }

  @Override
  public List<NumberedText> take(int most) {
    return new ArrayList<>(rows.take(most));
  }

  @Override
  public long count() {
    return rows.count();
  }

  /**
   * Returns the rows dealt out to shards.
   *
   * @param shards 0 for a number that follows from the number of rows alone
   */
  @Override
  public JavaRDD<NumberedText> dealt(int shards) {
    JavaRDD<NumberedText> written = json ? RepeatedIds.marked(rows) : rows;
    written = written.filter(row -> !row.isBlank());
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
