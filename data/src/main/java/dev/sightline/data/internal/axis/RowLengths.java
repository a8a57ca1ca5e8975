package dev.sightline.data.internal.axis;

import dev.sightline.onnx.inventory.TensorSpec;
import java.util.Locale;

/** What an input that counts the real tokens of each row counts. */
public final class RowLengths {
  private RowLengths() {}

  /**
   * Returns how many fewer than the tokens an input says: 1 for that of GroupQueryAttention, which
   * is the index of the last key; 0 for all others.
   */
  public static int fewer(TensorSpec lengths) {
    return lengths.name().toLowerCase(Locale.ROOT).contains("seqlens_k") ? 1 : 0;
  }
}
