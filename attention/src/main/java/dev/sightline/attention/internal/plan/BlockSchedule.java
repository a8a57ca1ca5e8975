package dev.sightline.attention.internal.plan;

import dev.sightline.mask.BoundMask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The work of a plan cut into items. One worker computes an item from beginning to end, so that no
 * result depends on the number of workers. The costliest items of a head come first, or a causal
 * mask would leave one worker with the longest rows at the end.
 */
record BlockSchedule(List<Item> items) {
  /** A few neighbouring blocks of queries of one head, [firstBlock, endBlock). */
  record Item(Sequence sequence, int head, MaskBlocks mask, int firstBlock, int endBlock) {
    int blocks() {
      return endBlock - firstBlock;
    }

    private long cost() {
      long cost = 0;
      for (int block = firstBlock; block < endBlock; block++) {
        cost += mask.cost(block);
      }
      return cost;
    }
  }

  /** Equal variants share their compiled blocks. */
  private record Variant(BoundMask mask, int batch, int head) {}

  static BlockSchedule of(
      List<Sequence> sequences, int heads, int width, int tileKeys, int blocksAtOnce) {
    Map<Variant, MaskBlocks> compiled = new HashMap<>();
    List<Item> items = new ArrayList<>();
    for (Sequence sequence : sequences) {
      for (int head = 0; head < heads; head++) {
        BoundMask bound = sequence.mask();
        Variant variant =
            new Variant(
                bound,
                bound.mask().batchRows() == 1 ? 0 : sequence.maskBatch(),
                bound.mask().heads() == 1 ? 0 : head);
        MaskBlocks mask =
            compiled.computeIfAbsent(
                variant, v -> MaskBlocks.of(v.mask(), v.batch(), v.head(), width, tileKeys));
        int from = items.size();
        for (int block = 0; block < mask.blocks(); block += blocksAtOnce) {
          int end = Math.min(mask.blocks(), block + blocksAtOnce);
          items.add(new Item(sequence, head, mask, block, end));
        }
        items.subList(from, items.size()).sort(Comparator.comparingLong(Item::cost).reversed());
      }
    }
    return new BlockSchedule(items);
  }

  /** The most blocks of an item. */
  int mostBlocks() {
    return items.stream().mapToInt(Item::blocks).max().orElse(0);
  }
}
