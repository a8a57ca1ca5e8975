package dev.sightline.heads;

import dev.sightline.data.Batch;
import dev.sightline.data.DataException;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.file.DataFile;
import dev.sightline.heads.internal.run.BatchSize;
import dev.sightline.heads.internal.run.Checkpoint;
import dev.sightline.heads.internal.run.Fingerprint;
import dev.sightline.heads.internal.run.HeadMeter;
import dev.sightline.heads.internal.run.HeadRunOptions;
import dev.sightline.heads.internal.run.HeadSample;
import dev.sightline.heads.internal.run.SampleChunk;
import dev.sightline.heads.internal.run.SampleReader;
import dev.sightline.heads.internal.run.SampleReader.Taken;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.SampleValues;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Measures the heads of a model over a data file. A run that is killed at any moment and resumed
 * gives what it would have given, to the bit.
 */
public final class HeadRun {
  /**
   * What stays in a core's cache: on two cores, int8 MiniLM takes 169 samples a second in batches
   * of 512 slots and 142 in those of 2,048; float32 makes no difference between them.
   */
  public static final BatchSize BATCH = new BatchSize(64, 512);

  private static final int TRIAL_ROWS = 4;

  /** Probabilities of every layer leave the graph in the trial, and they grow by the square. */
  private static final int TRIAL_TOKENS = 16;

  /** A checkpoint takes no more than a twentieth of the time. */
  private static final int CHECKPOINT_SHARE = 20;

  private final Model model;
  private final @Nullable Tokenizer tokenizer;
  private final HeadRunOptions options;
  private final Listener listener;
  private final TokenStream stream;

  /** Follows a run. */
  public interface Listener {
    /** Nobody follows. */
    Listener NONE = new Listener() {};

    /**
     * Told after each batch.
     *
     * @param samples taken in so far, those before a resumption included
     * @param fraction of the file that they are, from 0 to 1
     */
    default void progress(long samples, double fraction) {}

    /** Told what the user should know. */
    default void note(String note) {}
  }

  /**
   * A run to be.
   *
   * @param tokenizer reads texts; null if the data are token ids
   * @throws ModelException if the model reads what no row of a data file can fill
   */
  public HeadRun(
      Model model, @Nullable Tokenizer tokenizer, HeadRunOptions options, Listener listener)
      throws ModelException {
    this.model = model;
    this.tokenizer = tokenizer;
    this.options = options;
    this.listener = listener;
    this.stream = SampleEncoder.requireIds(model);
  }

  /**
   * Runs over a file.
   *
   * @throws DataException if the file cannot be read, or no row of it can be used
   * @throws ModelException if the model cannot be fed its rows
   */
  public HeadStatistics run(Path data, DataFile.Format format) throws IOException {
    return over(data, format, null);
  }

  /**
   * Runs over a file, on from a checkpoint if there is one. The checkpoint stays, with the end
   * state, until the caller has put the statistics where they belong and deletes it.
   *
   * @throws DataException as {@link #run(Path, DataFile.Format)}, or if the checkpoint is of
   *     another run
   */
  public HeadStatistics run(Path data, DataFile.Format format, Path checkpoint) throws IOException {
    return over(data, format, checkpoint);
  }

  private HeadStatistics over(Path data, DataFile.Format format, @Nullable Path file)
      throws IOException {
    Batch trial = trial(data, format);
    try (HeadMeter meter = HeadMeter.open(model, options.metrics(), trial);
        SampleReader reader = reader(data, format, options.shard())) {
      Checkpoint start = start(data, meter);
      if (file != null && Files.exists(file)) {
        Checkpoint reached = Checkpoint.read(file);
        reached.requireSame(file, start);
        reader.skip(reached.rows());
        start = reached;
        listener.note(
            "going on behind row " + reached.rows() + ", from the checkpoint '" + file + "'");
      }
      if (stream.mask() == null) {
        listener.note(model + " takes no mask: all tokens of a row are real");
      }
      return go(start, meter, reader, file);
    }
  }

  private SampleReader reader(Path data, DataFile.Format format, Shard shard) throws IOException {
    return new SampleReader(DataFile.open(data, format), model, tokenizer, options, shard);
  }

  /**
   * The first rows that can be used, whatever the shard: what they show of the model enters the
   * statistics, and must be the same in every shard and after a resumption.
   */
  private Batch trial(Path data, DataFile.Format format) throws IOException {
    List<Sample> samples = new ArrayList<>();
    List<String> passed = new ArrayList<>();
    // Rows without a mask can share a batch only if they are of one length.
    int most = model.roles().fixedRows().orElse(TRIAL_ROWS);
    int rows = stream.mask() == null ? 1 : Math.min(TRIAL_ROWS, most);
    try (SampleReader reader = reader(data, format, Shard.WHOLE)) {
      while (samples.size() < rows) {
        Taken taken = reader.next();
        if (taken == null) {
          break;
        }
        switch (taken) {
          case Taken.Usable usable -> samples.add(shortened(usable.sample().sample()));
          case Taken.Passed row -> {
            if (passed.size() < 3) {
              passed.add(row.name() + ": " + row.reason());
            }
          }
        }
      }
    }
    if (samples.isEmpty()) {
      throw new DataException(
          "no row of '"
              + data
              + "' can be used"
              + (passed.isEmpty()
                  ? ": it has none"
                  : "; " + passed.stream().collect(Collectors.joining("; "))));
    }
    return Batch.of(model.roles(), filled(samples), options.padId());
  }

  /** Its first tokens, unless the model wants a number of them. */
  private Sample shortened(Sample sample) {
    if (stream.fixedLength().isPresent()) {
      return sample;
    }
    Sample shorter = sample;
    for (int s = 0; s < sample.streams().size(); s++) {
      Tokens tokens = sample.streams().get(s);
      int most = s == 0 ? TRIAL_TOKENS : TRIAL_TOKENS / 2;
      if (tokens instanceof TokenizedText text && tokens.length() > most) {
        shorter = shorter.with(s, text.first(most));
      }
    }
    return shorter;
  }

  /** As many rows as the model fixes, the last one again and again. */
  private List<Sample> filled(List<Sample> samples) {
    List<Sample> filled = new ArrayList<>(samples);
    int missing = model.roles().fixedRows().orElse(0) - samples.size();
    filled.addAll(Collections.nCopies(Math.max(0, missing), samples.getLast()));
    return filled;
  }

  private Checkpoint start(Path data, HeadMeter meter) throws IOException {
    Provenance provenance =
        new Provenance(
            model.name(),
            model.sha256(),
            "ONNX Runtime " + ModelSession.runtimeVersion() + ", CPU",
            options.aggregation(),
            SampleReader.maxTokens(model, options.maxTokens()),
            meter.metrics(),
            meter.headsPerLayer(),
            options.seed());
    HeadStatistics statistics = new HeadStatistics(provenance, options.shard(), data.toString());
    meter.explain(statistics);
    return new Checkpoint(Fingerprint.of(data), options.shard(), 0, statistics);
  }

  private HeadStatistics go(
      Checkpoint start, HeadMeter meter, SampleReader reader, @Nullable Path file)
      throws IOException {
    HeadStatistics statistics = start.statistics();
    long due = System.nanoTime();
    @Nullable Checkpoint reached = start; // null while a window is half taken in
    try {
      for (SampleChunk window = SampleChunk.read(reader, options.strict());
          !window.isEmpty();
          window = SampleChunk.read(reader, options.strict())) {
        List<SampleValues> values = measured(window, meter, statistics.samples());
        reached = null;
        takeIn(window, values, statistics);
        reached = new Checkpoint(start.data(), start.shard(), reader.rows(), statistics);
        if (file != null && System.nanoTime() - due >= 0) {
          long before = System.nanoTime();
          save(reached, file);
          long after = System.nanoTime();
          due = after + CHECKPOINT_SHARE * (after - before);
        }
      }
    } finally {
      // Whatever ended the run, what was computed is not lost.
      if (file != null && reached != null) {
        save(reached, file);
      }
    }
    return statistics;
  }

  /** A run does not die of a full disk: the last checkpoint is still there, and more may come. */
  private void save(Checkpoint reached, Path file) {
    try {
      reached.write(file);
    } catch (IOException e) {
      listener.note("the checkpoint was not written, the run goes on: " + e.getMessage());
    }
  }

  /** The values of a window's samples, in the order of the file. */
  private List<SampleValues> measured(SampleChunk window, HeadMeter meter, long before)
      throws IOException {
    SampleValues[] values = new SampleValues[window.samples().size()];
    int rows = Math.min(BATCH.rows(), model.roles().fixedRows().orElse(BATCH.rows()));
    int done = 0;
    for (List<Integer> places : window.batches(stream, new BatchSize(rows, BATCH.slots()))) {
      List<HeadSample> samples = places.stream().map(window.samples()::get).toList();
      Batch batch =
          Batch.of(
              model.roles(),
              filled(samples.stream().map(HeadSample::sample).toList()),
              options.padId());
      List<SampleValues> measured = meter.measure(batch, samples);
      for (int i = 0; i < measured.size(); i++) {
        values[places.get(i)] = measured.get(i);
      }
      done += samples.size();
      listener.progress(before + done, window.fraction(done));
    }
    return List.of(values);
  }

  private static void takeIn(
      SampleChunk window, List<SampleValues> values, HeadStatistics statistics) {
    statistics.addAll(values);
    for (HeadSample sample : window.samples()) {
      sample.remarks().forEach(remark -> statistics.remark(sample.name(), remark));
    }
    window.passed().forEach(row -> statistics.skip(row.name(), row.reason()));
  }
}
