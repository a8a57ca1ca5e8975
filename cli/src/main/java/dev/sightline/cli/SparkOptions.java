package dev.sightline.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command runs over many rows, if not in its own process. */
final class SparkOptions {
  @Option(
      names = "--spark",
      paramLabel = "MASTER",
      description =
          "Run on Spark: local[*] in a process of this machine, spark://HOST:7077 on a cluster. See"
              + " docs/spark.md.")
  private @Nullable String spark;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description =
          "With --spark, deal the rows out to N shards. Default: one for each 4,000 rows, 16 at"
              + " least.")
  private @Nullable Integer shards;

  /**
   * Returns the run that was asked for; null if none was.
   *
   * @throws IllegalArgumentException if the options make no sense, or Spark cannot be run from here
   */
  @Nullable SparkRun run() {
    if (shards != null && (spark == null || shards < 1)) {
      throw new IllegalArgumentException("--shards is 1 or more, and goes with --spark");
    }
    return spark == null ? null : SparkRun.on(spark);
  }

  /** Returns the words about shards for the program on Spark. */
  List<String> words() {
    return shards == null ? List.of() : List.of("--shards", shards.toString());
  }

  /** Returns the address that was given; null if none was. */
  @Nullable String master() {
    return spark;
  }
}
