package dev.sightline.heads;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.MaskPolarity;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.heads.internal.run.BatchSize;
import dev.sightline.heads.internal.run.Checkpoint;
import dev.sightline.heads.internal.run.Fingerprint;
import dev.sightline.heads.internal.run.HeadMeter;
import dev.sightline.heads.internal.run.HeadSample;
import dev.sightline.heads.internal.run.PositionShift;
import dev.sightline.heads.internal.run.SampleChunk;
import dev.sightline.heads.internal.run.SampleReader;
import dev.sightline.heads.internal.run.SampleReader.Taken;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.SampleValues;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.onnx.LoadedModel;
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
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run over one data file: reads its rows, measures them in batches, saves checkpoints. */
final class DataFileRun {
  private static final int TRIAL_ROWS = 4;

  /** Probabilities of every layer leave the graph in the trial; they grow with its square. */
  private static final int TRIAL_TOKENS = 16;

  /** Checkpoints take at most one part in 20 of the time. */
  private static final int CHECKPOINT_SHARE = 20;

  private final Model model;
  private final HeadRunOptions options;
  private final long padId;
  private final TokenStream stream;
  private @Nullable Sample text;
  private @Nullable String shift;

  DataFileRun(Model model, HeadRunOptions options) throws ModelException {
    LoadedModel loaded = LoadedModel.of(model, options.tokenizer);
    this.padId = options.padId.orElseGet(loaded::padId);
    this.model = ModelExperiments.resolve(loaded.model(), padId, options.polarity);
    this.options = options;
    this.stream = SampleEncoder.requireIds(model);
  }

  HeadStatistics run(Path data, DataFormat format) throws IOException {
    @Nullable Path file = options.checkpoint;
    Batch trial = trial(data, format);
    text = trial.samples().getFirst();
    try (HeadMeter meter = HeadMeter.open(model, options.metrics, trial);
        SampleReader reader = reader(data, format, options.shard)) {
      Checkpoint start = start(data, format, meter);
      if (file != null && Files.exists(file)) {
        Checkpoint reached = Checkpoint.read(file);
        reached.requireSame(file, start);
        reader.skip(reached.rows());
        start = reached;
        options.listener.note(
            "going on after row " + reached.rows() + ", from the checkpoint '" + file + "'");
      } else if (file != null) {
        // Says from the first moment which run the folder is of.
        save(start, file);
      }
      if (!stream.marksPadding()) {
        options.listener.note(model + " takes no mask: all tokens of a row are real");
      }
      return measureAll(start, meter, reader, file);
    }
  }

  /** Returns the statistics of a run before its first row. */
  HeadStatistics prepare(Path data, DataFormat format) throws IOException {
    try (HeadMeter meter = HeadMeter.open(model, options.metrics, trial(data, format))) {
      return start(data, format, meter).statistics();
    }
  }

  private SampleReader reader(Path data, DataFormat format, Shard shard) throws IOException {
    return new SampleReader(
        DataFile.open(data, format),
        model,
        options.tokenizer,
        options.aggregation,
        options.maxTokens,
        shard);
  }

  /**
   * Returns the first usable rows of the file, whatever the shard. What they show of the model
   * enters the statistics, so it must be the same in every shard and after a resumption.
   */
  private Batch trial(Path data, DataFormat format) throws IOException {
    List<Sample> samples = new ArrayList<>();
    List<String> passed = new ArrayList<>();
    // Without a mask, only rows of one length can share a batch.
    int most = model.roles().fixedRows().orElse(TRIAL_ROWS);
    int rows = !stream.marksPadding() ? 1 : Math.min(TRIAL_ROWS, most);
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
    return Batch.of(model.roles(), filled(samples), padId);
  }

  /** Cuts a sample to its first tokens, unless the model has a fixed length. */
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

  /** Repeats the last sample up to the model's fixed number of rows, if it has one. */
  private List<Sample> filled(List<Sample> samples) {
    List<Sample> filled = new ArrayList<>(samples);
    int missing = model.roles().fixedRows().orElse(0) - samples.size();
    filled.addAll(Collections.nCopies(Math.max(0, missing), samples.getLast()));
    return filled;
  }

  private Checkpoint start(Path data, DataFormat format, HeadMeter meter) throws IOException {
    Provenance provenance =
        new Provenance(
            model.name(),
            model.sha256(),
            "ONNX Runtime " + ModelSession.runtimeVersion() + ", CPU",
            options.aggregation,
            SampleReader.maxTokens(model, options.maxTokens),
            meter.metrics(),
            meter.headsPerLayer(),
            options.seed);
    HeadStatistics statistics = new HeadStatistics(provenance, options.shard, data.toString());
    meter.explain(statistics);
    Fingerprint content = Fingerprint.of(data);
    statistics.recordInputs(inputs(content, format));
    return new Checkpoint(content, options.shard, 0, statistics);
  }

  /** By names that complete "the ... differ". */
  private Map<String, String> inputs(Fingerprint content, DataFormat format) {
    Tokenizer tokenizer = options.tokenizer;
    return Map.of(
        "data files",
        content.toString(),
        "formats of the data",
        format.toString(),
        "tokenizers",
        tokenizer == null ? "none" : "SHA-256 " + tokenizer.sha256(),
        "ids of padding",
        Long.toString(padId),
        "mask polarities",
        options.polarity.map(MaskPolarity::toString).orElse("not given"),
        "rules for unusable rows",
        options.strict ? "stop" : "pass over");
  }

  private HeadStatistics measureAll(
      Checkpoint start, HeadMeter meter, SampleReader reader, @Nullable Path file)
      throws IOException {
    HeadStatistics statistics = start.statistics();
    long due = System.nanoTime();
    @Nullable Checkpoint reached = start; // null while a chunk is partly added
    try {
      for (SampleChunk chunk = SampleChunk.read(reader, options.strict);
          !chunk.isEmpty();
          chunk = SampleChunk.read(reader, options.strict)) {
        List<SampleValues> values = measured(chunk, meter, statistics.samples());
        String shift = chunk.samples().stream().anyMatch(DataFileRun::isMoved) ? shift(meter) : "";
        reached = null;
        add(chunk, values, shift, statistics);
        reached = new Checkpoint(start.data(), start.shard(), reader.rows(), statistics);
        if (file != null && System.nanoTime() - due >= 0) {
          long before = System.nanoTime();
          save(reached, file);
          long after = System.nanoTime();
          due = after + CHECKPOINT_SHARE * (after - before);
        }
      }
    } finally {
      // An exception must not lose what was computed.
      if (file != null && reached != null) {
        save(reached, file);
      }
    }
    return statistics;
  }

  /** A full disk does not end a run: the last checkpoint is still there. */
  private void save(Checkpoint reached, Path file) {
    try {
      reached.write(file);
    } catch (IOException e) {
      options.listener.note("the checkpoint was not written, the run goes on: " + e.getMessage());
    }
  }

  /** Returns the values of a chunk's samples, in the order of the file. */
  private List<SampleValues> measured(SampleChunk chunk, HeadMeter meter, long before)
      throws IOException {
    SampleValues[] values = new SampleValues[chunk.samples().size()];
    int rows =
        Math.min(
            BatchSize.DEFAULT.rows(), model.roles().fixedRows().orElse(BatchSize.DEFAULT.rows()));
    int done = 0;
    for (List<Integer> indices :
        chunk.batches(stream, new BatchSize(rows, BatchSize.DEFAULT.positions()))) {
      List<HeadSample> samples = indices.stream().map(chunk.samples()::get).toList();
      Batch batch =
          Batch.of(model.roles(), filled(samples.stream().map(HeadSample::sample).toList()), padId);
      List<SampleValues> measured = meter.measure(batch, samples);
      for (int i = 0; i < measured.size(); i++) {
        values[indices.get(i)] = measured.get(i);
      }
      done += samples.size();
      options.listener.progress(before + done, chunk.fraction(done));
    }
    return List.of(values);
  }

  /** Whether there is padding before or between the tokens of a row. */
  private static boolean isMoved(HeadSample sample) {
    return sample
        .sample()
        .placements()
        .getFirst()
        .map(Sample.Placement::positions)
        .filter(at -> !at.isEmpty() && at.getLast() != at.size() - 1)
        .isPresent();
  }

  /** The remark on rows with padding before their tokens, measured once. */
  private String shift(HeadMeter meter) throws ModelException {
    String known = shift;
    if (known == null) {
      known = PositionShift.remark(model, meter, Objects.requireNonNull(text), padId);
      shift = known;
      if (!known.isEmpty()) {
        options.listener.note("in some rows " + known);
      }
    }
    return known;
  }

  private static void add(
      SampleChunk chunk, List<SampleValues> values, String shift, HeadStatistics statistics) {
    statistics.addAll(values);
    for (HeadSample sample : chunk.samples()) {
      if (!shift.isEmpty() && isMoved(sample)) {
        statistics.remark(sample.name(), shift);
      }
      sample.remarks().forEach(remark -> statistics.remark(sample.name(), remark));
    }
    chunk.passed().forEach(row -> statistics.skip(row.name(), row.reason()));
  }
}
