package dev.sightline.mask;

import dev.sightline.mask.internal.recover.MaskFitter;
import java.util.List;
import java.util.Optional;

/**
 * The simplest mask that allows exactly the cells that were observed, over samples of several
 * lengths and paddings.
 *
 * <pre>{@code
 * RecoveredMask found = RecoveredMask.of(observations);
 * found.mask(); // causal & window(511,0) & padding
 * }</pre>
 *
 * <p>Rows of padded queries decide nothing: no output that anybody reads comes from them.
 *
 * @param mask the mask; empty if no expression gives these cells
 * @param byCells whether the mask lists its cells one by one
 * @param others other masks as simple as this one, which give the same cells
 */
public record RecoveredMask(Optional<Mask> mask, boolean byCells, List<Mask> others) {
  /** Copies the list. */
  public RecoveredMask {
    others = List.copyOf(others);
  }

  /**
   * {@return the mask of some observations}
   *
   * @param observations one for each sample
   * @throws IllegalArgumentException if there is none
   */
  public static RecoveredMask of(List<MaskObservation> observations) {
    if (observations.isEmpty()) {
      throw new IllegalArgumentException("a mask is recovered from at least one observation");
    }
    MaskFitter.Fit fit =
        MaskFitter.fit(observations.stream().map(MaskObservation::observation).toList());
    return new RecoveredMask(
        Optional.ofNullable(fit.node()).map(Mask::new),
        fit.byCells(),
        fit.others().stream().map(Mask::new).toList());
  }
}
