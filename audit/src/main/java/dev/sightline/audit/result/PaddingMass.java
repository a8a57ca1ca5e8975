package dev.sightline.audit.result;

import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The share of attention that real tokens give to padding, for each layer and head, over all texts.
 * It is exactly 0 when the mask is right.
 *
 * @param layers in order of execution
 * @param queries how many real tokens were looked at
 * @param worst where the largest share was seen; null if all are 0
 */
public record PaddingMass(List<Layer> layers, long queries, @Nullable Place worst) {
  /** Copies the list. */
  public PaddingMass {
    layers = List.copyOf(layers);
  }

  /**
   * One attention.
   *
   * @param layer in order of execution, from 0
   * @param reason why there is no data; null where there is
   * @param max the largest share for each head, 0..1; NaN if a probability was not finite
   * @param mean the mean share for each head over all real queries, 0..1
   */
  public record Layer(int layer, @Nullable String reason, List<Double> max, List<Double> mean) {
    /** Copies the lists. */
    public Layer {
      max = List.copyOf(max);
      mean = List.copyOf(mean);
    }
  }

  /**
   * The largest share of all layers and heads.
   *
   * @return 0..1, or NaN if a probability was not finite; empty if no layer has data
   */
  public OptionalDouble max() {
    return layers.stream().flatMap(l -> l.max().stream()).mapToDouble(share -> share).max();
  }
}
