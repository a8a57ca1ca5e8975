package dev.sightline.cli;

import dev.sightline.audit.Audit;
import dev.sightline.audit.SampleSource;
import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.result.SampleOrigin.Kind;
import dev.sightline.data.DataFormat;
import dev.sightline.data.MaskPolarity;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.SampleFile;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What a model is audited with: texts, token ids, tensors, or what the model's own inputs let one
 * make up. Each call of {@link #open} begins anew.
 */
final class AuditSamples {
  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "A text to audit with; may be given several times.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "A data file, as heads reads it: a text a line, or rows of .jsonl, .csv, .tsv or .parquet"
              + " with a text or input_ids.")
  private @Nullable Path data;

  @Option(
      names = "--ids",
      paramLabel = "IDS",
      description = "Token ids of a sample, such as '101 2023 102'; may be given several times.")
  private List<String> ids = new ArrayList<>();

  @Option(
      names = "--inputs",
      paramLabel = "FILE",
      description =
          "Samples as tensors (.npz, .safetensors), named as the model's inputs, a row each.")
  private @Nullable Path inputs;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--id-range",
      paramLabel = "LOW:HIGH",
      description =
          "Random token ids are drawn from LOW to below HIGH. Default: the model's own table.")
  private @Nullable String idRange;

  @Option(
      names = "--side",
      paramLabel = "SIDE",
      description =
          "Where padding must do no harm: right, left or both. Default: both for a decoder with a"
              + " mask, else where the tokenizer pads, else right; what fails elsewhere is told.")
  private @Nullable String side;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + Audit.DEFAULT_SEED,
      description = "Seed of all that is drawn at random. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  AuditSamples() {}

  long seed() {
    return seed;
  }

  @Nullable Path tokenizer() {
    return modelOptions.tokenizer();
  }

  Optional<MaskPolarity> polarity() {
    return modelOptions.polarity();
  }

  void check() {
    int given = (texts.isEmpty() ? 0 : 1) + (data == null ? 0 : 1) + (ids.isEmpty() ? 0 : 1);
    if (given + (inputs == null ? 0 : 1) > 1) {
      throw new IllegalArgumentException("give one of --text, --data, --ids and --inputs");
    }
  }

  /**
   * Returns the data file, which Spark is to read.
   *
   * @throws IllegalArgumentException if there is none
   */
  Path requireData() {
    if (data == null) {
      throw new IllegalArgumentException("--spark goes with --data FILE");
    }
    return data;
  }

  /** Returns what the program on Spark is told of all this. */
  List<String> sparkWords(Options options) {
    Path file = requireData();
    CommandWords words =
        new CommandWords("--data", SparkRun.address(file))
            .add("--format", DataFormat.of(file).name())
            .add("--pad-id", options.padId())
            .add("--seed", seed)
            .add("--mask-polarity", modelOptions.polarityText());
    return words.list();
  }

  /** Returns the files that an audit reads. */
  List<Path> files(String model, @Nullable String expect) throws IOException {
    return OutputFiles.existing(model, expect, data, inputs, modelOptions.tokenizer());
  }

  Options options(LoadedModel loaded, Optional<Pooling> pooling) {
    long low = 0;
    OptionalLong high = OptionalLong.empty();
    if (idRange != null) {
      String[] ends = idRange.split(":", -1);
      if (ends.length != 2) {
        throw new IllegalArgumentException(
            "'" + idRange + "' is not a range of ids; expected LOW:HIGH, such as 5:30000");
      }
      low = number(ends[0], "--id-range");
      high = OptionalLong.of(number(ends[1], "--id-range"));
    }
    long padding = modelOptions.padId(loaded);
    if (padding < 0) {
      throw new IllegalArgumentException(
          "the id of padding must not be negative, but is " + padding);
    }
    Optional<Sides> sides = side == null ? Optional.empty() : Optional.of(Sides.parse(side));
    return new Options(seed, padding, low, high, pooling, sides, loaded.tokenizer());
  }

  /** What was asked for, with the defaults. */
  record Options(
      long seed,
      long padId,
      long lowestId,
      OptionalLong highestId,
      Optional<Pooling> pooling,
      Optional<Sides> sides,
      @Nullable Tokenizer tokenizer) {
    RandomTokens randomTokens(Model model) {
      return new RandomTokens(model, padId, lowestId, highestId, seed);
    }

    Audit of(Model model) {
      return of(Audit.of(model));
    }

    Audit of(Audit plain) {
      Audit audit = plain.seed(seed).padId(padId);
      if (highestId.isPresent()) {
        audit = audit.ids(lowestId, highestId.getAsLong());
      }
      if (pooling.isPresent()) {
        audit = audit.pooling(pooling.get());
      }
      if (sides.isPresent()) {
        audit = audit.side(sides.get());
      }
      return tokenizer == null ? audit : audit.tokenizer(tokenizer);
    }
  }

  private static long number(String digits, String option) {
    try {
      return Long.parseLong(digits.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + digits + "' of " + option + " is not a whole number", e);
    }
  }

  SampleSource open(LoadedModel loaded, Options options, Consumer<String> notes)
      throws IOException {
    Model model = loaded.model();
    if (inputs != null) {
      SampleFile file = SampleFile.read(model, inputs, options.randomTokens(model));
      if (!file.madeUp().isEmpty()) {
        notes.accept("not in the file, and made up: " + String.join(", ", file.madeUp()));
      }
      return SampleSource.of(Kind.TENSORS, file.samples());
    }
    if (!ids.isEmpty()) {
      return SampleSource.of(Kind.TOKEN_IDS, samplesOfIds(model));
    }
    if (data != null) {
      return SampleSource.file(loaded, data, notes);
    }
    return texts.isEmpty()
        ? SampleSource.builtIn(loaded, options.randomTokens(model), notes)
        : SampleSource.texts(loaded, texts, notes);
  }

  private List<Sample> samplesOfIds(Model model) throws ModelException {
    SampleEncoder encoder = SampleEncoder.of(model, null);
    List<Sample> samples = new ArrayList<>();
    for (String row : ids) {
      String[] words = row.strip().split("[\\s,]+", -1);
      long[] numbers = new long[words.length];
      for (int i = 0; i < words.length; i++) {
        numbers[i] = number(words[i], "--ids");
      }
      samples.add(encoder.sample(samples.size() + 1L, row, TokenizedText.ofIds(numbers)));
    }
    return samples;
  }

  /** What was typed of all this, for the command that repeats an audit. */
  List<String> words() {
    CommandWords words = new CommandWords();
    texts.forEach(text -> words.add("--text", text));
    ids.forEach(row -> words.add("--ids", row));
    return words
        .add("--data", data)
        .add("--inputs", inputs)
        .add("--tokenizer", modelOptions.tokenizer())
        .add("--id-range", idRange)
        .add("--pad-id", modelOptions.padId())
        .add("--mask-polarity", modelOptions.polarityText())
        .add("--side", side)
        .list();
  }
}
