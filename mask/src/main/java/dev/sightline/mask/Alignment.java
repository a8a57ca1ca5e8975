package dev.sightline.mask;

import java.util.Arrays;
import java.util.List;

/**
 * Where the diagonal of a causal mask or a window lies when there are more keys than queries, or
 * fewer: query i stands at key i + offset.
 *
 * <p>Systems disagree (flash-attn 2.1 and torch's {@code causal_lower_right} use bottom-right,
 * torch's {@code is_causal} and ONNX without a past use top-left), so nothing is assumed: a mask
 * whose alignment is not stated can be bound to a square problem only, where they are all the same.
 */
public sealed interface Alignment {
  /** Not stated: allowed only where there are as many queries as keys. */
  record Unstated() implements Alignment {}

  /** Query 0 stands at key 0. */
  record TopLeft() implements Alignment {}

  /** The last query stands at the last key: the offset is Lk - Lq. */
  record BottomRight() implements Alignment {}

  /** Query i stands at key i + offset, with one offset for all or one per batch row. */
  record Offset(List<Integer> offsets) implements Alignment {
    public Offset {
      offsets = List.copyOf(offsets);
      if (offsets.isEmpty()) {
        throw new IllegalArgumentException("an offset is needed, one for all or one per batch row");
      }
    }
  }

  /** Query 0 stands at key 0. */
  static Alignment topLeft() {
    return new TopLeft();
  }

  /** The last query stands at the last key. */
  static Alignment bottomRight() {
    return new BottomRight();
  }

  /** Query i stands at key i + offset; one offset for all, or one per batch row. */
  static Alignment offset(int... offsets) {
    return new Offset(Arrays.stream(offsets).boxed().toList());
  }
}
