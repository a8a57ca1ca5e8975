package dev.sightline.heads.statistics;

import dev.sightline.heads.metric.HeadMetric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The heads of a run that do one known thing, found by a rule over their statistics. A head counts
 * where the lower end of the 95 % interval of its mean, or the mean of a single sample, reaches the
 * rule's least share.
 *
 * @param kind what they do
 * @param measured whether the run has the metric that shows it; where it has not, there are no
 *     heads
 * @param heads those that do it, the clearest first
 * @param closest the head with the clearest value, whether or not it reaches the least share; empty
 *     without data
 */
public record HeadFinding(Kind kind, boolean measured, List<Head> heads, Optional<Head> closest) {
  /** Copies the heads. */
  public HeadFinding {
    heads = List.copyOf(heads);
  }

  /** What a head can be found to do. */
  public enum Kind {
    /** It gives at least 40 % of its attention to the token before. */
    PREVIOUS_TOKEN("previous-token", HeadMetric.PREVIOUS, 0.4),
    /** It gives at least half of its attention to the first token, whatever that is. */
    FIRST_TOKEN_SINK("first-token-sink", HeadMetric.FIRST_TOKEN, 0.5),
    /** It gives at least half of its attention to special tokens, but not to the first token. */
    SPECIAL_TOKEN("special-token", HeadMetric.SPECIAL, 0.5),
    /**
     * Where a token occurred before, it gives at least 30 % of its attention to what followed it
     * then: match and copy (Olsson et al., In-context Learning and Induction Heads, 2022).
     */
    INDUCTION("induction", HeadMetric.INDUCTION, 0.3),
    /** What it adds is at most 1 % of what the strongest head of its layer adds. */
    DEAD("dead", HeadMetric.CONTRIBUTION_NORM, 0.01);

    private final String id;
    private final HeadMetric metric;
    private final double share;

    Kind(String id, HeadMetric metric, double share) {
      this.id = id;
      this.metric = metric;
      this.share = share;
    }

    /** {@return the name in files, such as {@code previous-token}} */
    public String id() {
      return id;
    }

    /** {@return the metric that shows it; of dead heads the output norm will do as well} */
    public HeadMetric metric() {
      return metric;
    }

    /** {@return the least share of attention; of dead heads the largest part of the strongest's} */
    public double share() {
      return share;
    }
  }

  /**
   * A head.
   *
   * @param layer from 0
   * @param head from 0
   * @param value the mean share of its attention; of a dead head its part of the strongest's mean
   */
  public record Head(int layer, int head, double value) {}

  /**
   * Looks for every kind.
   *
   * @param statistics of a run
   * @return a finding of each kind, in the order of the kinds
   */
  public static List<HeadFinding> of(HeadStatistics statistics) {
    Rules rules = new Rules(statistics);
    List<HeadFinding> findings = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      findings.add(kind == Kind.DEAD ? rules.dead() : rules.share(kind));
    }
    return findings;
  }

  /** The rules over one run. */
  private record Rules(HeadStatistics statistics) {
    private static final double LARGEST_LEAST = 0.95;
    private static final DoubleSummaryStatistics NO_LAYER = new DoubleSummaryStatistics();

    HeadFinding share(Kind kind) {
      int metric = index(kind.metric());
      if (metric < 0) {
        return new HeadFinding(kind, false, List.of(), Optional.empty());
      }
      List<Head> found = new ArrayList<>();
      Optional<Head> closest = Optional.empty();
      for (Head head : all(metric)) {
        if (kind == Kind.SPECIAL_TOKEN && looksAtTheFirst(head)) {
          continue;
        }
        CellSummary.Estimate estimate = statistics.cell(metric, head.layer(), head.head()).macro();
        double sure = estimate.interval().map(Interval::low).orElse(head.value());
        if (sure >= least(kind)) {
          found.add(head);
        }
        if (closest.isEmpty() || head.value() > closest.get().value()) {
          closest = Optional.of(head);
        }
      }
      found.sort(Comparator.comparingDouble(Head::value).reversed());
      return new HeadFinding(kind, true, found, closest);
    }

    /**
     * A share that even attention would reach in short samples says nothing: a causal head that
     * looks at all tokens alike gives the first of T about {@code (1 + ln T) / T}.
     */
    private double least(Kind kind) {
      double tokens = Math.max(1, (double) statistics.tokens() / Math.max(1, statistics.samples()));
      double even = (1 + Math.log(tokens)) / tokens;
      return Math.max(kind.share(), Math.min(LARGEST_LEAST, 2 * even));
    }

    private boolean looksAtTheFirst(Head head) {
      int metric = index(Kind.FIRST_TOKEN_SINK.metric());
      return metric >= 0
          && statistics.cell(metric, head.layer(), head.head()).macro().mean().orElse(0)
              >= Kind.FIRST_TOKEN_SINK.share();
    }

    HeadFinding dead() {
      List<Head> norms = List.of();
      for (HeadMetric metric : List.of(Kind.DEAD.metric(), HeadMetric.OUTPUT_NORM)) {
        if (norms.isEmpty() && index(metric) >= 0) {
          norms = all(index(metric));
        }
      }
      Map<Integer, DoubleSummaryStatistics> layers =
          norms.stream()
              .collect(
                  Collectors.groupingBy(Head::layer, Collectors.summarizingDouble(Head::value)));
      List<Head> parts = new ArrayList<>();
      for (Head head : norms) {
        DoubleSummaryStatistics layer = layers.getOrDefault(head.layer(), NO_LAYER);
        if (layer.getCount() > 1) {
          double strongest = layer.getMax();
          parts.add(
              new Head(head.layer(), head.head(), strongest == 0 ? 0 : head.value() / strongest));
        }
      }
      parts.sort(Comparator.comparingDouble(Head::value));
      return new HeadFinding(
          Kind.DEAD,
          !norms.isEmpty(),
          parts.stream().filter(head -> head.value() <= Kind.DEAD.share()).toList(),
          parts.stream().findFirst());
    }

    private int index(HeadMetric metric) {
      List<Metric> metrics = statistics.provenance().metrics();
      for (int m = 0; m < metrics.size(); m++) {
        if (metrics.get(m).name().equals(metric.id())) {
          return m;
        }
      }
      return -1;
    }

    /** The heads that have a mean. */
    private List<Head> all(int metric) {
      List<Head> heads = new ArrayList<>();
      List<Integer> perLayer = statistics.provenance().headsPerLayer();
      for (int layer = 0; layer < perLayer.size(); layer++) {
        for (int head = 0; head < perLayer.get(layer); head++) {
          int l = layer;
          int h = head;
          statistics
              .cell(metric, layer, head)
              .macro()
              .mean()
              .ifPresent(mean -> heads.add(new Head(l, h, mean)));
        }
      }
      return heads;
    }
  }
}
