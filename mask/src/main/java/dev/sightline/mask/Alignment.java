package dev.sightline.mask;

import dev.sightline.mask.internal.kind.Diagonal;

/**
 * Where the diagonal of a causal mask or a window is when there are more keys than queries, or
 * fewer: query i is at key i + offset.
 *
 * <p>Systems disagree (flash-attn 2.1 and torch's {@code causal_lower_right} use bottom-right,
 * torch's {@code is_causal} and ONNX without a past use top-left), so nothing is assumed: a mask
 * whose alignment is not stated can be bound to as many queries as keys only, where all alignments
 * are the same. Immutable, with value equality.
 */
public final class Alignment {
  private final Diagonal diagonal;

  private Alignment(Diagonal diagonal) {
    this.diagonal = diagonal;
  }

  Diagonal diagonal() {
    return diagonal;
  }

  /**
   * {@return an alignment that is not stated: allowed only where there are as many queries as keys}
   */
  public static Alignment unstated() {
    return new Alignment(Diagonal.UNSTATED);
  }

  /** {@return the alignment that puts query 0 at key 0} */
  public static Alignment topLeft() {
    return new Alignment(Diagonal.TOP_LEFT);
  }

  /** {@return the alignment that puts the last query at the last key: the offset is Lk - Lq} */
  public static Alignment bottomRight() {
    return new Alignment(Diagonal.BOTTOM_RIGHT);
  }

  /**
   * {@return the alignment that puts query i at key i + offset}
   *
   * @param offsets one for all batch rows, or one for each
   * @throws IllegalArgumentException if there is none
   */
  public static Alignment offset(int... offsets) {
    return new Alignment(Diagonal.offset(offsets));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Alignment that && diagonal.equals(that.diagonal);
  }

  @Override
  public int hashCode() {
    return diagonal.hashCode();
  }

  /** As the text form writes it: {@code bottom-right}; empty where it is not stated. */
  @Override
  public String toString() {
    return diagonal.text();
  }
}
