package dev.sightline.spark;

import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.spark.internal.DataRows;
import dev.sightline.spark.internal.HeadsJob;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The program that {@code spark-submit} starts to measure heads over a data file. See
 * docs/spark.md.
 *
 * <pre>
 * spark-submit --class dev.sightline.spark.SparkHeads sightline-spark-4.2_2.13-shaded.jar \
 *   MODEL --data FILE --out heads.json
 * </pre>
 */
@Command(
    name = "SparkHeads",
    description = "Measure every attention head of a model over the rows of a data file.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class SparkHeads implements Callable<Integer> {
  @Mixin private SparkData data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description =
          "A .json file for the statistics; any other name is that of a Parquet table, to which a"
              + " row with the state of each shard is added.")
  private String out;

  @Option(
      names = "--at",
      paramLabel = "TOKENS",
      defaultValue = "mean",
      converter = AggregationConverter.class,
      description = "Real tokens that a sample's value is read from: last, mean or span.")
  private TokenAggregation at;

  @Option(
      names = "--metrics",
      paramLabel = "NAMES",
      description =
          "all, or metrics separated by commas. Default: those of 'sightline heads' without it.")
  private @Nullable String metrics;

  /** The program without its arguments, which picocli sets. */
  @SuppressWarnings("NullAway.Init")
  public SparkHeads() {}

  private static final class AggregationConverter extends SparkData.Converter<TokenAggregation> {
    @Override
    TokenAggregation parse(String value) {
      return TokenAggregation.parse(value);
    }
  }

  /**
   * Runs the program. It prints a line for each shard to standard error, and ends the process with
   * 0, or with 2 and one message if it cannot run.
   *
   * @param args as {@link SparkHeads} shows them
   */
  public static void main(String[] args) {
    SparkData.run(new SparkHeads(), args);
  }

  @Override
  public Integer call() throws IOException {
    HeadsOptions options = data.options().at(at);
    HeadsOptions chosen =
        metrics == null
            ? options
            : options.metrics(HeadMetric.parse(metrics).toArray(HeadMetric[]::new));
    try (LoadedModel loaded = data.load();
        SparkSession session = SparkSession.builder().appName("sightline heads").getOrCreate()) {
      DataRows rows = data.rows(session);
      HeadsJob job =
          SightlineSpark.job(
              session, loaded, rows.inOrder(), rows.dealt(chosen.shards()), chosen, rows.isJson());
      if (!out.endsWith(".json")) {
        SightlineSpark.states(session, job, chosen.data()).write().mode("append").parquet(out);
        return 0;
      }
      HeadStatistics statistics = job.run(SparkHeads::print);
      AtomicFile.write(Path.of(out), statistics::writeJson);
      return 0;
    }
  }

  static void print(long measured, long skipped, int done, int shards) {
    System.err.printf(
        Locale.ROOT,
        "shard %d of %d done: %d rows measured, %d passed over%n",
        done,
        shards,
        measured,
        skipped);
  }

  /** The program that merges tables of states. */
  @Command(
      name = "SparkHeads.Merge",
      description = "Merge the states of tables into one heads.json.",
      mixinStandardHelpOptions = true)
  public static final class Merge implements Callable<Integer> {
    @Parameters(
        arity = "1..*",
        paramLabel = "TABLE",
        description = "Parquet tables that SparkHeads wrote.")
    private List<String> tables;

    @Option(
        names = "--out",
        required = true,
        paramLabel = "FILE",
        description = "The heads.json to write.")
    private Path out;

    /** The program without its arguments, which picocli sets. */
    @SuppressWarnings("NullAway.Init")
    public Merge() {}

    /**
     * Runs the program, and ends the process with 0, or with 2 and one message.
     *
     * @param args tables, and {@code --out FILE}
     */
    public static void main(String[] args) {
      SparkData.run(new Merge(), args);
    }

    @Override
    public Integer call() throws IOException {
      try (SparkSession session =
          SparkSession.builder().appName("sightline heads merge").getOrCreate()) {
        HeadStatistics sum =
            SightlineSpark.merge(DataRows.table(session, tables.toArray(String[]::new)));
        AtomicFile.write(out, sum::writeJson);
        return 0;
      }
    }
  }
}
