package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.tensor.internal.Hash;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/** Finds the rows whose id an earlier row has, whatever shards they will be in. */
final class RepeatedIds {
  /** As many as the driver can hold, 32 MB; those beyond are not found. */
  private static final int MOST = 1 << 22;

  private RepeatedIds() {}

  /** Returns the same rows, those with a repeated id as rows that are passed over. */
  static JavaRDD<NumberedText> marked(JavaRDD<NumberedText> rows) {
    List<Long> found =
        rows.flatMapToPair(row ->
                row.ownId().stream().map(id -> new Tuple2<>(Hash.of(id), row.line())).iterator())
            .groupByKey()
            .flatMap(lines -> allButFirst(lines._2()).iterator())
            .take(MOST);
    if (found.isEmpty()) {
      return rows;
    }
    long[] lines = found.stream().mapToLong(Long::longValue).sorted().toArray();
    Broadcast<long[]> repeated = JavaSparkContext.fromSparkContext(rows.context()).broadcast(lines);
    return rows.map(
        row -> Arrays.binarySearch(repeated.value(), row.line()) >= 0 ? row.repeated() : row);
  }

  private static List<Long> allButFirst(Iterable<Long> lines) {
    List<Long> all = StreamSupport.stream(lines.spliterator(), false).toList();
    long first = Collections.min(all);
    return all.stream().filter(line -> line != first).toList();
  }
}
