package dev.sightline.attention.internal.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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

  static BlockSchedule of(
      List<Sequence> sequences, int heads, int width, int tileKeys, int blocksAtOnce) {
    CompiledMasks masks = new CompiledMasks(width, tileKeys);
    List<Item> items = new ArrayList<>();
    for (Sequence sequence : sequences) {
      for (int head = 0; head < heads; head++) {
        MaskBlocks mask = masks.of(sequence, head);
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
