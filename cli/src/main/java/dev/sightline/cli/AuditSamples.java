package dev.sightline.cli;

import dev.sightline.audit.Audit;
import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.result.SampleOrigin;
import dev.sightline.audit.result.SampleOrigin.Kind;
import dev.sightline.data.DataFormat;
import dev.sightline.data.MaskPolarity;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.SampleFile;
import dev.sightline.data.file.FileSamples;
import dev.sightline.data.file.TextSamples;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
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
  /** Of clearly different lengths, so that all but one need padding when they share a batch. */
  private static final List<String> BUILT_IN_TEXTS =
      List.of(
          "Hello.",
          "Where is the nearest station?",
          "The cat sat on the mat and watched the rain.",
          "A mask says which token may look at which; when it is wrong, nothing crashes.",
          "She opened the letter slowly, read it twice, folded it along its old creases, and put it"
              + " back into the drawer without a word.",
          "Batches are rectangles and texts are not, so every text shorter than the longest one is"
              + " filled up with padding that no real token is ever supposed to see, however many"
              + " layers and heads the model has.");

  private static final int RANDOM_SAMPLES = 8;

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
      names = "--pooling",
      paramLabel = "WAY",
      description =
          "How the output for a whole text is made: mean, cls, first, last, max or weighted-mean of"
              + " real tokens. Default: found out.")
  private @Nullable String pooling;

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

  /** A source, and what it holds open. */
  record Open(SampleOrigin origin, Iterable<Sample> samples, long total, AutoCloseable file)
      implements AutoCloseable {
    /**
     * An audit of these samples. Of a data file, the first ones alone are asked everything.
     *
     * @param samples these samples, as they are or wrapped
     */
    Audit over(Audit audit, Iterable<Sample> samples) {
      Audit given = audit.origin(origin).samples(samples);
      return origin.kind() == Kind.DATA_FILE ? given.probeFirst(BUILT_IN_TEXTS.size()) : given;
    }

    @Override
    public void close() throws IOException {
      try {
        file.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }

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

  /** Returns the files that an audit reads. */
  List<Path> files(String model, @Nullable String expect) throws IOException {
    return OutputFiles.existing(model, expect, data, inputs, modelOptions.tokenizer());
  }

  Options options(LoadedModel loaded) {
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
    return new Options(seed, padding, low, high, pooling(), sides, loaded.tokenizer());
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

  private Optional<Pooling> pooling() {
    return pooling == null ? Optional.empty() : Optional.of(Pooling.parse(pooling));
  }

  private static long number(String digits, String option) {
    try {
      return Long.parseLong(digits.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + digits + "' of " + option + " is not a whole number", e);
    }
  }

  Open open(LoadedModel loaded, Options options, Consumer<String> notes) throws IOException {
    Model model = loaded.model();
    Tokenizer words = loaded.tokenizer();
    if (inputs != null) {
      SampleFile file = SampleFile.read(model, inputs, options.randomTokens(model));
      if (!file.madeUp().isEmpty()) {
        notes.accept("not in the file, and made up: " + String.join(", ", file.madeUp()));
      }
      return of(Kind.TENSORS, file.samples());
    }
    if (!ids.isEmpty()) {
      return of(Kind.TOKEN_IDS, samplesOfIds(model));
    }
    if (data != null) {
      FileSamples file = new FileSamples(model, words, data, DataFormat.of(data), notes);
      long rows = Progress.isShown() ? file.countRows() : -1;
      return new Open(SampleOrigin.of(Kind.DATA_FILE), file, rows, file);
    }
    List<TokenStream> streams = model.roles().streams();
    boolean readable = !streams.isEmpty() && streams.stream().allMatch(TokenStream::isOfIds);
    if (!texts.isEmpty()) {
      if (words == null) {
        throw new ModelException(
            "texts need a tokenizer, and there is no tokenizer.json beside "
                + model
                + loaded.search().remarks().stream()
                    .map(each -> " (" + each + ")")
                    .findFirst()
                    .orElse("")
                + "; name one with --tokenizer, or leave texts away for random ids");
      }
      return ofTexts(Kind.TEXTS, model, words, texts, notes);
    }
    if (words != null && readable) {
      return ofTexts(Kind.BUILT_IN_TEXTS, model, words, BUILT_IN_TEXTS, notes);
    }
    List<Sample> samples = madeUp(model, options);
    SampleOrigin origin =
        readable
            ? new SampleOrigin(Kind.RANDOM_IDS, loaded.search().places(), loaded.search().remarks())
            : SampleOrigin.of(Kind.RANDOM_VALUES);
    return new Open(origin, samples, samples.size(), () -> {});
  }

  private static List<Sample> madeUp(Model model, Options options) throws ModelException {
    return options.randomTokens(model).samples(RANDOM_SAMPLES);
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

  private static Open of(Kind kind, List<Sample> samples) {
    return new Open(SampleOrigin.of(kind), samples, samples.size(), () -> {});
  }

  private static Open ofTexts(
      Kind kind, Model model, Tokenizer words, List<String> texts, Consumer<String> notes)
      throws ModelException {
    return new Open(
        SampleOrigin.of(kind), new TextSamples(model, words, texts, notes), texts.size(), () -> {});
  }

  /** What was typed of all this, for the command that repeats an audit. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    texts.forEach(text -> words.addAll(List.of("--text", text)));
    ids.forEach(row -> words.addAll(List.of("--ids", row)));
    add(words, "--data", data);
    add(words, "--inputs", inputs);
    add(words, "--tokenizer", modelOptions.tokenizer());
    add(words, "--id-range", idRange);
    add(words, "--pad-id", modelOptions.padId());
    add(words, "--mask-polarity", modelOptions.polarityText());
    add(words, "--pooling", pooling);
    add(words, "--side", side);
    return words;
  }

  private static void add(List<String> words, String option, @Nullable Object value) {
    if (value != null) {
      words.addAll(List.of(option, value.toString()));
    }
  }
}
