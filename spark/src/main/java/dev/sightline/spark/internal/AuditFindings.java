package dev.sightline.spark.internal;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.Effect.EmbeddingCosine;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What an audit on Spark found, as rows of a frame: a row for each probe of the whole audit, and
 * one for each row of the data set.
 *
 * @param model the rows about the model as a whole
 * @param probed the numbers of the rows that went through all probes
 * @param batch the worst verdict of a row, that of the probed ones among them
 * @param rule by which the rows of the data set are judged
 * @param totals what is known of all rows
 * @param found of the rows of the data set
 */
public record AuditFindings(
    List<Row> model,
    List<Long> probed,
    Outcome batch,
    BatchRule rule,
    RowTotals totals,
    JavaRDD<RowFinding> found) {
  private static final StructType COLUMNS =
      new StructType()
          .add("row", DataTypes.StringType, true)
          .add("probe", DataTypes.StringType, false)
          .add("stream", DataTypes.StringType, false)
          .add("verdict", DataTypes.StringType, false)
          .add("difference", DataTypes.DoubleType, true)
          .add("limit", DataTypes.DoubleType, true)
          .add("cosine", DataTypes.DoubleType, true)
          .add("reason", DataTypes.StringType, true);

  /** From the one that matters most. */
  private static final List<Outcome> BY_WEIGHT =
      List.of(
          Outcome.FAIL,
          Outcome.PAD_LEFT_ONLY,
          Outcome.PAD_RIGHT_ONLY,
          Outcome.BY_DESIGN,
          Outcome.ROUNDING,
          Outcome.PASS,
          Outcome.INCONCLUSIVE,
          Outcome.NOT_APPLICABLE,
          Outcome.NO_DATA);

  static AuditFindings of(
      AuditResult probed,
      List<Long> lines,
      BatchRule rule,
      RowTotals totals,
      JavaRDD<RowFinding> found) {
    Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
    counts.putAll(found.map(row -> row.outcome(rule)).countByValue());
    List<Row> model = new ArrayList<>();
    Outcome worst = Outcome.NO_DATA;
    for (Finding finding : probed.findings()) {
      if (finding.probe() == Probe.BATCH) {
        worst = worst(finding.verdict().outcome(), counts.keySet());
        model.add(overall(finding, worst, rule, totals, counts));
      } else {
        model.add(row(finding));
      }
    }
    return new AuditFindings(List.copyOf(model), lines, worst, rule, totals, found);
  }

  private static Outcome worst(Outcome probed, Set<Outcome> rows) {
    return BY_WEIGHT.stream()
        .filter(outcome -> rows.contains(outcome) || outcome == probed)
        .findFirst()
        .orElse(probed);
  }

  /**
   * Returns the numbers of the rows whose comparison decides the verdict, batch by batch, the
   * largest batches first. An audit of the probed rows and these has the verdicts of all.
   */
  public List<Long> decisive() {
    if (totals.rows() <= probed.size()) {
      return List.of();
    }
    Set<RowFinding.Batch> batches = totals.decisive();
    Map<RowFinding.Batch, List<Long>> lines =
        found.filter(row -> batches.contains(row.batch())).collect().stream()
            .collect(
                Collectors.groupingBy(
                    RowFinding::batch, Collectors.mapping(RowFinding::line, Collectors.toList())));
    return lines.entrySet().stream()
        .sorted(
            Comparator.comparingInt(
                    (Map.Entry<RowFinding.Batch, List<Long>> each) -> -each.getValue().size())
                .thenComparingInt(each -> each.getKey().shard())
                .thenComparingInt(each -> each.getKey().number()))
        .flatMap(each -> each.getValue().stream())
        .toList();
  }

  /** Returns the first rows that were passed over. */
  public List<RowFinding> passed(int most) {
    return found.filter(row -> row.reason() != null).takeOrdered(most, RowFinding.BY_LINE);
  }

  /** Returns how many rows were passed over. */
  public long passed() {
    return found.filter(row -> row.reason() != null).count();
  }

  /** Returns the findings: those of the model, then those of the rows, by shard. */
  public Dataset<Row> frame(SparkSession session) {
    BatchRule judge = rule;
    JavaRDD<Row> rows = found.map(each -> row(each, judge));
    JavaRDD<Row> first =
        JavaSparkContext.fromSparkContext(session.sparkContext()).parallelize(model, 1);
    return session.createDataFrame(first.union(rows), COLUMNS);
  }

  /** The worst of the rows, and of the samples that were probed. */
  private static Row overall(
      Finding finding, Outcome worst, BatchRule rule, RowTotals totals, Map<Outcome, Long> counts) {
    boolean isCompared = rule.never() == null;
    Evidence evidence = finding.verdict().evidence();
    double difference = Math.max(totals.difference(), evidence == null ? 0 : evidence.difference());
    String rows =
        BY_WEIGHT.stream()
            .filter(counts::containsKey)
            .map(each -> String.format(Locale.ROOT, "%s %,d", each, counts.get(each)))
            .collect(Collectors.joining(", "));
    return RowFactory.create(
        null,
        finding.probe().id(),
        finding.stream(),
        worst.name(),
        isCompared ? (Double) difference : null,
        isCompared ? (Double) rule.limit() : null,
        isCompared ? totals.cosine() : null,
        "rows: " + rows);
  }

  private static Row row(Finding finding) {
    Evidence evidence = finding.verdict().evidence();
    return RowFactory.create(
        null,
        finding.probe().id(),
        finding.stream(),
        finding.verdict().outcome().name(),
        evidence == null ? null : (Double) evidence.difference(),
        evidence == null ? null : (Double) evidence.limit().value(),
        evidence != null && evidence.effect() instanceof EmbeddingCosine cosine
            ? (Double) cosine.value()
            : null,
        VerdictText.of(finding));
  }

  private static Row row(RowFinding found, BatchRule rule) {
    boolean isCompared = found.reason() == null && found.compared() > 0;
    return RowFactory.create(
        found.row(),
        Probe.BATCH.id(),
        "",
        found.outcome(rule).name(),
        number(isCompared, found.difference()),
        number(isCompared, rule.limit()),
        found.cosine(),
        found.reason());
  }

  private static @Nullable Double number(boolean is, double value) {
    return is ? (Double) value : null;
  }
}
