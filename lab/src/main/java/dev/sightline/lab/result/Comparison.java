package dev.sightline.lab.result;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Policies that were trained alike under different masks, and how their results differ. The rules
 * are fixed before a run: the first mask is what the others are compared with, differences are
 * paired by seed and task, their intervals are bootstrap intervals at 95 %, and a difference counts
 * only beyond a margin.
 *
 * @param policy which policy
 * @param masks the masks, the one that the others are compared with first
 * @param seeds of the trainings
 * @param results one for each mask and seed
 */
public record Comparison(
    LabRun.Kind policy, List<String> masks, List<Long> seeds, List<LabResult> results) {
  /** The largest difference of success that does not matter: 5 percentage points. */
  public static final double SUCCESS_MARGIN = 0.05;

  private static final long BOOTSTRAP_SEED = 1;

  /** Copies the lists. */
  public Comparison {
    masks = List.copyOf(masks);
    seeds = List.copyOf(seeds);
    results = List.copyOf(results);
    if (results.size() != masks.size() * seeds.size()) {
      throw new IllegalArgumentException(
          "a comparison has a result for each mask and seed, "
              + masks.size() * seeds.size()
              + ", not "
              + results.size());
    }
  }

  /** What an interval says about a mask against the first one. */
  public enum Conclusion {
    /** Better by more than chance explains. */
    HELPS,
    /** Worse by more than chance explains. */
    HARMS,
    /** The whole interval is within the margin. */
    NO_DIFFERENCE,
    /** The interval is too wide to say. */
    UNDECIDED
  }

  /**
   * A mean with its interval.
   *
   * @param mean over seeds and tasks
   * @param low the lower end at 95 %
   * @param high the upper end
   */
  public record Interval(double mean, double low, double high) {}

  /**
   * How a mask's results differ from the first one's under one condition.
   *
   * @param mask the mask
   * @param condition under which both were run
   * @param success of the mask minus that of the first
   * @param endError of the mask minus that of the first
   * @param conclusion from the success
   */
  public record Difference(
      String mask, String condition, Interval success, Interval endError, Conclusion conclusion) {}

  /**
   * Returns the results of a mask, one for each seed.
   *
   * @param mask one of the masks
   * @return in the order of the seeds
   */
  public List<LabResult> of(String mask) {
    return seeds.stream()
        .map(seed ->
            results.stream()
                .filter(r -> r.run().mask().equals(mask) && r.run().seed() == seed)
                .findFirst()
                .orElseThrow())
        .toList();
  }

  /**
   * Returns the names of the conditions that all were run under, and of the baselines.
   *
   * @return the main condition first
   */
  public List<String> conditions() {
    return results.getFirst().conditions().stream().map(Results::condition).toList();
  }

  /**
   * Returns a mask's success under a condition or that of a baseline.
   *
   * @param mask one of the masks
   * @param condition or a baseline
   * @return with an interval over seeds and tasks
   */
  public Interval success(String mask, String condition) {
    double[][] values = values(mask, condition, true);
    return interval(
        PairedDifference.of(values, new double[values.length][values[0].length], BOOTSTRAP_SEED));
  }

  /**
   * Returns a mask's end-point error under a condition or that of a baseline.
   *
   * @param mask one of the masks
   * @param condition or a baseline
   * @return with an interval over seeds and tasks
   */
  public Interval endError(String mask, String condition) {
    double[][] values = values(mask, condition, false);
    return interval(
        PairedDifference.of(values, new double[values.length][values[0].length], BOOTSTRAP_SEED));
  }

  /**
   * Returns how each mask differs from the first under each condition.
   *
   * @return by mask, then by condition
   */
  public List<Difference> differences() {
    List<Difference> differences = new ArrayList<>();
    String first = masks.getFirst();
    for (String mask : masks.subList(1, masks.size())) {
      for (String condition : conditions()) {
        PairedDifference success =
            PairedDifference.of(
                values(mask, condition, true), values(first, condition, true), BOOTSTRAP_SEED);
        PairedDifference endError =
            PairedDifference.of(
                values(mask, condition, false), values(first, condition, false), BOOTSTRAP_SEED);
        differences.add(
            new Difference(
                mask,
                condition,
                interval(success),
                interval(endError),
                success.conclusion(SUCCESS_MARGIN, true)));
      }
    }
    return differences;
  }

  private double[][] values(String mask, String condition, boolean success) {
    return of(mask).stream()
        .map(result -> result.under(condition).orElseThrow())
        .map(results -> success ? results.success() : results.endError())
        .map(values -> values.stream().mapToDouble(Double::doubleValue).toArray())
        .toArray(double[][]::new);
  }

  private static Interval interval(PairedDifference difference) {
    return new Interval(difference.mean(), difference.low(), difference.high());
  }

  /**
   * Returns what each mask costs.
   *
   * @return medians over the seeds, by mask
   */
  public Map<String, Costs> costs() {
    Map<String, Costs> costs = new LinkedHashMap<>();
    for (String mask : masks) {
      List<Costs> all = of(mask).stream().map(LabResult::costs).toList();
      costs.put(
          mask,
          new Costs(
              median(all.stream().mapToDouble(Costs::stepMillis).toArray()),
              median(all.stream().mapToDouble(Costs::actionMillis).toArray()),
              all.getFirst().parameters(),
              (long) median(all.stream().mapToDouble(Costs::memoryBytes).toArray())));
    }
    return costs;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    java.util.Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
