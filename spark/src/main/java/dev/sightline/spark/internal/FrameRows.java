package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
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
    JavaRDD<NumberedText> rows = read(ordered, columns);
    if (shards > 0) {
      JavaRDD<NumberedText> all = numbered(rows);
      return dealt(named ? RepeatedIds.marked(all) : all, shards);
    }
    return named ? numberedApart(rows) : numbered(rows);
  }

  /** Returns the rows as JSON objects, without numbers. */
  static JavaRDD<NumberedText> read(Dataset<Row> frame, Map<String, String> columns) {
    return frame
        .select(new SampleColumns(frame, columns).columns())
        .javaRDD()
        .map(row -> SampleColumns.row(row, 0));
  }

  /** Returns the rows as JSON objects with their ids. */
  static JavaRDD<AuditSource.NamedText> named(Dataset<Row> frame, Map<String, String> columns) {
    SampleColumns sample = new SampleColumns(frame, columns);
    return frame
        .select(sample.columns(sample.id()))
        .javaRDD()
        .map(row -> new AuditSource.NamedText(row.getString(0), SampleColumns.row(row, 1)));
  }

  /** Rows that were shuffled may come in another order when a task is repeated. */
  private static boolean isShuffled(Dataset<Row> frame) {
    return frame.queryExecution().executedPlan().toString().contains("Exchange");
  }

  private static Dataset<Row> sorted(Dataset<Row> frame, Map<String, String> columns) {
    return frame.sortWithinPartitions(new SampleColumns(frame, columns).value("id"));
  }

  /** Numbers all rows, for which those of each partition are counted first. */
  public static JavaRDD<NumberedText> numbered(JavaRDD<NumberedText> rows) {
    return rows.zipWithIndex().map(row -> row._1().at(row._2() + 1));
  }

  /** Numbers the rows of each partition apart; no number is there twice. */
  static JavaRDD<NumberedText> numberedApart(JavaRDD<NumberedText> rows) {
    return rows.mapPartitionsWithIndex(FrameRows::numberedFrom, true);
  }

  private static Iterator<NumberedText> numberedFrom(int partition, Iterator<NumberedText> rows) {
    long before = (long) partition << PARTITION_SHIFT;
    return new Iterator<>() {
      private long line = before;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public NumberedText next() {
        return rows.next().at(++line);
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
  private static final class Dealing extends HashPartitioner {
    private static final long serialVersionUID = 1L;

    Dealing(int shards) {
      super(shards);
    }

    @Override
    public int getPartition(Object row) {
      return Math.floorMod((Long) row, numPartitions()); // there may be more than an int counts
    }
  }
}
