package dev.sightline.heads.statistics;

import dev.sightline.data.internal.row.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of one sample, by metric, layer and head.
 *
 * @param id the name of the sample; two runs are paired by it
 * @param weight weight of the sample, above 0; 1 by default
 * @param tokens number of real tokens of the sample
 * @param read number of tokens that the values are a mean of
 * @param values by metric and layer, the values of the heads; null for a layer without values
 */
public record SampleValues(
    String id,
    double weight,
    int tokens,
    int read,
    List<? extends List<double @Nullable []>> values) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public SampleValues {
    if (!(weight > 0 && weight <= Row.MAX_WEIGHT)) {
      throw new IllegalArgumentException(
          "a weight is above 0 and at most " + Row.MAX_WEIGHT + ", not " + weight);
    }
    if (read < 1 || tokens < read) {
      throw new IllegalArgumentException(
          "a sample of " + tokens + " tokens was not read from " + read + " of them");
    }
  }
}
