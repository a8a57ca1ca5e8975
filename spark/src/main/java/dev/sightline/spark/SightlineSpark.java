package dev.sightline.spark;

import dev.sightline.audit.Audit;
import dev.sightline.audit.SampleSource;
import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.heads.HeadRun;
import dev.sightline.heads.statistics.CellSummary;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.spark.internal.AuditFindings;
import dev.sightline.spark.internal.AuditJob;
import dev.sightline.spark.internal.AuditSource;
import dev.sightline.spark.internal.AuditTask;
import dev.sightline.spark.internal.FrameRows;
import dev.sightline.spark.internal.HeadsJob;
import dev.sightline.spark.internal.HeadsTask;
import dev.sightline.spark.internal.RowForm;
import dev.sightline.spark.internal.SentModel;
import dev.sightline.spark.internal.ShardState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Measures the heads of a model over the rows of a DataFrame, and audits its mask over them.
 *
 * <pre>{@code
 * HeadStatistics state =
 *     SightlineSpark.headState(model, frame, HeadsOptions.text("prompt").id("prompt_id"));
 * }</pre>
 *
 * <p>Each partition becomes the statistics of one shard, and the shards are merged in the order of
 * the partitions: the result does not depend on how Spark schedules, retries or speculates tasks,
 * and is that of {@code sightline heads merge} over the same shards, bit by bit.
 *
 * <p>The model's files are sent to the executors with {@code addFile}; each executor process loads
 * them once. A session of the model runs on {@code spark.task.cpus} threads.
 */
public final class SightlineSpark {
  private static final double[] SHARES = {0.05, 0.25, 0.5, 0.75, 0.95};

  private static final StructType STATISTICS =
      new StructType()
          .add("layer", DataTypes.IntegerType, false)
          .add("head", DataTypes.IntegerType, false)
          .add("metric", DataTypes.StringType, false)
          .add("n", DataTypes.LongType, false)
          .add("mean", DataTypes.DoubleType, true)
          .add("deviation", DataTypes.DoubleType, true)
          .add("quantiles", DataTypes.createMapType(DataTypes.DoubleType, DataTypes.DoubleType))
          .add("reason", DataTypes.StringType, true);

  private static final StructType STATES =
      new StructType()
          .add("data", DataTypes.StringType, false)
          .add("shard", DataTypes.IntegerType, false)
          .add("shards", DataTypes.IntegerType, false)
          .add("samples", DataTypes.LongType, false)
          .add("skipped", DataTypes.LongType, false)
          .add("state", DataTypes.BinaryType, false);

  private SightlineSpark() {}

  /** Receives the progress of a run, in the thread that started it. */
  @FunctionalInterface
  public interface Listener {
    /** A listener that ignores everything. */
    Listener NONE = (measured, skipped, done, shards) -> {};

    /**
     * Called after each shard.
     *
     * @param measured the number of rows measured so far
     * @param skipped the number of rows passed over so far
     * @param done the number of shards that are done
     * @param shards the number of shards
     */
    void shardDone(long measured, long skipped, int done, int shards);
  }

  /**
   * Measures a frame, and returns a row for each metric, layer and head: {@code layer, head,
   * metric, n, mean, deviation, quantiles, reason}. A head without data has nulls and a reason.
   *
   * @param model the model, with its tokenizer if the rows are texts; stays open
   * @param frame the rows
   * @param options which columns are samples, and what is measured
   * @return the statistics; each sample counts once in mean and deviation
   * @throws IllegalArgumentException if the frame lacks a column
   * @throws IOException if the model cannot be measured, no row can be used, or Spark fails
   */
  public static Dataset<Row> heads(LoadedModel model, Dataset<Row> frame, HeadsOptions options)
      throws IOException {
    return frame.sparkSession().createDataFrame(rows(headState(model, frame, options)), STATISTICS);
  }

  /**
   * Measures a frame.
   *
   * @param model the model, with its tokenizer if the rows are texts; stays open
   * @param frame the rows
   * @param options which columns are samples, and what is measured
   * @return statistics that can be merged with those of any other run of the same model
   * @throws IllegalArgumentException if the frame lacks a column
   * @throws IOException if the model cannot be measured, no row can be used, or Spark fails
   */
  public static HeadStatistics headState(
      LoadedModel model, Dataset<Row> frame, HeadsOptions options) throws IOException {
    return headState(model, frame, options, Listener.NONE);
  }

  /**
   * Measures a frame and reports its progress.
   *
   * @param model the model, with its tokenizer if the rows are texts; stays open
   * @param frame the rows
   * @param options which columns are samples, and what is measured
   * @param listener receives the progress
   * @return statistics that can be merged with those of any other run of the same model
   * @throws IllegalArgumentException if the frame lacks a column
   * @throws IOException if the model cannot be measured, no row can be used, or Spark fails
   */
  public static HeadStatistics headState(
      LoadedModel model, Dataset<Row> frame, HeadsOptions options, Listener listener)
      throws IOException {
    return job(model, frame, options).run(listener::shardDone);
  }

  /**
   * Returns the state of each shard as a row: {@code data, shard, shards, samples, skipped, state}.
   * Spark computes it when it is asked for, such as by writing it to a table; {@link #merge} reads
   * it later.
   *
   * @param model the model, with its tokenizer if the rows are texts; stays open
   * @param frame the rows
   * @param options which columns are samples, and what is measured
   * @return the states, a row for each partition
   * @throws IllegalArgumentException if the frame lacks a column
   * @throws IOException if the model cannot be measured, or no row can be used
   */
  public static Dataset<Row> states(LoadedModel model, Dataset<Row> frame, HeadsOptions options)
      throws IOException {
    return states(frame.sparkSession(), job(model, frame, options), options.data());
  }

  static Dataset<Row> states(SparkSession session, HeadsJob job, String data) {
    JavaRDD<Row> rows =
        job.states()
            .map(each ->
                RowFactory.create(
                    data, each.number(), each.of(), each.samples(), each.skipped(), each.state()));
    return session.createDataFrame(rows, STATES);
  }

  /**
   * Merges states that {@link #states} made, those of each data set in the order of its shards, and
   * the data sets in the order of their names.
   *
   * @param states rows with the columns {@code data, shard, shards, state}
   * @return the statistics of all of them together
   * @throws IOException if there is no state, or one cannot be merged with those before it
   */
  public static HeadStatistics merge(Dataset<Row> states) throws IOException {
    TreeMap<String, HeadStatistics> sums = new TreeMap<>();
    Iterator<Row> rows =
        states.select("data", "shard", "state").orderBy("data", "shard").toLocalIterator();
    while (rows.hasNext()) {
      Row row = rows.next();
      String data = row.getString(0);
      String name = "shard " + row.getInt(1) + " of '" + data + "'";
      HeadStatistics next = ShardState.read((byte[]) row.get(2), name);
      HeadStatistics before = sums.get(data);
      sums.put(data, before == null ? next : merged(before, next, name));
    }
    @Nullable HeadStatistics sum = null;
    for (String data : sums.navigableKeySet()) {
      HeadStatistics next = sums.getOrDefault(data, sums.firstEntry().getValue());
      sum = sum == null ? next : merged(sum, next, "'" + data + "'");
    }
    if (sum == null) {
      throw new IOException("the table has no state");
    }
    return sum;
  }

  private static HeadStatistics merged(HeadStatistics a, HeadStatistics b, String name)
      throws IOException {
    try {
      return a.merge(b);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          name + " cannot be merged with what is before it: " + e.getMessage(), e);
    }
  }

  /**
   * Audits a model over a frame: all probes on its first rows, and each row alone against the same
   * in a batch. The verdicts are those of {@code sightline audit} on the same rows.
   *
   * <p>Returns a row for each probe, whose {@code row} is null, and one for each row of the frame:
   * {@code row, probe, stream, verdict, difference, limit, cosine, reason}. A row that cannot be
   * used has the verdict {@code NO_DATA} and a reason. The finding of the probe {@code batch} is
   * about all rows. With ids, the findings depend neither on the order of the rows nor on the
   * partitions; of rows with the same id, one is audited.
   *
   * <p>The audit runs before this returns. Its findings wait in the memory and on the disks of the
   * executors until the frame is collected as garbage.
   *
   * @param model the model, with its tokenizer if the rows are texts; stays open
   * @param frame the rows
   * @param options which columns are samples; what concerns heads alone is not used
   * @return the findings
   * @throws IllegalArgumentException if the frame lacks a column
   * @throws IOException if the model cannot be audited, no row can be used, or Spark fails
   */
  public static Dataset<Row> audit(LoadedModel model, Dataset<Row> frame, HeadsOptions options)
      throws IOException {
    return audit(model, frame, options, Listener.NONE);
  }

  /**
   * Audits a model over a frame and reports its progress.
   *
   * @param model the model, with its tokenizer if the rows are texts; stays open
   * @param frame the rows
   * @param options which columns are samples; what concerns heads alone is not used
   * @param listener receives the progress, in a thread of Spark's
   * @return the findings, as {@link #audit(LoadedModel, Dataset, HeadsOptions)} describes them
   * @throws IllegalArgumentException if the frame lacks a column
   * @throws IOException if the model cannot be audited, no row can be used, or Spark fails
   */
  public static Dataset<Row> audit(
      LoadedModel model, Dataset<Row> frame, HeadsOptions options, Listener listener)
      throws IOException {
    options.requireIn(Arrays.asList(frame.columns()));
    AuditSource rows = AuditSource.of(frame, options.columns());
    return audit(frame.sparkSession(), model, rows, options, true, listener)
        .frame(frame.sparkSession());
  }

  static AuditFindings audit(
      SparkSession session,
      LoadedModel model,
      AuditSource rows,
      HeadsOptions options,
      boolean json,
      Listener listener)
      throws IOException {
    AuditTask task =
        new AuditTask(
            send(session, model, options),
            new RowForm(options.data(), json, options.hasIds()),
            options.maxTokens(),
            options.seed().orElse(Audit.DEFAULT_SEED),
            options.strict(),
            SampleSource.PROBED_ROWS,
            List.of());
    return AuditJob.run(session, model, rows, task, options.shards(), listener::shardDone);
  }

  private static HeadsJob job(LoadedModel model, Dataset<Row> frame, HeadsOptions options)
      throws IOException {
    options.requireIn(Arrays.asList(frame.columns()));
    JavaRDD<NumberedText> rows = FrameRows.of(frame, options.columns(), 0);
    JavaRDD<NumberedText> shards =
        options.shards() == 0 ? rows : FrameRows.of(frame, options.columns(), options.shards());
    return job(frame.sparkSession(), model, rows, shards, options, true);
  }

  static HeadsJob job(
      SparkSession session,
      LoadedModel model,
      JavaRDD<NumberedText> rows,
      JavaRDD<NumberedText> shards,
      HeadsOptions options,
      boolean json)
      throws IOException {
    SentModel sent = send(session, model, options);
    return HeadsJob.prepare(
        session,
        model,
        rows,
        shards,
        trial ->
            new HeadsTask(
                sent,
                new RowForm(options.data(), json, options.hasIds()),
                options.modelName().orElseGet(() -> model.model().name()),
                options.metrics(),
                options.aggregation(),
                options.maxTokens(),
                options.seed().orElse(HeadRun.DEFAULT_SEED),
                options.strict(),
                trial));
  }

  private static SentModel send(SparkSession session, LoadedModel model, HeadsOptions options)
      throws IOException {
    return SentModel.send(
        JavaSparkContext.fromSparkContext(session.sparkContext()),
        model,
        options.padId().orElseGet(model::padId),
        options.polarity().orElse(null));
  }

  private static List<Row> rows(HeadStatistics statistics) {
    List<Row> rows = new ArrayList<>();
    List<Metric> metrics = statistics.provenance().metrics();
    List<Integer> heads = statistics.provenance().headsPerLayer();
    for (int m = 0; m < metrics.size(); m++) {
      for (int layer = 0; layer < heads.size(); layer++) {
        for (int head = 0; head < heads.get(layer); head++) {
          CellSummary cell = statistics.cell(m, layer, head);
          CellSummary.Estimate estimate = cell.estimate(Weighting.MACRO);
          TreeMap<Double, Double> quantiles = new TreeMap<>();
          double[] values = statistics.quantiles(m, layer, head, SHARES);
          for (int q = 0; q < values.length; q++) {
            quantiles.put(SHARES[q], values[q]);
          }
          rows.add(
              RowFactory.create(
                  layer,
                  head,
                  metrics.get(m).name(),
                  cell.samples(),
                  boxed(estimate.mean()),
                  boxed(estimate.deviation()),
                  quantiles,
                  cell.reason().orElse(null)));
        }
      }
    }
    return rows;
  }

  private static @Nullable Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
