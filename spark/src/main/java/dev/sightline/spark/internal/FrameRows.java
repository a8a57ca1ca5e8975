package dev.sightline.spark.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import scala.Tuple2;

/** The rows of a frame as numbered texts, in an order that does not change from run to run. */
public final class FrameRows {
  private static final int FIRST_ROWS = 16;
  private static final int MOST_FIRST_ROWS = 1 << 16;

  /** Rows of a partition that their number has room for, as in Spark's own increasing ids. */
  private static final int PARTITION_SHIFT = 33;

  private FrameRows() {}

  /**
   * Returns the rows as JSON objects with the fields of a sample.
   *
   * @param columns the columns by field
   * @param shards 0 for the frame's partitions
   */
  public static JavaRDD<NumberedText> of(
      Dataset<Row> frame, Map<String, String> columns, int shards) {
    boolean named = columns.containsKey("id");
    Dataset<Row> ordered = named && isShuffled(frame) ? sorted(frame, columns) : frame;
    JavaRDD<String> rows = json(ordered, columns);
    if (shards > 0) {
      return dealt(numbered(rows), shards);
    }
    return named ? numberedApart(rows) : numbered(rows);
  }

  /** Returns the rows as JSON objects, columns by field. */
  static JavaRDD<String> json(Dataset<Row> frame, Map<String, String> columns) {
    return frame.select(object(frame, columns)).as(Encoders.STRING()).javaRDD();
  }

  /** Returns the rows as JSON objects with their ids. */
  static JavaRDD<AuditSource.NamedText> named(Dataset<Row> frame, Map<String, String> columns) {
    Column id = frame.col(quoted(columns.getOrDefault("id", "id"))).cast("string");
    return frame
        .select(functions.coalesce(id, functions.lit("")), object(frame, columns))
        .javaRDD()
        .map(row -> new AuditSource.NamedText(row.getString(0), row.getString(1)));
  }

  private static Column object(Dataset<Row> frame, Map<String, String> columns) {
    Column[] fields =
        columns.entrySet().stream()
            .map(each -> frame.col(quoted(each.getValue())).as(each.getKey()))
            .toArray(Column[]::new);
    return functions.to_json(functions.struct(fields));
  }

  private static String quoted(String column) {
    return "`" + column.replace("`", "``") + "`";
  }

  /** Rows that were shuffled may come in another order when a task is repeated. */
  private static boolean isShuffled(Dataset<Row> frame) {
    return frame.queryExecution().executedPlan().toString().contains("Exchange");
  }

  private static Dataset<Row> sorted(Dataset<Row> frame, Map<String, String> columns) {
    return frame.sortWithinPartitions(frame.col(quoted(columns.getOrDefault("id", "id"))));
  }

  /** Numbers all rows, for which those of each partition are counted first. */
  public static JavaRDD<NumberedText> numbered(JavaRDD<String> rows) {
    return rows.zipWithIndex().map(row -> new NumberedText(row._2() + 1, row._1()));
  }

  /** Numbers the rows of each partition apart; no number is there twice. */
  static JavaRDD<NumberedText> numberedApart(JavaRDD<String> rows) {
    return rows.mapPartitionsWithIndex(FrameRows::numberedFrom, true);
  }

  private static Iterator<NumberedText> numberedFrom(int partition, Iterator<String> rows) {
    long before = (long) partition << PARTITION_SHIFT;
    return new Iterator<>() {
      private long line = before;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public NumberedText next() {
        return new NumberedText(++line, rows.next());
      }
    };
  }

  /** Deals the rows of a frame out to shards, each in the order of their numbers. */
  static JavaRDD<NumberedText> dealt(JavaRDD<NumberedText> rows, int shards) {
    return dealt(rows.mapToPair(row -> new Tuple2<>(row.line() - 1, row)), shards);
  }

  /**
   * Deals rows out to shards, each in the order of their numbers.
   *
   * @param byRow rows by their number among those that are no blank lines, counted from 0
   */
  public static JavaRDD<NumberedText> dealt(JavaPairRDD<Long, NumberedText> byRow, int shards) {
    return byRow.repartitionAndSortWithinPartitions(new Dealing(shards)).values();
  }

  /** The first rows, of which some are usable for sure if any are. */
  public static List<NumberedText> first(JavaRDD<NumberedText> rows, Enough enough)
      throws IOException {
    return first(most -> new ArrayList<>(rows.take(most)), enough);
  }

  /**
   * The first rows, of which some are usable for sure if any are.
   *
   * @param rows returns as many of them as it is asked for
   */
  static List<NumberedText> first(IntFunction<List<NumberedText>> rows, Enough enough)
      throws IOException {
    for (int most = FIRST_ROWS; ; most *= FIRST_ROWS) {
      List<NumberedText> some = rows.apply(most);
      if (some.size() < most || most >= MOST_FIRST_ROWS || enough.test(some)) {
        return some;
      }
    }
  }

  /** Whether some rows are enough for a trial. */
  @FunctionalInterface
  public interface Enough {
    boolean test(List<NumberedText> rows) throws IOException;
  }

  /** Row i, counted from 0, belongs to shard i modulo the number of shards. */
  private static final class Dealing extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int shards;

    Dealing(int shards) {
      this.shards = shards;
    }

    @Override
    public int numPartitions() {
      return shards;
    }

    @Override
    public int getPartition(Object row) {
      return Math.floorMod((Long) row, shards);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Dealing dealing && dealing.shards == shards;
    }

    @Override
    public int hashCode() {
      return shards;
    }
  }
}
