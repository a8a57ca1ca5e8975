package dev.sightline.audit.result;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the mask is worth on these samples: the same padded batches under their true mask and under
 * one of all ones. It is no proof of anything; it says how much a mask that is missing, or was
 * never connected, costs here.
 *
 * @param rows for each sample, in the order of reading
 * @param difference largest difference of an output value, mean over samples
 * @param cosine cosine between the sample's vector under both masks, mean over the samples whose
 *     vectors have an angle; null if none has
 * @param masked milliseconds of the first batch under its true mask, median
 * @param unmasked the same under a mask of all ones, in turn with the others
 * @param unpadded the same samples one by one without padding, in turn with the others; null where
 *     the model takes a fixed number of rows
 * @param memory largest resident memory of this process seen after runs of either kind, bytes
 * @param thumb the rule of thumb, with what it goes by
 * @param isTwin whether the model never reads a mask, so that the masked runs are those of the same
 *     model with a mask put in at its attentions, and the unmasked ones those of the model as it is
 */
public record MaskTrial(
    List<Row> rows,
    Estimate difference,
    @Nullable Estimate cosine,
    Estimate masked,
    Estimate unmasked,
    @Nullable Estimate unpadded,
    Memory memory,
    Thumb thumb,
    boolean isTwin) {
  /** Copies the list. */
  public MaskTrial {
    rows = List.copyOf(rows);
  }

  /** {@return the same, of a model with a mask put in} */
  public MaskTrial ofTwin() {
    return new MaskTrial(rows, difference, cosine, masked, unmasked, unpadded, memory, thumb, true);
  }

  /**
   * A number with the interval that holds it in 95 of 100 repetitions, by the percentile bootstrap
   * (Efron 1979).
   *
   * @param value mean or median of the measurements
   * @param low the lower end
   * @param high the upper end
   * @param count how many measurements it is taken from
   */
  public record Estimate(double value, double low, double high, int count) {}

  /**
   * A sample.
   *
   * @param number counted from 1
   * @param label the text, or a name for a sample without one
   * @param tokens real tokens
   * @param padding positions of padding in its row of the batch
   * @param difference the largest difference of an output value between the two masks
   * @param cosine between its vectors under both; empty if they have no angle
   */
  public record Row(
      long number,
      String label,
      int tokens,
      int padding,
      double difference,
      OptionalDouble cosine) {}

  /**
   * Resident memory of the process, at most.
   *
   * @param masked bytes seen after runs under the true mask; empty where the system does not say
   * @param unmasked the same after runs under a mask of all ones
   */
  public record Memory(OptionalLong masked, OptionalLong unmasked) {}

  /**
   * "Is a mask needed here", by the published rule of thumb: redundant where padding's vectors have
   * less than 0.01 of the length of real ones and get less than 0.001 of the attention; useful
   * above 0.1 and 0.01; undecided otherwise.
   *
   * @param norm padding's length relative to real tokens', the largest over layers; empty if
   *     unknown
   * @param weight mean attention on padding under a mask of ones, 0..1; empty if unknown
   */
  public record Thumb(OptionalDouble norm, OptionalDouble weight) {
    /**
     * Applies the rule.
     *
     * @return what it gives; {@code NO_DATA} unless both numbers are known
     */
    public Need need() {
      if (norm.isEmpty() || weight.isEmpty()) {
        return Need.NO_DATA;
      }
      if (norm.getAsDouble() < 0.01 && weight.getAsDouble() < 0.001) {
        return Need.REDUNDANT;
      }
      return norm.getAsDouble() > 0.1 && weight.getAsDouble() > 0.01 ? Need.USEFUL : Need.UNDECIDED;
    }
  }

  /** Whether a mask is needed on these samples. */
  public enum Need {
    /** Padding's vectors nearly vanish and get next to no attention. */
    REDUNDANT,
    /** Padding's vectors are long and get attention without the mask. */
    USEFUL,
    /** The two numbers disagree, or are between the limits. */
    UNDECIDED,
    /** One of the two numbers is unknown. */
    NO_DATA
  }
}
