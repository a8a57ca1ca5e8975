package dev.sightline.spark;

import dev.sightline.data.DataFormat;
import dev.sightline.data.MaskPolarity;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.spark.internal.DataRows;
import dev.sightline.spark.internal.StateFold;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** What the programs for {@code spark-submit} have in common: a model and the rows of a file. */
final class SparkData {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A .onnx file or a folder with one, on the machine of the driver.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description =
          "Samples, one a row, at an address that Spark can read: .jsonl, .csv, .tsv, .parquet with"
              + " text, or input_ids and attention_mask. Any other file: one text a line.")
  private String data;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = FormatConverter.class,
      description =
          "The format of the data, if not that of its name: lines, jsonl, csv, tsv, parquet.")
  private @Nullable DataFormat format;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "The tokenizer.json of a .onnx file, if it is not beside it.")
  private @Nullable Path tokenizer;

  @Option(
      names = "--model-name",
      paramLabel = "NAME",
      description = "The model's name in the results. Default: its path.")
  private @Nullable String modelName;

  @Option(
      names = "--pad-id",
      paramLabel = "ID",
      description = "The id of padding. Default: the tokenizer's or the graph's own, else 0.")
  private @Nullable Long padId;

  @Option(
      names = "--mask-polarity",
      paramLabel = "WHICH",
      converter = PolarityConverter.class,
      description = "What the mask input means: 1-is-token or 1-is-padding. Default: found out.")
  private @Nullable MaskPolarity polarity;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Cut texts after N tokens. Default: the longest input of the model.")
  private @Nullable Integer maxTokens;

  @Option(names = "--seed", paramLabel = "N", description = "Seed of all that is drawn at random.")
  private @Nullable Long seed;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Deal the rows out to N shards. Default: one for each 4,000 rows, 16 at least.")
  private @Nullable Integer shards;

  @Option(names = "--strict", description = "Stop at the first unusable row.")
  private boolean strict;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  SparkData() {}

  /** Says of a wrong value what the library says of it. */
  abstract static class Converter<T> implements ITypeConverter<T> {
    abstract T parse(String value);

    @Override
    public T convert(String value) {
      try {
        return parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  private static final class FormatConverter extends Converter<DataFormat> {
    @Override
    DataFormat parse(String value) {
      return DataFormat.parse(value);
    }
  }

  private static final class PolarityConverter extends Converter<MaskPolarity> {
    @Override
    MaskPolarity parse(String value) {
      return MaskPolarity.parse(value);
    }
  }

  /**
   * Runs a program and ends the process: 2 with one message if it cannot run.
   *
   * @param program a command
   */
  static void run(Object program, String[] args) {
    CommandLine commands = new CommandLine(program);
    commands.setParameterExceptionHandler((e, given) -> failed(e.getMessage()));
    commands.setExecutionExceptionHandler((e, command, parsed) -> {
      if (e instanceof IllegalArgumentException || e instanceof IOException) {
        return failed(e.getMessage());
      }
      if (e instanceof SparkThrowable) { // such as a damaged file, found while rows are counted
        return failed(StateFold.failed(e).getMessage());
      }
      throw e;
    });
    int code = commands.execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  private static int failed(@Nullable String message) {
    System.err.println("sightline: " + message);
    return 2;
  }

  LoadedModel load() throws IOException {
    return LoadedModel.open(model, Optional.ofNullable(tokenizer));
  }

  DataRows rows(SparkSession session) throws IOException {
    return DataRows.read(session, data, format == null ? DataFormat.of(Path.of(data)) : format);
  }

  HeadsOptions options() {
    HeadsOptions options = HeadsOptions.text("text").data(data).strict(strict);
    if (shards != null) {
      options = options.shards(shards);
    }
    if (modelName != null) {
      options = options.modelName(modelName);
    }
    if (maxTokens != null) {
      options = options.maxTokens(maxTokens);
    }
    if (polarity != null) {
      options = options.maskPolarity(polarity);
    }
    if (padId != null) {
      options = options.padId(padId);
    }
    return seed == null ? options : options.seed(seed);
  }
}
