package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;

/** A run over the rows of a frame: the states of its shards, one a partition. */
public final class HeadsJob {
  private final JavaSparkContext spark;
  private final JavaRDD<ShardState> states;
  private final LongAccumulator measured;
  private final LongAccumulator skipped;

  private HeadsJob(
      JavaSparkContext spark,
      JavaRDD<ShardState> states,
      LongAccumulator measured,
      LongAccumulator skipped) {
    this.spark = spark;
    this.states = states;
    this.measured = measured;
    this.skipped = skipped;
  }

  /** Receives the progress of a run. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after each shard.
     *
     * @param measured rows
     * @param skipped rows
     * @param done shards
     * @param shards all of them
     */
    void shardDone(long measured, long skipped, int done, int shards);
  }

  /**
   * Prepares a run: its model is tried on the first rows.
   *
   * @param rows in the order of the data set; they may be partitioned anyhow
   * @param shards the same rows, partitioned as they will be measured
   * @param task what is measured, without its trial
   * @throws IOException if the model cannot be measured, or no row can be used
   */
  public static HeadsJob prepare(
      SparkSession session,
      LoadedModel loaded,
      JavaRDD<NumberedText> rows,
      JavaRDD<NumberedText> shards,
      TaskOf task)
      throws IOException {
    Model model = task.with(List.of()).model().resolve(loaded);
    List<NumberedText> first =
        FrameRows.first(rows, some -> LoadedMeter.isFull(task.with(some), loaded, model));
    HeadsTask whole = task.with(first);
    LoadedMeter.check(whole, loaded, model);
    LongAccumulator measured = session.sparkContext().longAccumulator("rows measured");
    LongAccumulator skipped = session.sparkContext().longAccumulator("rows skipped");
    int count = shards.getNumPartitions();
    JavaRDD<ShardState> states =
        shards.mapPartitionsWithIndex(new ShardTask(whole, count, measured, skipped), true);
    return new HeadsJob(
        JavaSparkContext.fromSparkContext(session.sparkContext()), states, measured, skipped);
  }

  /** Makes the task of a run. */
  @FunctionalInterface
  public interface TaskOf {
    HeadsTask with(List<NumberedText> trial);
  }

  /** Returns the states of the shards, which Spark computes when they are asked for. */
  public JavaRDD<ShardState> states() {
    return states;
  }

  /**
   * Runs the job and merges its states in the order of the shards.
   *
   * @throws IOException if a state cannot be read
   */
  public HeadStatistics run(Progress progress) throws IOException {
    try (StateFold fold = new StateFold(spark, states)) {
      return Objects.requireNonNull(
          fold.run((done, all) -> progress.shardDone(measured.value(), skipped.value(), done, all)),
          "a frame has a partition");
    }
  }
}
