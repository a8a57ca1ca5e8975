package dev.sightline.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.sightline.audit.Audit;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Probe;
import dev.sightline.data.DataFormat;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.spark.internal.AuditAgain;
import dev.sightline.spark.internal.AuditFindings;
import dev.sightline.spark.internal.DataRows;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Audits on two threads of this process, as {@code local[2]}. */
class SparkAuditTest {
  private static final HeadsOptions OPTIONS =
      HeadsOptions.text("prompt").id("name").data("prompts");

  private static Row row(String name, @Nullable String text) {
    return RowFactory.create(name, text);
  }

  /** Texts of 3 to 22 words; a few of them, none of the first, have the word w7. */
  private static List<Row> texts(int count) {
    Random random = new Random(11);
    return IntStream.range(0, count)
        .mapToObj(i -> {
          String words =
              IntStream.range(0, 3 + random.nextInt(20))
                  .mapToObj(w -> "w" + (8 + random.nextInt(24)))
                  .collect(Collectors.joining(" "));
          boolean isFaulty = i % 17 == 16;
          return row("row-%03d".formatted(i), isFaulty ? words + " w7" : words);
        })
        .toList();
  }

  private static List<Row> ofRows(Dataset<Row> findings) {
    return findings.where("row is not null").orderBy("row").collectAsList();
  }

  private static Map<String, String> ofModel(Dataset<Row> findings) {
    return new TreeMap<>(
        findings.where("row is null").collectAsList().stream()
            .collect(Collectors.toMap(SparkAuditTest::probe, row -> row.getAs("verdict"))));
  }

  private static String probe(Row row) {
    return row.getAs("probe") + " " + row.getAs("stream");
  }

  private static Map<String, String> ofModel(AuditResult result) {
    return new TreeMap<>(
        result.findings().stream()
            .collect(
                Collectors.toMap(
                    each -> each.probe().id() + " " + each.stream(),
                    each -> each.verdict().outcome().name())));
  }

  private static AuditResult onOneMachine(LoadedModel model, List<Row> rows, Path folder)
      throws IOException {
    Path file = folder.resolve("texts.txt");
    Files.write(file, rows.stream().map(row -> row.getString(1)).toList());
    return Audit.of(model).data(file).run();
  }

  @Test
  void aGoodModel_hasTheVerdictsOfOneMachine(@TempDir Path folder) throws IOException {
    List<Row> rows =
        texts(30).stream()
            .map(row -> row(row.getString(0), row.getString(1).replace(" w7", "")))
            .toList();
    try (LoadedModel model = RareFault.load(false)) {
      Dataset<Row> findings = SightlineSpark.audit(model, LocalSpark.frame(rows, 3), OPTIONS);

      assertThat(ofModel(findings)).isEqualTo(ofModel(onOneMachine(model, rows, folder)));
      assertThat(ofRows(findings))
          .hasSize(30)
          .allSatisfy(row -> {
            assertThat(row.<String>getAs("verdict")).isEqualTo("PASS");
            assertThat(row.<Double>getAs("difference"))
                .isLessThanOrEqualTo(row.<Double>getAs("limit"));
          });
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theBrokenRows_areFoundExactly(boolean rounded, @TempDir Path folder) throws IOException {
    List<Row> rows = texts(60);
    try (LoadedModel model = RareFault.load(rounded)) {
      Dataset<Row> findings = SightlineSpark.audit(model, LocalSpark.frame(rows, 3), OPTIONS);
      AuditResult expected = onOneMachine(model, rows, folder);

      assertThat(ofModel(findings)).isEqualTo(ofModel(expected)).containsEntry("batch ", "FAIL");
      assertThat(findings.where("row is not null and verdict = 'FAIL'").collectAsList())
          .extracting(row -> row.<String>getAs("row"))
          .containsExactlyInAnyOrder("row-016", "row-033", "row-050");
      assertThat(findings.where("row = 'row-016'").first())
          .satisfies(row -> {
            assertThat(row.<Double>getAs("difference")).isGreaterThan(row.<Double>getAs("limit"));
            assertThat(row.<Double>getAs("cosine")).isLessThan(0.9999);
          });
      Row batch = findings.where("row is null and probe = 'batch'").first();
      assertThat(batch.<String>getAs("reason")).matches("rows: FAIL 3, (ROUNDING|PASS) \\d+.*");
      double worst =
          ofRows(findings).stream()
              .mapToDouble(row -> row.<Double>getAs("difference"))
              .max()
              .orElseThrow();
      assertThat(batch.<Double>getAs("difference")).isEqualTo(worst);
      Evidence evidence =
          Objects.requireNonNull(expected.finding(Probe.BATCH).verdict().evidence());
      // The noise of a model that quantises is drawn at random.
      assertThat(batch.<Double>getAs("limit"))
          .isCloseTo(evidence.limit().value(), withinPercentage(rounded ? 20 : 0));
    }
  }

  @Test
  void findings_dependNeitherOnTheOrderNorOnThePartitions() throws IOException {
    List<Row> rows = texts(50);
    List<Row> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(3));
    try (LoadedModel model = RareFault.load(false)) {
      Dataset<Row> first = SightlineSpark.audit(model, LocalSpark.frame(rows, 1), OPTIONS);
      Dataset<Row> again = SightlineSpark.audit(model, LocalSpark.frame(shuffled, 4), OPTIONS);
      assertThat(ofRows(again)).hasSize(50).isEqualTo(ofRows(first));
      assertThat(again.where("row is null").collectAsList())
          .isEqualTo(first.where("row is null").collectAsList());
    }
  }

  @Test
  void badRows_areNamed_andCounted() throws IOException {
    List<Row> rows = new ArrayList<>(texts(20));
    rows.set(0, row("row-000", " "));
    rows.set(9, row("row-009", null));
    rows.add(row("row-003", "w9 w8 w9"));
    List<Long> passed = new ArrayList<>();
    try (LoadedModel model = RareFault.load(false)) {
      Dataset<Row> findings =
          SightlineSpark.audit(
              model,
              LocalSpark.frame(rows, 3),
              OPTIONS,
              (done, skipped, shards, all) -> passed.add(skipped));

      assertThat(
              findings
                  .where("verdict = 'NO_DATA' and row is not null")
                  .orderBy("row")
                  .collectAsList())
          .extracting(row -> row.getAs("row") + ": " + row.getAs("reason"))
          .containsExactly(
              "row-000: its text is empty",
              "row-003: its id was there before",
              "row-009: it has neither text nor input_ids");
      assertThat(findings.where("row is null and probe = 'batch'").first().<String>getAs("reason"))
          .isEqualTo("rows: FAIL 1, PASS 17, NO_DATA 3");
      assertThat(passed.getLast()).isEqualTo(3);
      assertThatThrownBy(
              () -> SightlineSpark.audit(model, LocalSpark.frame(rows, 3), OPTIONS.strict(true)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("row-00");
      assertThatThrownBy(() ->
              SightlineSpark.audit(
                  model, LocalSpark.frame(List.of(row("a", ""), row("b", " ")), 2), OPTIONS))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "no row of 'prompts' can be used; a: its text is empty; b: its text is empty");
    }
  }

  /** What 'sightline audit --spark' audits again. */
  @Test
  void theProbedAndDecisiveRows_haveTheVerdictOfAll(@TempDir Path folder) throws IOException {
    List<String> texts = texts(60).stream().map(row -> row.getString(1)).toList();
    Path file = Files.write(folder.resolve("all.txt"), texts);
    try (LoadedModel model = RareFault.load(false)) {
      DataRows rows = DataRows.read(LocalSpark.SESSION, file.toString(), DataFormat.LINES);
      AuditFindings findings =
          SightlineSpark.audit(
              LocalSpark.SESSION,
              model,
              rows,
              HeadsOptions.text("text"),
              rows.isJson(),
              SightlineSpark.Listener.NONE);
      AuditAgain.write(folder, findings, rows);

      List<String> again = Files.readAllLines(folder.resolve("rows.txt"));
      List<Integer> lines =
          again.stream().map(row -> Integer.valueOf(row.substring(0, row.indexOf('\t')))).toList();
      assertThat(lines).startsWith(1, 2, 3, 4, 5, 6).hasSizeBetween(14, 6 + 5 * 8);
      assertThat(lines).containsAnyOf(17, 34, 51);
      assertThat(again)
          .allSatisfy(row -> {
            int line = Integer.parseInt(row.substring(0, row.indexOf('\t')));
            assertThat(row).endsWith("\t" + texts.get(line - 1));
          });
      Properties totals = new Properties();
      try (Reader in = Files.newBufferedReader(folder.resolve("totals.properties"))) {
        totals.load(in);
      }
      int tokens = texts.stream().mapToInt(text -> text.split(" ", -1).length).sum();
      assertThat(totals)
          .containsEntry("batch", "FAIL")
          .containsEntry("rows", "60")
          .containsEntry("tokens", Integer.toString(tokens))
          .containsEntry("passed", "0");
    }
  }
}
