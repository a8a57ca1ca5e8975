package dev.sightline.attention.internal.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The work of a backward pass cut into items: a stretch of the keys of one key head, with all
 * queries that see them. An item owns the gradients of its keys and values. Of the queries'
 * gradients it computes a part, and {@link Merge} adds the parts of a head, stretch after stretch.
 * The length of a stretch depends on the sequence's number of keys only, so that no result depends
 * on the number of threads or on the rest of the batch.
 *
 * @param items the costliest first
 * @param merges one for each sequence and query head
 */
record GradientSchedule(List<Item> items, List<Merge> merges) {
  /** Keys of a tile: as {@link Engine#TILE_KEYS} a multiple of 32 and of 6. */
  static final int TILE_KEYS = 96;

  /** The fewest tiles of a stretch, unless there are fewer. */
  private static final int STRETCH = 11;

  /** The most stretches, since each may hold gradients of all queries. */
  private static final int MOST_STRETCHES = 8;

  /** A stretch [firstTile, endTile) of the keys of one head, with the query heads that read it. */
  record Item(Sequence sequence, int keyHead, int firstTile, int endTile, List<Part> parts) {
    int tiles() {
      return endTile - firstTile;
    }

    private long cost() {
      long cost = 0;
      for (Part part : parts) {
        cost += part.gradients.length;
      }
      return cost * tiles();
    }
  }

  /**
   * The blocks [firstBlock, endBlock) of a query head, between the first and the last that see a
   * key of the stretch.
   *
   * @param gradients {@code [block][column][lane]}, of the queries, overwritten by each run
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(int head, MaskBlocks mask, int firstBlock, int endBlock, float[][] gradients) {}

  /** The parts of a query head, in the order of their keys. */
  record Merge(Sequence sequence, int head, List<Part> parts) {}

  static GradientSchedule of(List<Sequence> sequences, Problem problem, int width, int columns) {
    CompiledMasks masks = new CompiledMasks(width, TILE_KEYS);
    List<Item> items = new ArrayList<>();
    List<Merge> merges = new ArrayList<>();
    for (Sequence sequence : sequences) {
      int tiles = Math.ceilDiv(sequence.keys(), TILE_KEYS);
      int stretch = Math.max(STRETCH, Math.ceilDiv(tiles, MOST_STRETCHES));
      for (int keyHead = 0; keyHead < problem.keyHeads(); keyHead++) {
        List<Merge> group = new ArrayList<>();
        for (int h = 0; h < problem.group(); h++) {
          group.add(new Merge(sequence, keyHead * problem.group() + h, new ArrayList<>()));
        }
        for (int tile = 0; tile < tiles; tile += stretch) {
          int end = Math.min(tiles, tile + stretch);
          List<Part> parts = new ArrayList<>();
          for (Merge merge : group) {
            MaskBlocks mask = masks.of(sequence, merge.head());
            Part part = part(merge.head(), mask, tile, end, columns * width);
            parts.add(part);
            merge.parts().add(part);
          }
          items.add(new Item(sequence, keyHead, tile, end, parts));
        }
        merges.addAll(group);
      }
    }
    items.sort(Comparator.comparingLong(Item::cost).reversed());
    return new GradientSchedule(items, merges);
  }

  private static Part part(int head, MaskBlocks mask, int firstTile, int endTile, int size) {
    int first = 0;
    int end = mask.blocks();
    while (first < end && !sees(mask, first, firstTile, endTile)) {
      first++;
    }
    while (end > first && !sees(mask, end - 1, firstTile, endTile)) {
      end--;
    }
    return new Part(head, mask, first, end, new float[end - first][size]);
  }

  private static boolean sees(MaskBlocks mask, int block, int firstTile, int endTile) {
    for (int run = mask.firstRun(block); run < mask.firstRun(block + 1); run++) {
      if (mask.runStart(run) < endTile && mask.runEnd(run) > firstTile) {
        return true;
      }
    }
    return false;
  }

  /** The most blocks of a part. */
  int mostBlocks() {
    return items.stream()
        .flatMap(item -> item.parts().stream())
        .mapToInt(part -> part.gradients().length)
        .max()
        .orElse(0);
  }

  /** The most tiles of an item. */
  int mostTiles() {
    return items.stream().mapToInt(Item::tiles).max().orElse(0);
  }
}
