package dev.sightline.heads;

import dev.sightline.data.DataFormat;
import dev.sightline.data.MaskPolarity;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.InputFields;
import dev.sightline.heads.internal.run.Checkpoint;
import dev.sightline.heads.internal.run.ChunkMeter;
import dev.sightline.heads.internal.run.Fingerprint;
import dev.sightline.heads.internal.run.HeadMeter;
import dev.sightline.heads.internal.run.SampleChunk;
import dev.sightline.heads.internal.run.SampleReader;
import dev.sightline.heads.internal.run.TrialBatch;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run over one data file: reads its rows, measures them in batches, saves checkpoints. */
final class DataFileRun {
  /** Checkpoints take at most one part in 20 of the time. */
  private static final int CHECKPOINT_SHARE = 20;

  private final Model model;
  private final HeadRunOptions options;
  private final long padId;
  private final Optional<InputFields> inputs;
  private @Nullable Sample text;

  DataFileRun(Model model, HeadRunOptions options) throws ModelException {
    LoadedModel loaded = LoadedModel.of(model, options.tokenizer);
    this.padId = options.padId.orElseGet(loaded::padId);
    this.model = ModelExperiments.resolve(loaded.model(), padId, options.polarity);
    this.options = options;
    this.inputs = InputFields.of(model);
    if (inputs.filter(InputFields::required).isEmpty()) {
      SampleEncoder.requireIds(model);
    }
  }

  HeadStatistics run(Path data, DataFormat format) throws IOException {
    @Nullable Path file = options.checkpoint;
    List<Batch> trials = trials(data, format);
    text = trials.getFirst().samples().getFirst();
    try (HeadMeter meter = HeadMeter.open(model, options.metrics, trials);
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
      boolean isGiven = trials.getFirst().isGiven();
      List<Integer> masked = model.roles().maskedStreams();
      if (isGiven ? masked.isEmpty() : !masked.contains(0)) {
        options.listener.note(
            isGiven
                ? model + " takes no mask of a sequence in the rows: all that they give is real"
                : model + " takes no mask: all tokens of a row are real");
      }
      meter.notes().forEach(options.listener::note);
      return measureAll(start, meter, reader, file);
    }
  }

  /** Returns the statistics of a run before its first row. */
  HeadStatistics prepare(Path data, DataFormat format) throws IOException {
    try (HeadMeter meter = HeadMeter.open(model, options.metrics, trials(data, format))) {
      return start(data, format, meter).statistics();
    }
  }

  private SampleReader reader(Path data, DataFormat format, Shard shard) throws IOException {
    return new SampleReader(
        DataFile.open(data, format, inputs),
        model,
        options.tokenizer,
        options.aggregation,
        options.maxTokens,
        shard);
  }

  /** The first usable rows of the file, whatever the shard. */
  private List<Batch> trials(Path data, DataFormat format) throws IOException {
    try (SampleReader reader = reader(data, format, Shard.WHOLE)) {
      return TrialBatch.read(model, reader, padId, "'" + data + "'");
    }
  }

  private Checkpoint start(Path data, DataFormat format, HeadMeter meter) throws IOException {
    HeadStatistics statistics =
        meter.statistics(
            model,
            model.name(),
            options.aggregation,
            SampleReader.maxTokens(model, options.maxTokens),
            options.seed,
            options.shard,
            data.toString());
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
    ChunkMeter chunks =
        new ChunkMeter(model, meter, Objects.requireNonNull(text), padId, listener());
    long due = System.nanoTime();
    @Nullable Checkpoint reached = start; // null while a chunk is partly added
    try {
      for (SampleChunk chunk = SampleChunk.read(reader, options.strict);
          !chunk.isEmpty();
          chunk = SampleChunk.read(reader, options.strict)) {
        ChunkMeter.Measured measured = chunks.measure(chunk, statistics.samples());
        reached = null;
        measured.addTo(statistics);
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

  private ChunkMeter.Listener listener() {
    return new ChunkMeter.Listener() {
      @Override
      public void progress(long samples, double fraction) {
        options.listener.progress(samples, fraction);
      }

      @Override
      public void note(String note) {
        options.listener.note(note);
      }
    };
  }

  /** A full disk does not end a run: the last checkpoint is still there. */
  private void save(Checkpoint reached, Path file) {
    try {
      reached.write(file);
    } catch (IOException e) {
      options.listener.note("the checkpoint was not written, the run goes on: " + e.getMessage());
    }
  }
}
