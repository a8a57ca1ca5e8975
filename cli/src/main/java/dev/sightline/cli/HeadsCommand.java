package dev.sightline.cli;

import dev.sightline.data.DataFormat;
import dev.sightline.data.MaskPolarity;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.heads.HeadRun;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.report.text.HeadsTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline heads}: what does each head do over a data set? */
@Command(
    name = "heads",
    description = "Measure every attention head of a model over a data set, without padding.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class HeadsCommand implements Callable<Integer> {
  static final List<Class<?>> COMMANDS = List.of(HeadsMergeCommand.class, HeadsDiffCommand.class);

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MODEL",
      description = "A model of the catalog (see 'sightline models') or a .onnx file.")
  private @Nullable String model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Samples, one a row: .jsonl, .csv, .tsv, .parquet with text, or input_ids and"
              + " attention_mask; optionally span, weight, id. Rows of .jsonl may instead give"
              + " every input of the model by name, as nested lists. Any other file: one text a"
              + " line.")
  private @Nullable Path data;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "The format of the data file, if not that of its name: lines, jsonl, csv, tsv, parquet.")
  private @Nullable String format;

  @Option(
      names = "--at",
      paramLabel = "TOKENS",
      defaultValue = "mean",
      description =
          "Real tokens that a sample's value is read from: last, mean (of all) or span (given by"
              + " the row). Default: ${DEFAULT-VALUE}.")
  private String at;

  @Option(
      names = "--metrics",
      paramLabel = "NAMES",
      description =
          "Metrics, separated by commas, or 'all'. Default: all but value-weighted, signed-share"
              + " and induction. See docs/heads.md.")
  private @Nullable String metrics;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Cut texts after N tokens. Default: the longest input of the model.")
  private @Nullable Integer maxTokens;

  @Mixin private ModelOptions options;

  @Option(
      names = "--shard",
      paramLabel = "K/N",
      defaultValue = "1/1",
      description = "Only every Nth row, starting with the Kth; 'heads merge' joins the shards.")
  private String shard;

  @Mixin private SparkOptions spark;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of the model, which decide its last digits. Default: one for each core.")
  private @Nullable Integer threads;

  @Option(names = "--strict", description = "Stop at the first unusable row.")
  private boolean strict;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "Folder for heads.json, heads.csv, heads.html and the checkpoint.")
  private @Nullable Path out;

  @Option(
      names = "--resume",
      description = "Continue from the checkpoint in the folder of --out, if there is one.")
  private boolean resume;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + HeadRun.DEFAULT_SEED,
      description = "Seed of the bootstrap. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  HeadsCommand() {}

  @Override
  public Integer call() throws IOException {
    if (model == null || data == null) {
      throw new IllegalArgumentException(
          "expected a model and its data: sightline heads MODEL --data FILE; or heads merge, heads"
              + " diff");
    }
    if (resume && out == null) {
      throw new IllegalArgumentException("--resume needs --out, the folder with the checkpoint");
    }
    DataFormat kind = format == null ? DataFormat.of(data) : DataFormat.parse(format);
    SparkRun onSpark = spark.run();
    if (onSpark != null && (resume || threads != null || !shard.equals("1/1"))) {
      throw new IllegalArgumentException("--resume, --shard and --threads do not go with --spark");
    }
    // Wrong options and an unreadable file must fail before the model is loaded.
    TokenAggregation.parse(at);
    Shard.parse(shard);
    metrics();
    options.polarity();
    if (onSpark == null) {
      DataFile.open(data, kind).close();
    }
    if (out != null) {
      OutputFiles.requireNoInput(
          OutputFiles.existing(model, data, options.tokenizer()), HeadsFolder.files(out));
    }
    try (HeadsFolder folder = out == null ? null : HeadsFolder.open(out, resume)) {
      Optional<HeadStatistics> measured =
          onSpark == null
              ? measure(model, data, kind, folder)
              : measure(model, data, kind, onSpark);
      if (onSpark != null && measured.isEmpty()) {
        return Sightline.CANNOT_RUN; // the other process said why
      }
      if (folder != null && measured.isEmpty()) {
        println("'" + folder.page() + "' is of a run that was finished: nothing to resume");
        return Sightline.FINE;
      }
      HeadStatistics statistics = measured.orElseThrow();
      new HeadsTable(spec.commandLine().getOut()).print(statistics);
      if (folder != null) {
        folder.write(statistics);
        println("");
        println("The report is " + folder.page());
      }
    }
    return Sightline.FINE;
  }

  /** Returns nothing if the run is to be resumed, and the folder has its finished results. */
  private Optional<HeadStatistics> measure(
      String name, Path file, DataFormat kind, @Nullable HeadsFolder folder) throws IOException {
    try (Watchdog watchdog = limits.watch("a batch, or the start of the model,");
        LoadedModel loaded = new ModelSource().load(name, options.tokenizer(), options.polarity());
        Progress progress = Progress.texts("measuring")) {
      HeadRun run =
          HeadRun.of(threads == null ? loaded.model() : loaded.model().withThreads(threads))
              .aggregation(TokenAggregation.parse(at))
              .metrics(metrics())
              .padId(options.padId(loaded))
              .shard(Shard.parse(shard))
              .strict(strict)
              .seed(seed)
              .listener(new ConsoleListener(progress, watchdog));
      if (loaded.tokenizer() != null) {
        run = run.tokenizer(loaded.tokenizer());
      }
      if (maxTokens != null) {
        run = run.maxTokens(maxTokens);
      }
      if (folder != null && resume && folder.isFinished()) {
        folder.requireSame(run.prepare(file, kind));
        return Optional.empty();
      }
      if (folder != null) {
        run = run.checkpoint(folder.checkpoint());
      }
      return Optional.of(run.run(file, kind));
    }
  }

  private Optional<HeadStatistics> measure(
      String name, Path file, DataFormat kind, SparkRun onSpark) throws IOException {
    try (LoadedModel loaded =
        new ModelSource().load(name, options.tokenizer(), options.polarity())) {
      List<String> arguments = new ArrayList<>();
      arguments.addAll(
          List.of("--data", SparkRun.address(file), "--format", kind.name(), "--at", at));
      arguments.addAll(
          List.of(
              "--metrics",
              metrics().stream().map(HeadMetric::id).collect(Collectors.joining(","))));
      arguments.addAll(List.of("--pad-id", Long.toString(options.padId(loaded))));
      arguments.addAll(List.of("--seed", Long.toString(seed)));
      if (maxTokens != null) {
        arguments.addAll(List.of("--max-tokens", maxTokens.toString()));
      }
      arguments.addAll(spark.words());
      if (strict) {
        arguments.add("--strict");
      }
      for (MaskPolarity each : options.polarity().stream().toList()) {
        arguments.addAll(List.of("--mask-polarity", each.id()));
      }
      return onSpark.run(
          "SparkHeads",
          loaded,
          folder -> {
            arguments.addAll(List.of("--out", folder.resolve("heads.json").toString()));
            return arguments;
          },
          HeadsFolder::read,
          spec.commandLine().getErr());
    }
  }

  private void println(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }

  private Set<HeadMetric> metrics() {
    return metrics == null ? HeadMetric.STANDARD : HeadMetric.parse(metrics);
  }

  /** Shows progress in a bar and prints notes to standard error. */
  private final class ConsoleListener implements HeadRun.Listener {
    private final Progress progress;
    private final Watchdog watchdog;

    ConsoleListener(Progress progress, Watchdog watchdog) {
      this.progress = progress;
      this.watchdog = watchdog;
    }

    @Override
    public void progress(long samples, double fraction) {
      watchdog.stepDone();
      progress.of(samples, fraction > 0 ? Math.round(samples / fraction) : -1);
    }

    @Override
    public void note(String note) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("note: " + note);
      err.flush();
    }
  }
}
