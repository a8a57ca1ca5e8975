package dev.sightline.attention.internal.plan;

import dev.sightline.mask.BoundMask;
import java.util.HashMap;
import java.util.Map;

/** The compiled masks of a schedule. Equal variants of batch row and head share their blocks. */
final class CompiledMasks {
  private record Variant(BoundMask mask, int batch, int head) {}

  private final Map<Variant, MaskBlocks> compiled = new HashMap<>();
  private final int width;
  private final int tileKeys;

  CompiledMasks(int width, int tileKeys) {
    this.width = width;
    this.tileKeys = tileKeys;
  }

  /** The blocks of a sequence's mask for one query head. */
  MaskBlocks of(Sequence sequence, int head) {
    BoundMask bound = sequence.mask();
    Variant variant =
        new Variant(
            bound,
            bound.mask().batchRows() == 1 ? 0 : sequence.maskBatch(),
            bound.mask().heads() == 1 ? 0 : head);
    return compiled.computeIfAbsent(
        variant, v -> MaskBlocks.of(v.mask(), v.batch(), v.head(), width, tileKeys));
  }
}
