package dev.sightline.heads;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What one head showed of one metric. An empty cell is the identity of merging. Owned by one
 * thread.
 */
final class Cell {
  /** Beyond it a square overflows; a value this large is counted as not finite. */
  static final double LARGEST = 1e100;

  static final double[] SHARES = {0.05, 0.25, 0.5, 0.75, 0.95};

  private long samples;
  private long notFinite;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  /** None before the first sample: a file may ask for half a million empty cells. */
  private final Map<Weighting, Part> parts = new EnumMap<>(Weighting.class);

  private final QuantileSketch sketch;

  /** The numbers of one weighting. */
  record Part(Moments moments, Replicates replicates) {
    Part() {
      this(new Moments(), new Replicates());
    }
  }

  Cell() {
    sketch = new QuantileSketch();
  }

  /**
   * Continues from a state.
   *
   * @throws IllegalArgumentException if no samples lead to it
   */
  Cell(
      long samples,
      long notFinite,
      double min,
      double max,
      Map<Weighting, Part> parts,
      QuantileSketch sketch) {
    if (samples < 0 || notFinite < 0 || sketch.count() != samples || min > max == samples > 0) {
      throw new IllegalArgumentException(
          samples
              + " samples do not go with "
              + notFinite
              + " that are not finite, least "
              + min
              + ", largest "
              + max
              + " and a sketch of "
              + sketch.count());
    }
    parts.forEach((weighting, part) -> {
      if (part.moments().weight() > 0 != samples > 0) {
        throw new IllegalArgumentException(
            samples + " samples do not weigh " + part.moments().weight());
      }
    });
    this.samples = samples;
    this.notFinite = notFinite;
    this.min = min;
    this.max = max;
    this.parts.putAll(parts);
    this.sketch = sketch;
  }

  /**
   * One sample.
   *
   * @param weight of the sample, above 0
   * @param tokens how many tokens its value was read from
   * @param draws how often each bootstrap replicate draws it
   */
  void add(double value, double weight, int tokens, double[] draws) {
    if (!(Math.abs(value) <= LARGEST)) {
      notFinite++;
      return;
    }
    samples++;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sketch.add(value);
    for (Weighting weighting : Weighting.values()) {
      double w = weighting == Weighting.MACRO ? weight : weight * tokens;
      Part part = parts.computeIfAbsent(weighting, each -> new Part());
      part.moments().add(value, w);
      part.replicates().add(value, w, draws);
    }
  }

  void merge(Cell other) {
    samples = Math.addExact(samples, other.samples);
    notFinite = Math.addExact(notFinite, other.notFinite);
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
    sketch.merge(other.sketch);
    other.parts.forEach((weighting, part) -> {
      Part own = parts.computeIfAbsent(weighting, each -> new Part());
      own.moments().merge(part.moments());
      own.replicates().merge(part.replicates());
    });
  }

  long samples() {
    return samples;
  }

  long notFinite() {
    return notFinite;
  }

  QuantileSketch sketch() {
    return sketch;
  }

  Part part(Weighting weighting) {
    Part part = parts.get(weighting);
    return part == null ? new Part() : part;
  }

  OptionalDouble min() {
    return samples == 0 ? OptionalDouble.empty() : OptionalDouble.of(min);
  }

  OptionalDouble max() {
    return samples == 0 ? OptionalDouble.empty() : OptionalDouble.of(max);
  }

  /** The deviation; none for a single sample. */
  OptionalDouble deviation(Weighting weighting) {
    return samples < 2 ? OptionalDouble.empty() : part(weighting).moments().deviation();
  }

  /** The cell as it stands now. */
  CellSummary summary(long asked, String reason) {
    Map<Double, Double> quantiles = new TreeMap<>();
    for (double share : SHARES) {
      sketch.quantile(share).ifPresent(value -> quantiles.put(share, value));
    }
    return new CellSummary(
        samples,
        notFinite,
        asked - samples - notFinite,
        estimate(Weighting.MACRO),
        estimate(Weighting.MICRO),
        min(),
        max(),
        quantiles,
        samples == 0 ? Optional.of(reason) : Optional.empty());
  }

  private CellSummary.Estimate estimate(Weighting weighting) {
    Part part = part(weighting);
    return new CellSummary.Estimate(
        part.moments().mean(),
        deviation(weighting),
        samples < 2 ? Optional.empty() : Replicates.interval(part.replicates().means()));
  }
}
