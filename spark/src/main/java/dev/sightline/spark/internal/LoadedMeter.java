package dev.sightline.spark.internal;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.row.InputFields;
import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.heads.internal.run.HeadMeter;
import dev.sightline.heads.internal.run.SampleReader;
import dev.sightline.heads.internal.run.TrialBatch;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A running model that measures heads in an executor process; several tasks may use it. */
final class LoadedMeter implements AutoCloseable {
  private final HeadsTask task;
  private final UnpackedModel unpacked;
  private final HeadMeter meter;
  private final List<Batch> trials;

  private LoadedMeter(HeadsTask task, UnpackedModel unpacked) throws IOException {
    this.task = task;
    this.unpacked = unpacked;
    try (UnpackedModel.Borrowed borrowed = unpacked.borrow()) {
      this.trials = trials(task, unpacked.model(), borrowed.tokenizer());
    }
    this.meter = HeadMeter.open(unpacked.model(), task.metrics(), trials);
  }

  /**
   * Unpacks the model that Spark brought to this process, and starts it.
   *
   * @param threads that the session runs on
   * @throws IOException if what arrived is not the model of the driver
   */
  static LoadedMeter load(HeadsTask task, int threads) throws IOException {
    UnpackedModel unpacked = UnpackedModel.of(task.model(), threads);
    try {
      return new LoadedMeter(task, unpacked);
    } catch (IOException | RuntimeException e) {
      unpacked.close();
      throw e;
    }
  }

  /** Returns whether the trial of a task has as many usable rows as any trial needs. */
  static boolean isFull(HeadsTask task, LoadedModel loaded, Model model) throws IOException {
    int usable = 0;
    try (SampleReader reader = reader(task, model, task.trial().iterator(), loaded.tokenizer())) {
      for (SampleReader.Taken taken = reader.next();
          taken != null && usable < TrialBatch.ROWS;
          taken = reader.next()) {
        usable += taken instanceof SampleReader.Taken.Usable ? 1 : 0;
      }
    }
    return usable == TrialBatch.ROWS;
  }

  /**
   * Measures on the driver what the first rows show; throws what every task would.
   *
   * @param model the loaded model, resolved
   */
  static void check(HeadsTask task, LoadedModel loaded, Model model) throws IOException {
    List<Batch> trials = trials(task, model, loaded.tokenizer());
    try (HeadMeter meter = HeadMeter.open(model, task.metrics(), trials)) {
      start(task, model, meter, Shard.WHOLE);
    }
  }

  private static List<Batch> trials(HeadsTask task, Model model, @Nullable Tokenizer tokenizer)
      throws IOException {
    try (SampleReader reader = reader(task, model, task.trial().iterator(), tokenizer)) {
      String data = "'" + task.rows().data() + "'";
      return TrialBatch.read(model, reader, task.model().padId(), data);
    }
  }

  HeadMeter meter() {
    return meter;
  }

  UnpackedModel unpacked() {
    return unpacked;
  }

  /** A usable row of the data set. */
  Sample text() {
    return trials.getFirst().samples().getFirst();
  }

  /** Returns statistics of no sample of a shard. */
  HeadStatistics start(Shard shard) throws IOException {
    return start(task, unpacked.model(), meter, shard);
  }

  private static HeadStatistics start(HeadsTask task, Model model, HeadMeter meter, Shard shard)
      throws IOException {
    return meter.statistics(
        model,
        task.modelName(),
        task.aggregation(),
        SampleReader.maxTokens(model, task.longest()),
        task.seed(),
        shard,
        task.rows().data());
  }

  SampleReader reader(Iterator<NumberedText> rows, @Nullable Tokenizer borrowed)
      throws IOException {
    return reader(task, unpacked.model(), rows, borrowed);
  }

  private static SampleReader reader(
      HeadsTask task, Model model, Iterator<NumberedText> rows, @Nullable Tokenizer borrowed)
      throws IOException {
    return new SampleReader(
        task.rows().file(rows, InputFields.of(model)),
        model,
        borrowed,
        task.aggregation(),
        task.longest(),
        Shard.WHOLE);
  }

  @Override
  public void close() {
    meter.close();
    unpacked.close();
  }
}
