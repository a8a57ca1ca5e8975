package dev.sightline.spark.internal;

import dev.sightline.audit.Audit;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.SampleOrigin;
import dev.sightline.data.DataException;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import scala.Function2;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.runtime.BoxedUnit;

/**
 * An audit over a data set: all probes on its first rows, by the driver; then each row alone
 * against in a batch, by the executors. Its rows are judged once all of them were compared, since
 * the noise of a model that quantises is measured over all.
 */
public final class AuditJob {
  /** Rows that share a batch. */
  private static final int ROWS_OF_A_BATCH = 8;

  /** Why rows were passed over, in the message that none is left. */
  private static final int MOST_REASONS = 3;

  private AuditJob() {}

  /**
   * Runs it.
   *
   * @param task without the first rows
   * @param shards 0 for a number that follows from the number of rows alone
   * @throws IOException if the model cannot be audited, no row can be used, or Spark fails
   */
  public static AuditFindings run(
      SparkSession session,
      LoadedModel loaded,
      AuditSource rows,
      AuditTask task,
      int shards,
      HeadsJob.Progress progress)
      throws IOException {
    Model model = task.model().resolve(loaded);
    List<NumberedText> first =
        FrameRows.first(
            rows::take,
            some ->
                AuditRows.first(
                            task.with(some), model, loaded.tokenizer(), (line, row, reason) -> {})
                        .size()
                    == task.probed());
    AuditTask whole = task.with(first);
    List<Sample> samples = samples(loaded, model, whole);
    AuditResult probed = probe(loaded, model, whole, samples);
    int count = shards > 0 ? shards : shards(rows.count());
    LongAccumulator compared = session.sparkContext().longAccumulator("rows compared");
    LongAccumulator skipped = session.sparkContext().longAccumulator("rows skipped");
    JavaRDD<RowFinding> found =
        rows.dealt(count)
            .mapPartitions(new AuditShardTask(whole, compared, skipped))
            .persist(StorageLevel.MEMORY_AND_DISK());
    AtomicInteger done = new AtomicInteger();
    RowTotals totals =
        totals(
            found,
            () ->
                progress.shardDone(
                    compared.value(), skipped.value(), done.incrementAndGet(), count));
    BatchRule rule = probed.batchRule().widened(totals.magnitude(), totals.noise());
    List<Long> lines = samples.stream().map(Sample::number).toList();
    return AuditFindings.of(probed, lines, rule, totals, found);
  }

  /** The samples that are probed. */
  private static List<Sample> samples(LoadedModel loaded, Model model, AuditTask task)
      throws IOException {
    List<String> passed = new ArrayList<>();
    List<Sample> samples =
        AuditRows.first(
            task,
            model,
            loaded.tokenizer(),
            (line, row, reason) -> passed.add(row + ": " + reason));
    if (samples.isEmpty()) {
      List<String> reasons = passed.stream().limit(MOST_REASONS).toList();
      throw new DataException(
          "no row of '"
              + task.rows().data()
              + "' can be used"
              + (reasons.isEmpty() ? ": it has none" : "; " + String.join("; ", reasons)));
    }
    return samples;
  }

  private static AuditResult probe(
      LoadedModel loaded, Model model, AuditTask task, List<Sample> samples) throws IOException {
    Audit audit =
        Audit.of(model)
            .samples(samples)
            .origin(SampleOrigin.of(SampleOrigin.Kind.DATA_FILE))
            .seed(task.seed())
            .padId(task.model().padId());
    if (loaded.tokenizer() != null) {
      audit = audit.tokenizer(loaded.tokenizer());
    }
    return audit.run();
  }

  static int shards(long rows) {
    long batches = Math.ceilDiv(rows, ROWS_OF_A_BATCH);
    return (int) Math.clamp(DataRows.shards(rows), 1, Math.max(1, batches));
  }

  /** Computes the findings, and what is known of all of them together. */
  private static RowTotals totals(JavaRDD<RowFinding> found, Runnable done) throws IOException {
    AtomicReference<RowTotals> all = new AtomicReference<>(RowTotals.NONE);
    Seq<Object> partitions =
        CollectionConverters.asScala(
                IntStream.range(0, found.getNumPartitions())
                    .<Object>mapToObj(Integer::valueOf)
                    .iterator())
            .toSeq();
    try {
      found
          .context()
          .runJob(
              found.rdd(),
              (Function2<TaskContext, Iterator<RowFinding>, RowTotals> & Serializable)
                  (context, rows) -> RowTotals.of(CollectionConverters.asJava(rows)),
              partitions,
              (Function2<Object, RowTotals, BoxedUnit>)
                  (partition, totals) -> {
                    all.accumulateAndGet(totals, RowTotals::with);
                    done.run();
                    return BoxedUnit.UNIT;
                  },
              ClassTag.<RowTotals>apply(RowTotals.class));
      return all.get();
    } catch (Exception e) {
      // Scala does not declare what a job throws.
      found.unpersist();
      throw StateFold.failed(e);
    }
  }
}
