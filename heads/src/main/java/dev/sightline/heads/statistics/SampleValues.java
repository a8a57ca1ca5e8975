package dev.sightline.heads.statistics;

import dev.sightline.data.file.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One sample as it enters the statistics: one value per metric, layer and head.
 *
 * @param id what the sample is called; two runs are paired by it
 * @param weight of the sample, 1 unless the data give another
 * @param tokens real tokens of the sample
 * @param read how many of them the values were read from: all of them for a mean, one for the last
 * @param values by metric and layer the values of the heads, null where the layer delivered none
 */
public record SampleValues(
    String id,
    double weight,
    int tokens,
    int read,
    List<? extends List<double @Nullable []>> values) {
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
