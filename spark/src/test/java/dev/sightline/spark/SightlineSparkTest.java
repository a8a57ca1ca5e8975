package dev.sightline.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.DataFormat;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.SkippedSamples;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.spark.internal.DataRows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on two threads of this process, as {@code local[2]}. */
class SightlineSparkTest {
  private static final HeadsOptions OPTIONS = HeadsOptions.text("prompt").id("name");

  private static final SparkSession SPARK = LocalSpark.SESSION;

  private static LoadedModel model;

  @BeforeAll
  static void start() throws IOException {
    model = TinyGpt.load();
  }

  @AfterAll
  static void stop() {
    model.close();
  }

  /** A frame of named texts with partitions of these sizes. */
  private static Dataset<Row> frame(List<String> texts, int... sizes) {
    List<List<Row>> parts = new ArrayList<>();
    int at = 0;
    for (int size : sizes) {
      List<Row> part = new ArrayList<>();
      for (String text : texts.subList(at, at + size)) {
        part.add(RowFactory.create("row-" + at++, text));
      }
      parts.add(part);
    }
    return SPARK.createDataFrame(
        LocalSpark.context().parallelize(parts, sizes.length).flatMap(List::iterator),
        LocalSpark.TEXTS);
  }

  @Test
  void dealtShards_giveTheBytesOfHeadsMerge(@TempDir Path folder) throws IOException {
    List<String> texts = new ArrayList<>(TinyGpt.texts(300));
    Path file = folder.resolve("texts.jsonl");
    texts.set(100, "");
    StringBuilder lines = new StringBuilder();
    texts.forEach(text -> lines.append("{\"text\": \"").append(text).append("\"}\n"));
    Files.writeString(file, lines);
    Dataset<Row> frame = SPARK.createDataset(texts, Encoders.STRING()).toDF("prompt");

    HeadStatistics state =
        SightlineSpark.headState(
            model, frame, HeadsOptions.text("prompt").data(file.toString()).shards(3));
    HeadStatistics expected = TinyGpt.merged(model, file, 3);

    assertThat(TinyGpt.json(state)).isEqualTo(TinyGpt.json(expected));
    assertThat(state.samples()).isEqualTo(299);
    assertThat(state.skips())
        .isEqualTo(Map.of("its text is empty", new SkippedSamples(1, List.of("line 101"))));
    assertThat(state.shards()).containsExactly(Shard.WHOLE);
    assertThat(state.diff(expected, Weighting.MACRO, Map.of()).cells())
        .allSatisfy(cell -> assertThat(cell.difference().orElseThrow()).isZero());
  }

  @Test
  void skewedPartitions_giveTheSameEachTime_andWhatOnePartitionGives() throws IOException {
    List<String> texts = TinyGpt.texts(200);
    HeadStatistics skewed = SightlineSpark.headState(model, frame(texts, 1, 0, 170, 29), OPTIONS);
    HeadStatistics again = SightlineSpark.headState(model, frame(texts, 1, 0, 170, 29), OPTIONS);
    HeadStatistics one = SightlineSpark.headState(model, frame(texts, 200), OPTIONS);

    assertThat(TinyGpt.json(again)).isEqualTo(TinyGpt.json(skewed));
    assertThat(skewed.samples()).isEqualTo(200);
    assertThat(skewed.diff(one, Weighting.MICRO, Map.of()).cells())
        .allSatisfy(cell -> assertThat(Math.abs(cell.difference().orElseThrow())).isLessThan(1e-6));
  }

  /** Rows of a shuffled partition come in the order in which they were fetched. */
  @Test
  void shuffledRowsWithIds_areMeasuredInTheOrderOfTheirIds() throws IOException {
    List<String> texts = TinyGpt.texts(60);
    HeadStatistics first =
        SightlineSpark.headState(model, frame(texts, 30, 30).repartition(2), OPTIONS);
    Dataset<Row> sorted = frame(texts, 30, 30).repartition(2).sortWithinPartitions("name");
    assertThat(TinyGpt.json(SightlineSpark.headState(model, sorted, OPTIONS)))
        .isEqualTo(TinyGpt.json(first));
  }

  @Test
  void badRows_areNamedByTheirIds_andCounted() throws IOException {
    List<String> texts = new ArrayList<>(TinyGpt.texts(40));
    texts.set(3, null);
    texts.set(17, "  ");
    texts.set(30, "");
    List<Integer> done = new ArrayList<>();
    List<Long> skipped = new ArrayList<>();
    HeadStatistics state =
        SightlineSpark.headState(
            model,
            frame(texts, 20, 20),
            OPTIONS,
            (measured, passed, shards, all) -> {
              done.add(shards);
              skipped.add(passed);
            });
    assertThat(state.samples()).isEqualTo(37);
    assertThat(state.skips())
        .isEqualTo(
            Map.of(
                "it has neither text nor input_ids", new SkippedSamples(1, List.of("row-3")),
                "its text is empty", new SkippedSamples(2, List.of("row-17", "row-30"))));
    assertThat(done).containsExactly(1, 2);
    assertThat(skipped.getLast()).isEqualTo(3);
    assertThatThrownBy(
            () -> SightlineSpark.headState(model, frame(texts, 20, 20), OPTIONS.strict(true)))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("the run on Spark failed: row-(3|30): (it has|its text is).*");
  }

  @Test
  void anIdThatIsThereTwice_isPassedOver() throws IOException {
    Dataset<Row> twice =
        SPARK.createDataFrame(
            List.of(
                RowFactory.create("a", "the cat"),
                RowFactory.create("b", "the mat"),
                RowFactory.create("a", "the bird")),
            LocalSpark.TEXTS);
    HeadStatistics state = SightlineSpark.headState(model, twice.coalesce(1), OPTIONS);
    assertThat(state.skips())
        .isEqualTo(Map.of("its id was there before", new SkippedSamples(1, List.of("a"))));
  }

  @Test
  void states_areMergedLater_alsoThoseOfOtherDays(@TempDir Path folder) throws IOException {
    List<String> texts = TinyGpt.texts(80);
    Dataset<Row> monday = frame(texts.subList(0, 50), 20, 30);
    Dataset<Row> tuesday =
        SPARK.createDataFrame(
            IntStream.range(50, 80)
                .mapToObj(i -> RowFactory.create("row-" + i, texts.get(i)))
                .toList(),
            LocalSpark.TEXTS);
    String table = folder.resolve("states").toString();
    SightlineSpark.states(model, monday, OPTIONS.data("monday"))
        .write()
        .mode("append")
        .parquet(table);
    HeadStatistics alone = SightlineSpark.merge(SPARK.read().parquet(table));
    SightlineSpark.states(model, tuesday.coalesce(1), OPTIONS.data("tuesday"))
        .write()
        .mode("append")
        .parquet(table);
    HeadStatistics both = SightlineSpark.merge(SPARK.read().parquet(table));

    assertThat(TinyGpt.json(alone))
        .isEqualTo(TinyGpt.json(SightlineSpark.headState(model, monday, OPTIONS.data("monday"))));
    assertThat(both.samples()).isEqualTo(80);
    assertThat(both.data()).containsExactly("monday", "tuesday");
  }

  @Test
  void heads_areRowsOfAFrame() throws IOException {
    Dataset<Row> heads =
        SightlineSpark.heads(
            model, frame(TinyGpt.texts(30), 30), OPTIONS.metrics(HeadMetric.ENTROPY));
    heads.createOrReplaceTempView("heads");
    List<Row> rows =
        SPARK
            .sql("select layer, head, metric, n, mean, quantiles[0.5D] from heads order by 1, 2")
            .collectAsList();
    assertThat(rows).hasSize(16);
    assertThat(rows.get(5).getInt(0)).isEqualTo(1);
    assertThat(rows.get(5).getString(2)).isEqualTo("entropy");
    assertThat(rows.get(5).getLong(3)).isEqualTo(30);
    assertThat(rows.get(5).getDouble(4)).isPositive();
    assertThat(rows.get(5).getDouble(5)).isPositive();
  }

  @Test
  void aMissingColumn_isNamed() {
    assertThatThrownBy(() ->
            SightlineSpark.headState(model, frame(TinyGpt.texts(2), 2), HeadsOptions.text("text")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the frame has no column 'text'; it has name, prompt");
  }

  @Test
  void aFrameWithoutUsableRows_isRefused() {
    assertThatThrownBy(() -> SightlineSpark.headState(model, frame(List.of("", " "), 2), OPTIONS))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "no row of 'frame' can be used; row-0: its text is empty; row-1: its text is empty");
  }

  @Test
  void anIdInTwoPartitions_isMeasuredInEach_unlessRowsAreDealtOut() throws IOException {
    List<Row> rows =
        List.of(
            RowFactory.create("a", "the cat"),
            RowFactory.create("b", "the mat"),
            RowFactory.create("a", "the small bird"));
    HeadStatistics state = SightlineSpark.headState(model, LocalSpark.frame(rows, 2), OPTIONS);
    assertThat(state.samples()).isEqualTo(3);
    assertThat(state.skips()).isEmpty();
    HeadStatistics dealt =
        SightlineSpark.headState(model, LocalSpark.frame(rows, 2), OPTIONS.shards(2));
    assertThat(dealt.skips())
        .isEqualTo(Map.of("its id was there before", new SkippedSamples(1, List.of("a"))));
  }

  @Test
  void dataFiles_areReadAsOneMachineReadsThem(@TempDir Path folder) throws IOException {
    Path csv =
        Files.writeString(
            folder.resolve("t.csv"),
            """
            id,text,weight
            a,the cat sat,1
            b,"the ""small"" birds
            saw a mat",2
            c,,1
            d,seven
            e,the mat,x
            a,again,1
            "f,the bird,1
            """);
    assertSameAsOneMachine(csv, DataFormat.CSV, 2);
    Path lines = folder.resolve("t.txt");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("\ufeffthe cat\r\n\n  \nbroken ".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xff);
    bytes.writeBytes("\nseven".getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(" small".repeat(200_000).getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes("\nbirds".getBytes(StandardCharsets.UTF_8));
    Files.write(lines, bytes.toByteArray());
    assertSameAsOneMachine(lines, DataFormat.LINES, 2);
  }

  private static void assertSameAsOneMachine(Path file, DataFormat format, int samples)
      throws IOException {
    DataRows rows = DataRows.read(SPARK, file.toString(), format);
    HeadStatistics state =
        SightlineSpark.job(
                SPARK,
                model,
                rows.inOrder(),
                rows.dealt(2),
                HeadsOptions.text("text").data(file.toString()),
                rows.isJson())
            .run((measured, skipped, done, shards) -> {});
    assertThat(TinyGpt.json(state)).isEqualTo(TinyGpt.json(TinyGpt.merged(model, file, 2)));
    assertThat(state.samples()).isEqualTo(samples);
  }

  @Test
  void cellsThatNoSampleHas_areBadRowsOrOneMessage(@TempDir Path folder) throws IOException {
    Dataset<Row> odd =
        SPARK.sql(
            "select 'a' as id, cast('the cat' as binary) as text union all"
                + " select 'b', unhex('ff00') union all"
                + " select 'c', cast(repeat('x', 2000000) as binary)");
    HeadStatistics state = SightlineSpark.headState(model, odd, HeadsOptions.text("text").id("id"));
    assertThat(state.samples()).isEqualTo(1);
    assertThat(state.skips())
        .isEqualTo(
            Map.of(
                "it is not UTF-8", new SkippedSamples(1, List.of("b")),
                "it is longer than 1048576 bytes", new SkippedSamples(1, List.of("c"))));
    assertThatThrownBy(() ->
            SightlineSpark.headState(
                model, SPARK.sql("select map('a', 1) as text"), HeadsOptions.text("text")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the column 'text' is of type map<string,int>; expected strings");
    assertThatThrownBy(
            () -> DataRows.read(SPARK, folder.resolve("gone.csv").toString(), DataFormat.CSV))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("gone.csv' cannot be read");
    Path other = Files.writeString(folder.resolve("other.tsv"), "prompt\tid\nx\t1\n");
    assertThatThrownBy(() -> DataRows.read(SPARK, other.toString(), DataFormat.TSV))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("names neither text nor input_ids: [prompt, id]");
  }
}
