package dev.sightline.spark;

import dev.sightline.onnx.LoadedModel;
import dev.sightline.spark.internal.AuditAgain;
import dev.sightline.spark.internal.AuditFindings;
import dev.sightline.spark.internal.DataRows;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program that {@code spark-submit} starts to audit a model over a data file. See
 * docs/spark.md.
 *
 * <pre>
 * spark-submit --class dev.sightline.spark.SparkAudit sightline-spark-4.2_2.13-shaded.jar \
 *   MODEL --data FILE --out findings.jsonl
 * </pre>
 */
@Command(
    name = "SparkAudit",
    description = "Compare every row of a data file alone against in a batch, and probe the first.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class SparkAudit implements Callable<Integer> {
  @Mixin private SparkData data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The findings, a JSON object a line: of the model, then of each row.")
  private Path out;

  @Option(
      names = "--again",
      paramLabel = "DIR",
      hidden = true,
      description =
          "Write the rows that decide the verdict there, for 'sightline audit', which audits them.")
  private @Nullable Path again;

  /** The program without its arguments, which picocli sets. */
  @SuppressWarnings("NullAway.Init")
  public SparkAudit() {}

  /**
   * Runs the program. It prints a line for each shard to standard error, and ends the process with
   * 0, or with 2 and one message if it cannot run. What it found is in the file.
   *
   * @param args as {@link SparkAudit} shows them
   */
  public static void main(String[] args) {
    SparkData.run(new SparkAudit(), args);
  }

  @Override
  public Integer call() throws IOException {
    try (LoadedModel loaded = data.load();
        SparkSession session = SparkSession.builder().appName("sightline audit").getOrCreate()) {
      DataRows rows = data.rows(session);
      AuditFindings findings =
          SightlineSpark.audit(
              session, loaded, rows, data.options(), rows.isJson(), SparkHeads::print);
      if (again != null) {
        AuditAgain.write(again, findings, rows);
      }
      Iterator<String> lines = findings.frame(session).toJSON().toLocalIterator();
      AtomicFile.write(
          out,
          file -> {
            while (lines.hasNext()) {
              file.write((lines.next() + "\n").getBytes(StandardCharsets.UTF_8));
            }
          });
      return 0;
    }
  }
}
