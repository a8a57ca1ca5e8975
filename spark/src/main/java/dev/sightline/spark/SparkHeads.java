package dev.sightline.spark;

import dev.sightline.data.DataFormat;
import dev.sightline.data.MaskPolarity;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.spark.internal.DataRows;
import dev.sightline.spark.internal.HeadsJob;
import dev.sightline.tensor.internal.AtomicFile;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * The program that {@code spark-submit} starts: measures the rows of a data file, and writes {@code
 * heads.json}, which {@code sightline heads merge} and {@code heads diff} read. See docs/spark.md.
 *
 * <pre>
 * spark-submit --class dev.sightline.spark.SparkHeads sightline-spark-4.2_2.13-shaded.jar \
 *   MODEL --data FILE --out heads.json
 * </pre>
 */
public final class SparkHeads {
  private static final Set<String> OPTIONS =
      Set.of(
          "--mask-polarity",
          "--data",
          "--format",
          "--out",
          "--at",
          "--metrics",
          "--max-tokens",
          "--tokenizer",
          "--model-name",
          "--pad-id",
          "--seed",
          "--shards",
          "--strict");

  private final String model;
  private final Map<String, String> given;

  private SparkHeads(String model, Map<String, String> given) {
    this.model = model;
    this.given = given;
  }

  /**
   * Runs the program. It prints a line for each shard to standard error, and ends the process with
   * 0, or with 2 and one message if it cannot run.
   *
   * @param args as {@link SparkHeads} shows them
   */
  public static void main(String[] args) {
    try {
      parse(args).run(System.err);
    } catch (IllegalArgumentException | IOException e) {
      System.err.println("sightline: " + e.getMessage());
      System.exit(2);
    }
  }

  private static SparkHeads parse(String[] args) {
    Map<String, String> given = new HashMap<>();
    String model = "";
    for (int i = 0; i < args.length; i++) {
      if (!args[i].startsWith("--")) {
        if (!model.isEmpty()) {
          throw new IllegalArgumentException(
              "expected one model, not '" + model + "' and '" + Quoted.shortened(args[i]) + "'");
        }
        model = args[i];
      } else if (!OPTIONS.contains(args[i])) {
        throw new IllegalArgumentException(
            "there is no option '"
                + Quoted.shortened(args[i])
                + "'; expected some of "
                + String.join(", ", OPTIONS.stream().sorted().toList()));
      } else if (args[i].equals("--strict")) {
        given.put(args[i], "");
      } else if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value");
      } else {
        given.put(args[i], args[++i]);
      }
    }
    if (model.isEmpty() || !given.containsKey("--data") || !given.containsKey("--out")) {
      throw new IllegalArgumentException(
          "expected a model, its data and a file: MODEL --data FILE --out heads.json");
    }
    return new SparkHeads(model, given);
  }

  private Optional<String> option(String name) {
    return Optional.ofNullable(given.get(name));
  }

  private Optional<Long> number(String name) {
    return option(name)
        .map(text -> {
          try {
            return Long.parseLong(text);
          } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                name + " is a whole number, not '" + Quoted.shortened(text) + "'", e);
          }
        });
  }

  private HeadsOptions options() {
    HeadsOptions options = HeadsOptions.text("text").data(data());
    for (String name : option("--model-name").stream().toList()) {
      options = options.modelName(name);
    }
    options = options.strict(given.containsKey("--strict"));
    options = options.at(option("--at").map(TokenAggregation::parse).orElse(TokenAggregation.MEAN));
    if (given.containsKey("--metrics")) {
      options = options.metrics(metrics(option("--metrics").orElseThrow()));
    }
    for (long tokens : number("--max-tokens").stream().toList()) {
      options = options.maxTokens(Math.toIntExact(tokens));
    }
    for (String polarity : option("--mask-polarity").stream().toList()) {
      options = options.maskPolarity(MaskPolarity.valueOf(polarity));
    }
    for (long id : number("--pad-id").stream().toList()) {
      options = options.padId(id);
    }
    for (long seed : number("--seed").stream().toList()) {
      options = options.seed(seed);
    }
    return options;
  }

  private static HeadMetric[] metrics(String names) {
    List<String> ids = List.of(names.split(",", -1));
    for (String id : ids) {
      if (Stream.of(HeadMetric.values()).noneMatch(metric -> metric.id().equals(id))) {
        throw new IllegalArgumentException("there is no metric '" + Quoted.shortened(id) + "'");
      }
    }
    return Stream.of(HeadMetric.values())
        .filter(metric -> ids.contains(metric.id()))
        .toArray(HeadMetric[]::new);
  }

  private String data() {
    return option("--data").orElseThrow();
  }

  private void run(PrintStream err) throws IOException {
    HeadsOptions options = options();
    DataFormat format =
        option("--format").map(DataFormat::parse).orElseGet(() -> DataFormat.of(Path.of(data())));
    int shards = Math.toIntExact(number("--shards").orElse(0L));
    try (LoadedModel loaded =
            LoadedModel.open(Path.of(model), option("--tokenizer").map(Path::of));
        SparkSession session = SparkSession.builder().appName("sightline heads").getOrCreate()) {
      DataRows rows = DataRows.read(session, data(), format);
      HeadsJob job =
          SightlineSpark.job(
              session, loaded, rows.inOrder(), rows.dealt(shards), options, rows.isJson());
      HeadStatistics statistics =
          job.run((measured, skipped, done, all) ->
              err.printf(
                  Locale.ROOT,
                  "shard %d of %d done: %d rows measured, %d passed over%n",
                  done,
                  all,
                  measured,
                  skipped));
      AtomicFile.write(Path.of(option("--out").orElseThrow()), statistics::writeJson);
    }
  }
}
