package dev.sightline.heads.statistics;

import dev.sightline.tensor.internal.Quoted;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The model, the runtime and the options of statistics. Only statistics of the same provenance can
 * be merged.
 *
 * @param model name of the model
 * @param modelSha256 SHA-256 of its file, 64 hexadecimal digits in lower case
 * @param runtime name and version of the runtime, such as {@code ONNX Runtime 1.29.0, CPU}
 * @param aggregation how the values of a sample's tokens became one value
 * @param maxTokens tokens after which texts are cut; {@link Integer#MAX_VALUE} where rows give
 *     every input, and are never cut
 * @param metrics the metrics, each name once
 * @param headsPerLayer number of heads of each layer
 * @param seed seed of the bootstrap
 */
public record Provenance(
    String model,
    String modelSha256,
    String runtime,
    TokenAggregation aggregation,
    int maxTokens,
    List<Metric> metrics,
    List<Integer> headsPerLayer,
    long seed) {
  static final int MAX_METRICS = 100;
  static final int MAX_LAYERS = 2_000;
  static final int MAX_HEADS = 2_000;

  /** Several times what the largest models need for ten metrics. */
  static final long MAX_CELLS = 500_000;

  private static final int MAX_TEXT = 1_000;

  /**
   * Copies the lists and checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public Provenance {
    metrics = List.copyOf(metrics);
    headsPerLayer = List.copyOf(headsPerLayer);
    requireText("a model's name", model, 1);
    requireText("a runtime", runtime, 1);
    if (maxTokens < 1) {
      throw new IllegalArgumentException(
          "a sample has at least 1 token, and not at most " + maxTokens);
    }
    if (!modelSha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "a SHA-256 has 64 hexadecimal digits, not '" + Quoted.shortened(modelSha256) + "'");
    }
    if (metrics.isEmpty() || metrics.size() > MAX_METRICS) {
      throw new IllegalArgumentException(
          "there must be 1 to " + MAX_METRICS + " metrics, not " + metrics.size());
    }
    Set<String> names = new HashSet<>();
    for (Metric metric : metrics) {
      if (!names.add(metric.name())) {
        throw new IllegalArgumentException("metric '" + metric.name() + "' is there twice");
      }
    }
    if (headsPerLayer.isEmpty() || headsPerLayer.size() > MAX_LAYERS) {
      throw new IllegalArgumentException(
          "there must be 1 to " + MAX_LAYERS + " layers, not " + headsPerLayer.size());
    }
    long heads = 0;
    for (int h : headsPerLayer) {
      if (h < 1 || h > MAX_HEADS) {
        throw new IllegalArgumentException("a layer has 1 to " + MAX_HEADS + " heads, not " + h);
      }
      heads += h;
    }
    if (heads * metrics.size() > MAX_CELLS) {
      throw new IllegalArgumentException(
          metrics.size() + " metrics of " + heads + " heads are more than " + MAX_CELLS + " cells");
    }
  }

  static void requireText(String what, String text, int least) {
    if (text.strip().length() < least || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          what
              + " has "
              + least
              + " to "
              + MAX_TEXT
              + " characters, unlike '"
              + Quoted.shortened(text)
              + "'");
    }
  }

  /**
   * Returns the index of a metric.
   *
   * @param name such as {@code entropy}
   * @return its index in {@link #metrics}
   * @throws IllegalArgumentException if it was not measured
   */
  public int metric(String name) {
    for (int m = 0; m < metrics.size(); m++) {
      if (metrics.get(m).name().equals(name)) {
        return m;
      }
    }
    throw new IllegalArgumentException(
        "there is no metric '" + Quoted.shortened(name) + "' among " + metrics);
  }

  /**
   * Checks that statistics of both can be merged.
   *
   * @param other the other provenance
   * @throws IllegalArgumentException if something differs; both sides are quoted
   */
  public void requireMergeable(Provenance other) {
    requireSame("models", model, other.model);
    requireSame("model files, by SHA-256,", modelSha256, other.modelSha256);
    requireSame("runtimes", runtime, other.runtime);
    requireSame("aggregations", aggregation.text(), other.aggregation.text());
    requireSame("tokens at most", maxTokens, other.maxTokens);
    requireSame("metrics", metrics, other.metrics);
    requireSame("heads per layer", headsPerLayer, other.headsPerLayer);
    requireSame("seeds", seed, other.seed);
  }

  /**
   * Checks that two values are equal.
   *
   * @param what their name in the message, in the plural
   * @param a the first value
   * @param b the second value
   * @throws IllegalArgumentException if they differ; both are quoted
   */
  public static void requireSame(String what, Object a, Object b) {
    if (!a.equals(b)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "the %s differ: '%s' and '%s'", what, a, b));
    }
  }
}
