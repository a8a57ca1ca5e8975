package dev.sightline.spark.internal;

import dev.sightline.data.DataException;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.InputFields;
import dev.sightline.data.internal.row.NumberedRows;
import dev.sightline.heads.internal.run.HeadMeter;
import dev.sightline.heads.internal.run.SampleReader;
import dev.sightline.heads.internal.run.TrialBatch;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelBundle;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.tensor.internal.FilePart;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.jspecify.annotations.Nullable;

/**
 * A running model that measures heads, and its tokenizers. Several tasks may use it at a time; each
 * borrows a tokenizer, which is not thread-safe.
 */
final class LoadedMeter implements AutoCloseable {
  private final HeadsTask task;
  private final Model model;
  private final HeadMeter meter;
  private final List<Batch> trials;
  private final @Nullable Path folder;
  private final Queue<Tokenizer> idle = new ConcurrentLinkedQueue<>();
  private final byte @Nullable [] tokenizer;

  private LoadedMeter(HeadsTask task, LoadedModel loaded, Model model, @Nullable Path folder)
      throws IOException {
    this.task = task;
    this.model = model;
    this.folder = folder;
    Tokenizer own = loaded.tokenizer();
    this.tokenizer = own == null ? null : own.json();
    if (own != null) {
      idle.add(own);
    }
    try (Borrowed borrowed = borrow()) {
      Iterator<NumberedText> rows = task.trial().iterator();
      try (SampleReader reader = reader(task, model, rows, borrowed.tokenizer())) {
        this.trials = TrialBatch.read(model, reader, task.padId(), "'" + task.data() + "'");
      }
    }
    this.meter = HeadMeter.open(model, task.metrics(), trials);
  }

  /** A tokenizer in use by one thread; null if the model has none. */
  record Borrowed(LoadedMeter owner, @Nullable Tokenizer tokenizer) implements AutoCloseable {
    @Override
    public void close() {
      if (tokenizer != null) {
        owner.idle.add(tokenizer);
      }
    }
  }

  /**
   * Unpacks the model that Spark brought to this process, and starts it.
   *
   * @param threads that the session runs on
   * @throws IOException if what arrived is not the model of the driver
   */
  static LoadedMeter load(HeadsTask task, int threads) throws IOException {
    Path zip = Path.of(SparkFiles.get(task.bundle()));
    requireSame("the model's files", task.bundleSha256(), sha256(zip));
    Path folder = Files.createTempDirectory("sightline-model");
    try {
      LoadedModel loaded = ModelBundle.open(zip, folder);
      try {
        requireSame("the model", task.modelSha256(), loaded.model().sha256());
        Model model =
            ModelExperiments.resolve(loaded.model(), task.padId(), task.givenPolarity())
                .withThreads(threads);
        return new LoadedMeter(task, loaded, model, folder);
      } catch (IOException | RuntimeException e) {
        loaded.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      delete(folder);
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
    try (LoadedMeter meter = new LoadedMeter(task, loaded, model, null)) {
      meter.start(Shard.WHOLE);
      meter.idle.clear(); // the caller's
    }
  }

  static String sha256(Path file) throws IOException {
    return Sha256.of(new byte[0], List.of(FilePart.whole(file)));
  }

  private static void requireSame(String what, String expected, String actual) throws IOException {
    if (!expected.equals(actual)) {
      throw new DataException(
          what + " arrived damaged at this executor: SHA-256 " + actual + ", expected " + expected);
    }
  }

  HeadMeter meter() {
    return meter;
  }

  Model model() {
    return model;
  }

  /** A usable row of the data set. */
  Sample text() {
    return trials.getFirst().samples().getFirst();
  }

  /** Returns statistics of no sample of a shard. */
  HeadStatistics start(Shard shard) throws IOException {
    return meter.statistics(
        model,
        task.modelName(),
        task.aggregation(),
        SampleReader.maxTokens(model, task.longest()),
        task.seed(),
        shard,
        task.data());
  }

  Borrowed borrow() throws IOException {
    Tokenizer free = idle.poll();
    if (free == null && tokenizer != null) {
      free = Tokenizer.parse(tokenizer, "the tokenizer of " + task.modelName());
    }
    return new Borrowed(this, free);
  }

  SampleReader reader(Iterator<NumberedText> rows, @Nullable Tokenizer borrowed)
      throws IOException {
    return reader(task, model, rows, borrowed);
  }

  private static SampleReader reader(
      HeadsTask task, Model model, Iterator<NumberedText> rows, @Nullable Tokenizer borrowed)
      throws IOException {
    Iterator<NumberedRows.Numbered> numbered =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return rows.hasNext();
          }

          @Override
          public NumberedRows.Numbered next() {
            NumberedText next = rows.next();
            return new NumberedRows.Numbered(next.line(), next.text());
          }
        };
    return new SampleReader(
        DataFile.of(
            task.data(),
            new NumberedRows(numbered, task.json(), task.named(), InputFields.of(model))),
        model,
        borrowed,
        task.aggregation(),
        task.longest(),
        Shard.WHOLE);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // A folder of the system's temporary files, which the system removes.
      folder.toFile().deleteOnExit();
    }
  }

  @Override
  public void close() {
    meter.close();
    idle.forEach(Tokenizer::close);
    if (folder != null) {
      delete(folder);
    }
  }
}
