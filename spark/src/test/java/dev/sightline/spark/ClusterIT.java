package dev.sightline.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.onnx.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on a master and two workers, whose executors have the shaded jar and nothing else of us. */
class ClusterIT {
  private static final String SHADED =
      Objects.requireNonNull(System.getProperty("sightline.spark.shaded"));

  @TempDir private static Path folder;

  private static Cluster cluster;
  private static LoadedModel model;

  @BeforeAll
  static void start() throws Exception {
    cluster = new Cluster(Files.createDirectory(folder.resolve("spark")));
    model = TinyGpt.load();
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    if (model != null) {
      model.close();
    }
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .master(cluster.master())
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", false)
        .config("spark.jars", SHADED)
        .config("spark.executor.memory", "600m")
        .config("spark.executor.cores", 1)
        .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.scheduler.minRegisteredResourcesRatio", 1.0)
        .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s")
        .config("spark.speculation", true)
        .config("spark.speculation.interval", "20ms")
        .config("spark.speculation.quantile", 0.5)
        .config("spark.speculation.multiplier", 1.1)
        .config("spark.speculation.minTaskRuntime", "20ms")
        .getOrCreate();
  }

  private static Path write(String name, List<String> texts) throws IOException {
    return Files.write(
        folder.resolve(name), texts.stream().map(text -> "{\"text\": \"" + text + "\"}").toList());
  }

  /** Counts what Spark does to the tasks. */
  private static final class Watch extends SparkListener {
    private final AtomicInteger removed = new AtomicInteger();
    private final AtomicInteger duplicates = new AtomicInteger();

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
      if (start.taskInfo().speculative()) {
        duplicates.incrementAndGet();
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved end) {
      removed.incrementAndGet();
    }
  }

  /** The last of four partitions takes three seconds longer, in each attempt. */
  private static void assertSameWithADuplicate(SparkSession spark, Watch watch) throws Exception {
    List<String> texts = TinyGpt.texts(40);
    Dataset<Row> frame =
        spark
            .createDataset(
                JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(texts, 4).rdd(),
                Encoders.STRING())
            .toDF("prompt");
    Dataset<Row> slow =
        frame.selectExpr(
            "if(prompt = '"
                + texts.getLast()
                + "', concat(prompt, substring(reflect('java.lang.Thread', 'sleep', 3000L), 1, 0)),"
                + " prompt) AS prompt");
    HeadsOptions options = HeadsOptions.text("prompt").data("texts");
    String expected = TinyGpt.json(SightlineSpark.headState(model, frame, options));

    assertThat(TinyGpt.json(SightlineSpark.headState(model, slow, options))).isEqualTo(expected);

    spark.sparkContext().listenerBus().waitUntilEmpty();
    assertThat(watch.duplicates).as("tasks that ran twice at a time").hasPositiveValue();
  }

  @Test
  void aTaskRunTwice_andAnExecutorKilledInMidRun_changeNoByte() throws Exception {
    List<String> texts = TinyGpt.texts(5_000);
    Path file = write("texts.jsonl", texts);
    Watch watch = new Watch();
    try (SparkSession spark = session()) {
      spark.sparkContext().addSparkListener(watch);
      assertSameWithADuplicate(spark, watch);
      Dataset<Row> frame = spark.createDataset(texts, Encoders.STRING()).toDF("prompt");
      List<ProcessHandle> killed = new ArrayList<>();
      HeadStatistics state =
          SightlineSpark.headState(
              model,
              frame,
              HeadsOptions.text("prompt").data(file.toString()).shards(8),
              (measured, skipped, done, shards) -> {
                if (killed.isEmpty()) {
                  ProcessHandle first = cluster.executors().getFirst();
                  killed.add(first);
                  first.destroyForcibly();
                }
              });
      HeadStatistics expected = TinyGpt.merged(model, file, 8);

      spark.sparkContext().listenerBus().waitUntilEmpty();
      assertThat(killed).hasSize(1); // after the first of 8 shards
      assertThat(watch.removed).as("executors that were lost").hasPositiveValue();
      assertThat(TinyGpt.json(state)).isEqualTo(TinyGpt.json(expected));
      assertThat(state.samples()).isEqualTo(5_000);
      assertThat(state.diff(expected, Weighting.MACRO, Map.of()).cells())
          .allSatisfy(cell -> assertThat(cell.difference().orElseThrow()).isZero());
    }
  }

  /** The command of docs/spark.md, word for word. */
  @Test
  void theDocumentedCommand_givesTheBytesOfHeadsMerge() throws Exception {
    Path run = Files.createDirectory(folder.resolve("run"));
    Path docs = Path.of("..", "docs");
    Path data = run.resolve("verses.jsonl");
    Files.copy(docs.resolve("examples").resolve("verses.jsonl"), data);
    TinyGpt.folder(run.resolve("tiny-gpt"));
    Path jar = Path.of(SHADED);
    Files.createSymbolicLink(run.resolve(jar.getFileName()), jar);
    String page = Files.readString(docs.resolve("spark.md"));
    int start = page.indexOf("spark-submit --master");
    Process submit =
        cluster.shell(
            "submit",
            run,
            page.substring(start, page.indexOf("```", start)),
            List.of(
                "spark.driver.host 127.0.0.1",
                "spark.ui.enabled false",
                "spark.executor.memory 600m"));
    assertThat(submit.waitFor(8, TimeUnit.MINUTES)).isTrue();
    String log = cluster.log("submit");
    assertThat(submit.exitValue()).as(log).isZero();
    assertThat(log).contains("shard 4 of 4 done");
    assertThat(Files.readString(run.resolve("heads.json")))
        .isEqualTo(
            TinyGpt.json(TinyGpt.merged(model, data, 4))
                .replace(data.toString(), data.getFileName().toString()));
  }
}
