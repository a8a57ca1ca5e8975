package dev.sightline.report.internal.mask;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Cell;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.util.Optional;

/**
 * How two masks compare over the same sizes.
 *
 * @param onlyA the number of pairs that only the first allows
 * @param onlyB the number of pairs that only the second allows
 * @param firstOnlyA the first of the pairs that only the first allows
 * @param firstOnlyB the first of the pairs that only the second allows
 */
public record MaskRelation(
    long onlyA, long onlyB, Optional<Cell> firstOnlyA, Optional<Cell> firstOnlyB) {
  /**
   * Compares two masks.
   *
   * @throws IllegalArgumentException if one does not fit the sizes, or this takes too long
   */
  public static MaskRelation of(Mask a, Mask b, MaskShape shape) {
    BoundMask left = a.over(shape);
    BoundMask right = b.over(shape);
    return new MaskRelation(
        a.minus(b).over(shape).count(),
        b.minus(a).over(shape).count(),
        left.excessOver(right),
        right.excessOver(left));
  }

  /** What the first mask is beside the second: equal, wider, narrower or different. */
  public String word() {
    if (onlyA == 0) {
      return onlyB == 0 ? "equal" : "narrower";
    }
    return onlyB == 0 ? "wider" : "different";
  }
}
