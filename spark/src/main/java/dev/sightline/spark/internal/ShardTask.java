package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.heads.internal.run.ChunkMeter;
import dev.sightline.heads.internal.run.SampleChunk;
import dev.sightline.heads.internal.run.SampleReader;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.util.LongAccumulator;

/**
 * Measures one partition: its rows become the statistics of one shard. What it returns follows from
 * the rows and their order alone, so that a task that is retried or speculated returns the same.
 */
public final class ShardTask
    implements Function2<Integer, Iterator<NumberedText>, Iterator<ShardState>> {
  private static final long serialVersionUID = 1L;

  private final HeadsTask task;
  private final int shards;
  private final LongAccumulator measured;
  private final LongAccumulator skipped;

  /**
   * A task for each partition.
   *
   * @param shards the number of partitions
   * @param measured counts the rows that were measured
   * @param skipped counts the rows that were passed over
   */
  public ShardTask(HeadsTask task, int shards, LongAccumulator measured, LongAccumulator skipped) {
    this.task = task;
    this.shards = shards;
    this.measured = measured;
    this.skipped = skipped;
  }

  @Override
  public Iterator<ShardState> call(Integer partition, Iterator<NumberedText> rows)
      throws IOException {
    TaskContext context = TaskContext.get();
    Shard shard = new Shard(partition + 1, shards);
    try (SharedModels.Use<LoadedMeter> use =
            SharedModels.ofProcess().use(task, () -> LoadedMeter.load(task, context.cpus()));
        UnpackedModel.Borrowed borrowed = use.model().unpacked().borrow();
        SampleReader reader = use.model().reader(rows, borrowed.tokenizer())) {
      HeadStatistics statistics = use.model().start(shard);
      ChunkMeter chunks =
          new ChunkMeter(
              use.model().unpacked().model(),
              use.model().meter(),
              use.model().text(),
              task.model().padId(),
              NOTHING);
      for (SampleChunk chunk = SampleChunk.read(reader, task.strict());
          !chunk.isEmpty();
          chunk = SampleChunk.read(reader, task.strict())) {
        context.killTaskIfInterrupted();
        chunks.measure(chunk, 0).addTo(statistics);
        measured.add(chunk.samples().size());
        skipped.add(chunk.passed().size());
      }
      return List.of(ShardState.of(shard.number(), shard.of(), statistics)).iterator();
    }
  }

  private static final ChunkMeter.Listener NOTHING =
      new ChunkMeter.Listener() {
        @Override
        public void progress(long samples, double fraction) {}

        @Override
        public void note(String note) {}
      };
}
