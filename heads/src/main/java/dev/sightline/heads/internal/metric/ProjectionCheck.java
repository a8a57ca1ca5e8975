package dev.sightline.heads.internal.metric;

import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.tensor.FloatTensor;
import java.util.Locale;

/**
 * Whether the rows of an output projection that were taken for the heads' own are: the heads'
 * contributions and the bias must sum to what the projection gave. Both are compared at every
 * position of a real batch.
 *
 * @param site whose projection it is
 * @param relativeError the largest difference, divided by the largest value
 */
record ProjectionCheck(AttentionSite site, double relativeError) {
  /** Two float32 products of the same terms differ by less; quantised ones by far more. */
  public static final double ALLOWED = 1e-4;

  /**
   * Compares {@link AttentionSite.Tap#ATTENTION_OUTPUT} with {@link
   * AttentionSite.Tap#REBUILT_OUTPUT}, both {@code [B, S, D]}.
   *
   * @throws IllegalArgumentException if their shapes differ
   */
  public static ProjectionCheck of(AttentionSite site, FloatTensor output, FloatTensor rebuilt) {
    if (!output.shape().equals(rebuilt.shape())) {
      throw new IllegalArgumentException(
          "the attention output is " + output.shape() + ", but was rebuilt " + rebuilt.shape());
    }
    double difference = 0;
    double largest = 0;
    for (int i = 0; i < output.data().length; i++) {
      // Not a maximum: NaN must not get lost.
      double here = Math.abs((double) output.data()[i] - rebuilt.data()[i]);
      difference = here <= difference ? difference : here;
      largest = Math.max(largest, Math.abs(output.data()[i]));
    }
    return new ProjectionCheck(site, difference == 0 ? 0 : difference / largest);
  }

  /** Whether the slices are the heads' own. */
  public boolean isAccepted() {
    return relativeError <= ALLOWED;
  }

  /**
   * Why there is no data for what needs the projection; empty if there is. The same for every
   * layer, so that reports name layers together.
   */
  public String why() {
    return isAccepted()
        ? ""
        : String.format(
            Locale.ROOT,
            "its output projection is not identified: what the heads add does not sum to its output"
                + " within %.0e, relative",
            ALLOWED);
  }
}
