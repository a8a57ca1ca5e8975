package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The work of a plan cut into items, each done by one worker from beginning to end, so that no
 * result depends on how many workers there are. An item is a few neighbouring blocks of queries of
 * one head. The costliest blocks of a head come first, or a causal mask would leave one worker with
 * the longest rows at the end.
 */
final class Schedule {
  final List<Sequence> sequences;

  /** For every item its sequence, head, mask, first block and the block after its last. */
  final int[] sequence;

  final int[] head;
  final MaskBlocks[] mask;
  final int[] firstBlock;
  final int[] endBlock;

  /** Which masks are the same mask. */
  private record Variant(BoundMask mask, int batch, int head) {}

  private Schedule(List<Sequence> sequences, List<Item> items) {
    this.sequences = sequences;
    int n = items.size();
    sequence = new int[n];
    head = new int[n];
    mask = new MaskBlocks[n];
    firstBlock = new int[n];
    endBlock = new int[n];
    for (int i = 0; i < n; i++) {
      Item item = items.get(i);
      sequence[i] = item.sequence;
      head[i] = item.head;
      mask[i] = item.mask;
      firstBlock[i] = item.first;
      endBlock[i] = item.end;
    }
  }

  private record Item(int sequence, int head, MaskBlocks mask, int first, int end) {}

  static Schedule of(
      List<Sequence> sequences, int heads, int width, int tileKeys, int blocksAtOnce) {
    Map<Variant, MaskBlocks> compiled = new HashMap<>();
    List<Item> items = new ArrayList<>();
    for (int s = 0; s < sequences.size(); s++) {
      Sequence sequence = sequences.get(s);
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
          items.add(new Item(s, head, mask, block, Math.min(mask.blocks(), block + blocksAtOnce)));
        }
        items.subList(from, items.size()).sort((a, b) -> Long.compare(cost(b), cost(a)));
      }
    }
    return new Schedule(sequences, items);
  }

  private static long cost(Item item) {
    long cost = 0;
    for (int block = item.first; block < item.end; block++) {
      cost += item.mask.cost(block);
    }
    return cost;
  }

  int items() {
    return sequence.length;
  }
}
