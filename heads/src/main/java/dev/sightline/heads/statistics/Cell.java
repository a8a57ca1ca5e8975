package dev.sightline.heads.statistics;

import dev.sightline.heads.internal.statistics.Moments;
import dev.sightline.heads.internal.statistics.Moments.Step;
import dev.sightline.heads.internal.statistics.QuantileSketch;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of one metric of one head. Merging an empty cell changes nothing. Not safe for use by
 * several threads.
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

  /**
   * Samples that come together, in their order. What does not depend on a value is found once for
   * all cells that saw every sample so far.
   */
  static final class Block {
    private final long before;
    private final double[][] draws;
    private final Map<Weighting, double[]> weights;
    private final Map<Weighting, double[]> shared;
    private final Map<Weighting, Step[]> steps = new EnumMap<>(Weighting.class);

    /**
     * Of some samples.
     *
     * @param before how many samples came before them
     * @param draws of each sample for each replicate
     * @param weights of the samples
     * @param shared the replicates' weights of all samples before, owned by the caller
     */
    Block(
        long before,
        double[][] draws,
        Map<Weighting, double[]> weights,
        Map<Weighting, double[]> shared) {
      this.before = before;
      this.draws = draws;
      this.weights = weights;
      this.shared = shared;
    }

    int size() {
      return draws.length;
    }

    private double[] weights(Weighting weighting) {
      return Objects.requireNonNull(weights.get(weighting));
    }

    private double[] shared(Weighting weighting) {
      return Objects.requireNonNull(shared.get(weighting));
    }

    /** The steps of all samples of the block, for a cell that has all samples before. */
    private Step[] steps(Weighting weighting, Moments complete) {
      return steps.computeIfAbsent(weighting, each -> complete.steps(weights(weighting)));
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
   * Takes in some samples, as if one by one.
   *
   * @param layer for each sample the values of the layer's heads; null where there are none
   */
  void add(double[] @Nullable [] layer, int head, Block block) {
    boolean wasComplete = samples == block.before;
    double[] values = new double[block.size()];
    int[] from = new int[block.size()];
    int count = 0;
    for (int s = 0; s < values.length; s++) {
      double[] heads = layer[s];
      if (heads == null) {
        continue;
      }
      double value = heads[head];
      if (!(Math.abs(value) <= LARGEST)) {
        notFinite++;
        continue;
      }
      min = Math.min(min, value);
      max = Math.max(max, value);
      sketch.add(value);
      values[count] = value;
      from[count++] = s;
    }
    boolean isComplete = wasComplete && count == values.length;
    if (wasComplete && !isComplete) {
      parts.values().forEach(part -> part.replicates().unshare());
    }
    if (count == 0) {
      return;
    }
    samples += count;
    if (isComplete) {
      addAll(values, block);
    } else {
      addSome(Arrays.copyOf(values, count), Arrays.copyOf(from, count), block);
    }
  }

  private void addAll(double[] values, Block block) {
    for (Weighting weighting : Weighting.values()) {
      parts.computeIfAbsent(
          weighting, each -> new Part(new Moments(), new Replicates(block.shared(weighting))));
    }
    Part macro = part(Weighting.MACRO);
    Part micro = part(Weighting.MICRO);
    addMoments(
        values,
        macro.moments(),
        block.steps(Weighting.MACRO, macro.moments()),
        micro.moments(),
        block.steps(Weighting.MICRO, micro.moments()));
    macro.replicates().addSums(products(values, block.weights(Weighting.MACRO)), block.draws);
    micro.replicates().addSums(products(values, block.weights(Weighting.MICRO)), block.draws);
  }

  /**
   * Both weightings in one loop: each is a chain in which every number waits for the one before,
   * and a processor follows two in the time of one.
   */
  private static void addMoments(
      double[] values, Moments macro, Step[] macroSteps, Moments micro, Step[] microSteps) {
    for (int i = 0; i < values.length; i++) {
      macro.add(values[i], macroSteps[i]);
      micro.add(values[i], microSteps[i]);
    }
    macro.weigh(macroSteps[values.length - 1]);
    micro.weigh(microSteps[values.length - 1]);
  }

  private void addSome(double[] values, int[] from, Block block) {
    double[][] draws = new double[from.length][];
    Arrays.setAll(draws, i -> block.draws[from[i]]);
    for (Weighting weighting : Weighting.values()) {
      double[] all = block.weights(weighting);
      double[] weights = Arrays.stream(from).mapToDouble(s -> all[s]).toArray();
      Part part = parts.computeIfAbsent(weighting, each -> new Part());
      for (int i = 0; i < values.length; i++) {
        part.moments().add(values[i], weights[i]);
      }
      part.replicates().addWeights(weights, draws);
      part.replicates().addSums(products(values, weights), draws);
    }
  }

  private static double[] products(double[] values, double[] weights) {
    double[] products = new double[values.length];
    for (int i = 0; i < products.length; i++) {
      products[i] = weights[i] * values[i];
    }
    return products;
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

  /** Shares the replicates' weights with another cell of the same samples. */
  void share(Map<Weighting, double[]> weights) {
    parts.forEach((weighting, part) ->
        part.replicates().share(Objects.requireNonNull(weights.get(weighting))));
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

  /** The numbers of the cell now. */
  CellSummary summary(long asked, String reason) {
    Map<Double, Double> quantiles = new TreeMap<>();
    double[] values = sketch.quantiles(SHARES);
    for (int i = 0; i < values.length; i++) {
      quantiles.put(SHARES[i], values[i]);
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
