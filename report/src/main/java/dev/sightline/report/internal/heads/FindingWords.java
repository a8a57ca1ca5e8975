package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.HeadFinding;
import dev.sightline.heads.statistics.HeadFinding.Head;
import dev.sightline.heads.statistics.HeadFinding.Kind;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.HeadStatistics.MissingLayer;
import dev.sightline.report.internal.page.Ranges;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Says what the rules found in the heads of a run, for the terminal and the page. */
public final class FindingWords {
  private FindingWords() {}

  /**
   * A finding.
   *
   * @param title how many heads, and what they are called
   * @param meaning what such a head does, in a sentence
   * @param heads the heads, the clearest first
   */
  public record Found(String title, String meaning, List<Named> heads) {}

  /**
   * A head.
   *
   * @param name as in {@code L3 H1}
   * @param value its share, in percent
   */
  public record Named(int layer, int head, String name, String value) {}

  /**
   * All findings.
   *
   * @param found kinds that heads were found of
   * @param none the other kinds that were measured, each with the head that comes closest
   * @param notMeasured kinds that the run has no metric for
   * @param metrics the metrics that would show those
   * @param withoutData layers without data, in sentences
   */
  public record All(
      List<Found> found,
      List<String> none,
      List<String> notMeasured,
      List<String> metrics,
      List<String> withoutData) {}

  public static All of(HeadStatistics statistics) {
    List<Found> found = new ArrayList<>();
    List<String> none = new ArrayList<>();
    List<String> notMeasured = new ArrayList<>();
    List<String> metrics = new ArrayList<>();
    for (HeadFinding finding : HeadFinding.of(statistics)) {
      Kind kind = finding.kind();
      int count = finding.heads().size();
      if (!finding.measured() || finding.closest().isEmpty()) {
        notMeasured.add(name(kind, 2));
        metrics.add(kind.metric().id());
      } else if (count == 0) {
        Named closest = named(finding.closest().get());
        none.add(name(kind, 2) + "; closest: " + closest.name() + " (" + closest.value() + ")");
      } else {
        found.add(
            new Found(
                count + " " + name(kind, count),
                meaning(kind),
                finding.heads().stream().map(FindingWords::named).toList()));
      }
    }
    return new All(found, none, notMeasured, metrics, withoutData(statistics));
  }

  private static Named named(Head head) {
    double percent = 100 * head.value();
    return new Named(
        head.layer(),
        head.head(),
        "L" + head.layer() + " H" + head.head(),
        percent == 0
            ? "0 %"
            : String.format(Locale.ROOT, percent < 10 ? "%.2g %%" : "%.0f %%", percent));
  }

  private static String name(Kind kind, int count) {
    String name =
        switch (kind) {
          case PREVIOUS_TOKEN -> "previous-token head";
          case FIRST_TOKEN_SINK -> "first-token sink";
          case SPECIAL_TOKEN -> "special-token head";
          case INDUCTION -> "induction-like head";
          case DEAD -> "dead head";
        };
    return name + (count == 1 ? "" : "s");
  }

  private static String meaning(Kind kind) {
    String share = String.format(Locale.ROOT, "%.0f %%", 100 * kind.share());
    return switch (kind) {
      case PREVIOUS_TOKEN -> "at least " + share + " of the attention is on the token before";
      case FIRST_TOKEN_SINK ->
          "at least " + share + " of the attention is on the first token, whatever it is";
      case SPECIAL_TOKEN ->
          "at least "
              + share
              + " of the attention is on special tokens such as [SEP], but not on the first"
              + " token";
      case INDUCTION ->
          "where a token occurred before, at least "
              + share
              + " of the attention is on what followed it then";
      case DEAD ->
          "what the head adds is at most "
              + share
              + " of what the strongest head of the layer adds";
    };
  }

  /** One sentence for each set of layers that lack the same metrics. */
  private static List<String> withoutData(HeadStatistics statistics) {
    Map<Integer, List<String>> byLayer = new TreeMap<>();
    for (MissingLayer layer : statistics.missingLayers()) {
      byLayer.computeIfAbsent(layer.layer(), l -> new ArrayList<>()).add(layer.metric().name());
    }
    int metrics = statistics.provenance().metrics().size();
    Map<String, SortedSet<Integer>> layers = new LinkedHashMap<>();
    byLayer.forEach((layer, names) ->
        layers
            .computeIfAbsent(
                names.size() == metrics
                    ? "no data at all"
                    : "no data for " + String.join(", ", names),
                text -> new TreeSet<>())
            .add(layer));
    List<String> sentences = new ArrayList<>();
    layers.forEach((text, of) ->
        sentences.add(
            (of.size() == 1
                    ? "layer " + of.first() + " has "
                    : "layers " + Ranges.of(of) + " have ")
                + text));
    return sentences;
  }
}
