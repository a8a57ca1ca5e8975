package dev.sightline.report.internal.heads;

import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.HeadStatistics.MissingLayer;
import dev.sightline.heads.statistics.SkippedSamples;
import dev.sightline.report.internal.page.Numbers;
import dev.sightline.report.internal.page.Ranges;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The warnings and remarks of a run. */
public final class Notices {
  private static final int MOST_HEADS = 5;
  private static final int MOST_LINES = 50;

  private Notices() {}

  /**
   * Of one run.
   *
   * @param name of the run; empty if there is only one
   * @param padding the heads that attend to padding, in a sentence; empty if none does
   * @param furtherMissing how many more lines about missing layers there would be
   * @param skipped the skipped samples
   * @param remarks remarks on measured samples
   */
  public record Run(
      String name,
      String padding,
      List<Missing> missing,
      int furtherMissing,
      Samples skipped,
      Samples remarks) {}

  /** Layers that have no data for the same reason, as in "layers 0-11". */
  public record Missing(String metrics, String layers, String reason) {}

  /**
   * Samples by what there is to say of them.
   *
   * @param count of all of them, with its noun; empty if there are none
   */
  public record Samples(String count, List<Reason> reasons) {}

  /**
   * A reason.
   *
   * @param count of its samples, with its noun
   * @param first what the first of them are called
   */
  public record Reason(String reason, String count, String first) {}

  public static Run of(String name, HeadStatistics statistics, List<MetricCells> metrics) {
    List<Missing> missing = missing(statistics.missingLayers());
    return new Run(
        name,
        padding(metrics),
        missing.stream().limit(MOST_LINES).toList(),
        Math.max(0, missing.size() - MOST_LINES),
        samples(statistics.skips()),
        samples(statistics.remarks()));
  }

  /** One line for each reason and set of layers, however many layers and metrics share it. */
  private static List<Missing> missing(List<MissingLayer> layers) {
    record Cause(String metric, String reason) {}
    record Line(String layers, String reason) {}
    Map<Cause, SortedSet<Integer>> causes = new LinkedHashMap<>();
    for (MissingLayer layer : layers) {
      causes
          .computeIfAbsent(
              new Cause(layer.metric().name(), layer.reason()), cause -> new TreeSet<>())
          .add(layer.layer());
    }
    Map<Line, List<String>> lines = new LinkedHashMap<>();
    causes.forEach((cause, of) -> {
      String words = (of.size() == 1 ? "layer " : "layers ") + Ranges.of(of);
      lines
          .computeIfAbsent(new Line(words, cause.reason()), line -> new ArrayList<>())
          .add(cause.metric());
    });
    List<Missing> all = new ArrayList<>();
    lines.forEach((line, metrics) ->
        all.add(new Missing(String.join(", ", metrics), line.layers(), line.reason())));
    return all;
  }

  private static String padding(List<MetricCells> metrics) {
    record Head(int layer, int head, double mean) {}
    List<Head> looking = new ArrayList<>();
    for (MetricCells metric : metrics) {
      if (!metric.metric().name().equals(HeadMetric.PADDING.id())) {
        continue;
      }
      for (int layer = 0; layer < metric.layers().size(); layer++) {
        for (int head = 0; head < metric.layers().get(layer).size(); head++) {
          double mean = metric.layers().get(layer).get(head).macro().mean().orElse(0);
          if (mean > 0) {
            looking.add(new Head(layer, head, mean));
          }
        }
      }
    }
    if (looking.isEmpty()) {
      return "";
    }
    String worst =
        looking.stream()
            .sorted(Comparator.comparingDouble(Head::mean).reversed())
            .limit(MOST_HEADS)
            .map(head ->
                "layer %d head %d (%s)"
                    .formatted(head.layer(), head.head(), Numbers.share(head.mean())))
            .collect(Collectors.joining(", "));
    int more = looking.size() - MOST_HEADS;
    return Numbers.count(looking.size(), "head")
        + (looking.size() == 1 ? " attends" : " attend")
        + " to padding, which must get exactly 0 of the attention: "
        + worst
        + (more > 0 ? " and " + Numbers.count(more) + " more" : "")
        + ", on average over the samples.";
  }

  private static Samples samples(Map<String, SkippedSamples> byReason) {
    List<Reason> reasons = new ArrayList<>();
    long all = 0;
    for (Map.Entry<String, SkippedSamples> entry : byReason.entrySet()) {
      SkippedSamples samples = entry.getValue();
      all += samples.count();
      reasons.add(
          new Reason(
              entry.getKey(),
              Numbers.count(samples.count(), "sample"),
              String.join(", ", samples.first())
                  + (samples.count() > samples.first().size() ? ", …" : "")));
    }
    return new Samples(reasons.isEmpty() ? "" : Numbers.count(all, "sample"), reasons);
  }
}
