package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/** The rows of a data set, dealt out so that the batches do not depend on how it is partitioned. */
public interface AuditSource {
  /** Returns the first rows. */
  List<NumberedText> take(int most);

  /** Returns the number of rows. */
  long count();

  /** Returns the rows, dealt out. */
  JavaRDD<NumberedText> dealt(int shards);

  /**
   * Returns the rows of a frame: in the order of their ids, so that nothing depends on the order in
   * which Spark delivers them; without ids in the order of the frame.
   *
   * @param columns the columns by field
   */
  static AuditSource of(Dataset<Row> frame, Map<String, String> columns) {
    if (!columns.containsKey("id")) {
      return ofNumbered(FrameRows.of(frame, columns, 0));
    }
    JavaRDD<NamedText> rows = FrameRows.named(frame, columns);
    return new AuditSource() {
      @Override
      public List<NumberedText> take(int most) {
        List<NumberedText> numbered = new ArrayList<>();
        for (NamedText row : rows.takeOrdered(most, NamedText.ORDER)) {
          numbered.add(row.text().at(numbered.size() + 1L));
        }
        return numbered;
      }

      @Override
      public long count() {
        return rows.count();
      }

      @Override
      public JavaRDD<NumberedText> dealt(int shards) {
        JavaPairRDD<NamedText, Boolean> byName = rows.mapToPair(row -> new Tuple2<>(row, true));
        return FrameRows.numberedApart(
            byName
                .repartitionAndSortWithinPartitions(new ByName(shards), NamedText.ORDER)
                .keys()
                .map(NamedText::text));
      }
    };
  }

  private static AuditSource ofNumbered(JavaRDD<NumberedText> rows) {
    return new AuditSource() {
      @Override
      public List<NumberedText> take(int most) {
        return new ArrayList<>(rows.take(most));
      }

      @Override
      public long count() {
        return rows.count();
      }

      @Override
      public JavaRDD<NumberedText> dealt(int shards) {
        return FrameRows.dealt(rows, shards);
      }
    };
  }

  /** A row with its id; empty if it has none. */
  record NamedText(String id, NumberedText text) implements Serializable {
    /** By id; rows of one id by what else they hold. */
    static final Comparator<NamedText> ORDER = new Order();

    private static final class Order implements Comparator<NamedText>, Serializable {
      private static final long serialVersionUID = 1L;

      @Override
      public int compare(NamedText a, NamedText b) {
        int byId = a.id().compareTo(b.id());
        return byId != 0 ? byId : a.text().text().compareTo(b.text().text());
      }
    }
  }

  /** Rows of one id are in one shard. */
  final class ByName extends HashPartitioner {
    private static final long serialVersionUID = 1L;

    ByName(int shards) {
      super(shards);
    }

    @Override
    public int getPartition(Object row) {
      return super.getPartition(((NamedText) row).id());
    }
  }
}
