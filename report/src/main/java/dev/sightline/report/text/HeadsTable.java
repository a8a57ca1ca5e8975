package dev.sightline.report.text;

import dev.sightline.heads.statistics.CellDifference;
import dev.sightline.heads.statistics.CellDifference.Verdict;
import dev.sightline.heads.statistics.HeadDifference;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.HeadStatistics.MissingLayer;
import dev.sightline.heads.statistics.Interval;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.SkippedSamples;
import dev.sightline.report.internal.heads.FindingWords;
import dev.sightline.report.internal.heads.LargestChanges;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;

/** Prints the lowest, median and highest head of each metric for a terminal of 100 columns. */
public final class HeadsTable {
  private static final int MOST_HEADS = 6;
  private static final int MOST_CHANGES = 5;

  private final PrintWriter out;

  /**
   * Makes a printer.
   *
   * @param out where to print; stays open
   */
  public HeadsTable(PrintWriter out) {
    this.out = out;
  }

  /** A head and its value. */
  private record Head(int layer, int head, double value) {
    String place() {
      return "L" + layer + " H" + head;
    }
  }

  /**
   * Prints the statistics of one run.
   *
   * @param statistics the statistics
   */
  public void print(HeadStatistics statistics) {
    Provenance from = statistics.provenance();
    out.println(
        Printable.of(from.model())
            + ", "
            + from.headsPerLayer().size()
            + " layers, "
            + from.headsPerLayer().stream().mapToInt(heads -> heads).sum()
            + " heads, over "
            + Printable.of(String.join(", ", statistics.data()))
            + shards(statistics));
    out.printf(
        Locale.ROOT,
        "%,d samples of %,d tokens, %s of each; means of samples%n",
        statistics.samples(),
        statistics.tokens(),
        switch (from.aggregation()) {
          case LAST -> "the last real token";
          case MEAN -> "the mean over the real tokens";
          case SPAN -> "the mean over the span";
        });
    tallies("skipped", statistics.skips());
    tallies("measured, with a remark", statistics.remarks());
    missing(statistics.missingLayers());
    out.println();
    TextTable table = table(20, 10, 12, 10, 12, 12, 10);
    row(table, "METRIC", "UNIT", "LOWEST", "AT", "MEDIAN", "HIGHEST", "AT");
    for (int m = 0; m < from.metrics().size(); m++) {
      Metric metric = from.metrics().get(m);
      List<Head> heads = heads(statistics, m);
      if (heads.isEmpty()) {
        row(table, metric.name(), unit(metric), "no data", "", "", "", "");
      } else {
        row(
            table,
            metric.name(),
            unit(metric),
            number(heads.getFirst().value()),
            heads.getFirst().place(),
            number(heads.get(heads.size() / 2).value()),
            number(heads.getLast().value()),
            heads.getLast().place());
      }
    }
    out.print(table);
    found(FindingWords.of(statistics));
    warnOfPadding(statistics);
    out.flush();
  }

  private void found(FindingWords.All all) {
    out.println();
    for (FindingWords.Found found : all.found()) {
      String heads =
          found.heads().stream()
              .limit(MOST_HEADS)
              .map(head -> head.name() + " (" + head.value() + ")")
              .collect(Collectors.joining(", "));
      int more = found.heads().size() - MOST_HEADS;
      out.println(found.title() + ": " + heads + (more > 0 ? " and " + more + " more" : ""));
      out.println("  " + found.meaning());
    }
    all.none().forEach(none -> out.println("no " + none));
    if (!all.metrics().isEmpty()) {
      out.println("not looked for, for want of metrics: " + String.join(", ", all.metrics()));
    }
  }

  private static String unit(Metric metric) {
    return metric.unit().equals("1") ? "share" : metric.unit();
  }

  private static String shards(HeadStatistics statistics) {
    String text =
        statistics.shards().stream().map(Object::toString).collect(Collectors.joining(", "));
    return text.equals("1/1") ? "" : ", shard " + text;
  }

  private void tallies(String what, Map<String, SkippedSamples> tallies) {
    tallies.forEach((reason, tally) ->
        out.printf(
            Locale.ROOT,
            "%,d %s: %s (%s%s)%n",
            tally.count(),
            what,
            Printable.of(reason),
            Printable.of(String.join(", ", tally.first())),
            tally.count() > tally.first().size() ? ", ..." : ""));
  }

  private void missing(List<MissingLayer> missing) {
    Map<String, Map<String, List<String>>> byReason = new LinkedHashMap<>();
    for (MissingLayer each : missing) {
      byReason
          .computeIfAbsent(each.reason(), reason -> new TreeMap<>())
          .computeIfAbsent(each.metric().name(), metric -> new ArrayList<>())
          .add(Integer.toString(each.layer()));
    }
    byReason.forEach((reason, metrics) -> {
      Map<String, List<String>> byLayers = new LinkedHashMap<>();
      metrics.forEach((metric, layers) ->
          byLayers
              .computeIfAbsent(String.join(", ", layers), l -> new ArrayList<>())
              .add(Printable.of(metric)));
      byLayers.forEach((layers, names) ->
          out.println(
              "no data: "
                  + String.join(", ", names)
                  + " of layer "
                  + layers
                  + ": "
                  + Printable.of(reason)));
    });
  }

  /** Returns the heads with data, lowest first. */
  private static List<Head> heads(HeadStatistics statistics, int metric) {
    List<Head> heads = new ArrayList<>();
    List<Integer> headsPerLayer = statistics.provenance().headsPerLayer();
    for (int layer = 0; layer < headsPerLayer.size(); layer++) {
      for (int head = 0; head < headsPerLayer.get(layer); head++) {
        int l = layer;
        int h = head;
        statistics
            .cell(metric, layer, head)
            .macro()
            .mean()
            .ifPresent(mean -> heads.add(new Head(l, h, mean)));
      }
    }
    heads.sort(Comparator.comparingDouble(Head::value));
    return heads;
  }

  /** Attention on padding means that the mask does not work, so it is always reported. */
  private void warnOfPadding(HeadStatistics statistics) {
    List<Metric> metrics = statistics.provenance().metrics();
    for (int m = 0; m < metrics.size(); m++) {
      if (metrics.get(m).name().equals("padding")) {
        List<Head> heads = heads(statistics, m).stream().filter(head -> head.value() > 0).toList();
        if (!heads.isEmpty()) {
          out.println();
          out.printf(
              Locale.ROOT,
              "%d heads attend to padding, %s most: their numbers depend on how far each sample%n"
                  + "is padded, and with what. 'sightline audit' finds the cause.%n",
              heads.size(),
              heads.getLast().place());
        }
      }
    }
  }

  /**
   * Prints the difference of two runs.
   *
   * @param difference the difference
   */
  public void print(HeadDifference difference) {
    out.printf(
        Locale.ROOT,
        "B less A, %s; at most %.0f %% of the heads that DIFFER are expected to be chance%n",
        difference.paired() ? "paired by sample" : "of different samples",
        100 * HeadDifference.FALSE_DISCOVERIES);
    out.println();
    Map<Metric, List<CellDifference>> byMetric =
        difference.cells().stream()
            .collect(
                Collectors.groupingBy(
                    CellDifference::metric, LinkedHashMap::new, Collectors.toList()));
    TextTable table = table(20, 9, 9, 11, 9, 10, 32);
    row(table, "METRIC", "DIFFER", "NONE", "UNDECIDED", "NO DATA", "LARGEST", "DIFFERENCE");
    byMetric.forEach((metric, cells) -> {
      CellDifference largest =
          cells.stream()
              .filter(cell -> cell.verdict() == Verdict.DIFFERS)
              .max(Comparator.comparingDouble(c -> Math.abs(c.difference().orElse(0))))
              .orElse(null);
      row(
          table,
          metric.name(),
          count(cells, Verdict.DIFFERS),
          count(cells, Verdict.NO_EFFECT),
          count(cells, Verdict.UNDECIDED),
          count(cells, Verdict.NO_DATA),
          largest == null ? "" : "L" + largest.layer() + " H" + largest.head(),
          largest == null ? "" : text(largest));
    });
    out.print(table);
    List<CellDifference> changes = LargestChanges.of(difference, MOST_CHANGES);
    if (!changes.isEmpty()) {
      out.println();
      out.println("largest significant changes, by standard deviations of the samples:");
      for (CellDifference cell : changes) {
        out.println(
            "  "
                + Printable.of(cell.metric().name())
                + " of L"
                + cell.layer()
                + " H"
                + cell.head()
                + ": "
                + text(cell)
                + cell.effect().stream()
                    .mapToObj(effect -> String.format(Locale.ROOT, ", %+.1f deviations", effect))
                    .findFirst()
                    .orElse(""));
      }
    }
    out.flush();
  }

  private static String count(List<CellDifference> cells, Verdict verdict) {
    return Long.toString(cells.stream().filter(cell -> cell.verdict() == verdict).count());
  }

  private static String text(CellDifference cell) {
    String difference = number(cell.difference().orElse(0));
    return cell.interval().map(i -> difference + " " + text(i)).orElse(difference);
  }

  private static String text(Interval interval) {
    return "[" + number(interval.low()) + ", " + number(interval.high()) + "]";
  }

  private static TextTable table(int... widths) {
    Column[] columns =
        Arrays.stream(widths)
            .mapToObj(width -> new Column(width, 0, Overflow.SPAN))
            .toArray(Column[]::new);
    return TextTable.forColumns(Help.defaultColorScheme(Ansi.OFF), columns);
  }

  private static void row(TextTable table, String... cells) {
    Ansi.Text[] texts = new Ansi.Text[cells.length];
    for (int c = 0; c < cells.length; c++) {
      // Names come from files; a name that is markup to the table is still a name.
      texts[c] = Ansi.OFF.new Text(Printable.of(cells[c]).replace("@|", "@ |"));
    }
    table.addRowValues(texts);
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.4g", value);
  }
}
