package dev.sightline.attention.internal.plan;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Tiles;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A compiled mask of one batch row and head: for every block of queries the runs of key tiles it
 * needs, and for every partial tile one bit for each pair, in the order of the kernel's lanes.
 * Empty tiles are left out; full tiles have no bits. Tiles with the same bits share them, so a
 * causal mask of any length holds few patterns.
 *
 * <p>The bit of a pair: {@code words[offset + (key / 32) * width + lane]}, bit {@code key % 32}.
 */
final class MaskBlocks {
  private final Tiles tiles;
  private final int tileKeys;

  /** For every run of partial tiles the index of its first tile in the three arrays below. */
  private final int[] runPartial;

  private final int[] first;
  private final int[] end;
  private final int[] offset;
  private final int[] words;
  private final long[] cost;

  private MaskBlocks(
      Tiles tiles, int[] runPartial, int[] first, int[] end, int[] offset, int[] words) {
    this.tiles = tiles;
    this.tileKeys = tiles.tileKeys();
    this.runPartial = runPartial;
    this.first = first;
    this.end = end;
    this.offset = offset;
    this.words = words;
    this.cost = new long[tiles.rows()];
    for (int block = 0; block < cost.length; block++) {
      for (int run = firstRun(block); run < firstRun(block + 1); run++) {
        for (int tile = runStart(run); tile < runEnd(run); tile++) {
          cost[block] += endKey(run, tile) - firstKey(run, tile);
        }
      }
    }
  }

  static MaskBlocks of(BoundMask mask, int batch, int head, int width, int tileKeys) {
    Tiles tiles = mask.tiles(batch, head, width, tileKeys);
    int[] runPartial = new int[tiles.runStart().length];
    int partial = 0;
    for (int run = 0; run < runPartial.length; run++) {
      runPartial[run] = partial;
      partial += tiles.runFull()[run] ? 0 : tiles.runEnd()[run] - tiles.runStart()[run];
    }
    int[] first = new int[partial];
    int[] end = new int[partial];
    int[] offset = new int[partial];
    Map<IntBuffer, Integer> patterns = new HashMap<>();
    int[] words = new int[0];
    int used = 0;
    int[] scratch = new int[width * (tileKeys / 32)];
    RowBounds rows = new RowBounds(width);
    for (int block = 0; block < tiles.rows(); block++) {
      int lastRun = tiles.rowStart()[block + 1];
      boolean read = false;
      for (int run = tiles.rowStart()[block]; run < lastRun; run++) {
        if (tiles.runFull()[run]) {
          continue;
        }
        if (!read) {
          rows.read(mask, batch, head, block * width);
          read = true;
        }
        for (int tile = tiles.runStart()[run]; tile < tiles.runEnd()[run]; tile++) {
          int at = runPartial[run] + tile - tiles.runStart()[run];
          Arrays.fill(scratch, 0);
          rows.fill(scratch, tile * tileKeys, (tile + 1) * tileKeys);
          first[at] = rows.first;
          end[at] = rows.end;
          Integer known = patterns.get(IntBuffer.wrap(scratch));
          if (known == null) {
            known = used;
            patterns.put(IntBuffer.wrap(scratch.clone()), known);
            if (words.length - used < scratch.length) {
              words = Arrays.copyOf(words, Math.max(2 * words.length, used + scratch.length));
            }
            System.arraycopy(scratch, 0, words, used, scratch.length);
            used += scratch.length;
          }
          offset[at] = known;
        }
      }
    }
    return new MaskBlocks(tiles, runPartial, first, end, offset, words);
  }

  /** The runs of allowed keys of the rows of one block, and the bits of one tile of them. */
  private static final class RowBounds {
    private final int[][] bounds;
    private final int[] runs;
    private final int[] next;
    private int first;
    private int end;

    RowBounds(int width) {
      bounds = new int[width][8];
      runs = new int[width];
      next = new int[width];
    }

    void read(BoundMask mask, int batch, int head, int from) {
      int until = Math.min(from + runs.length, mask.shape().queries());
      Arrays.fill(runs, 0);
      Arrays.fill(next, 0);
      mask.rows(
          batch,
          head,
          from,
          until,
          (query, row, count) -> {
            int lane = query - from;
            if (bounds[lane].length < 2 * count) {
              bounds[lane] = new int[4 * count];
            }
            System.arraycopy(row, 0, bounds[lane], 0, 2 * count);
            runs[lane] = count;
          });
    }

    /** Tiles must be asked for in ascending order. */
    void fill(int[] words, int firstKey, int endKey) {
      first = endKey - firstKey;
      end = 0;
      for (int lane = 0; lane < runs.length; lane++) {
        int[] row = bounds[lane];
        int run = next[lane];
        while (run < runs[lane] && row[2 * run + 1] <= firstKey) {
          run++;
        }
        next[lane] = run;
        for (; run < runs[lane] && row[2 * run] < endKey; run++) {
          int from = Math.max(row[2 * run], firstKey) - firstKey;
          int until = Math.min(row[2 * run + 1], endKey) - firstKey;
          first = Math.min(first, from);
          end = Math.max(end, until);
          for (int word = from >>> 5; word <= (until - 1) >>> 5; word++) {
            int low = Math.max(from - (word << 5), 0);
            int high = Math.min(until - (word << 5), 32);
            words[word * runs.length + lane] |= (-1 << low) & (-1 >>> (32 - high));
          }
        }
      }
      first = Math.min(first, end);
    }
  }

  int blocks() {
    return tiles.rows();
  }

  /** The cost of a block: the number of keys it visits. */
  long cost(int block) {
    return cost[block];
  }

  /** The first run of a block; for the block after the last one the number of runs. */
  int firstRun(int block) {
    return tiles.rowStart()[block];
  }

  int runStart(int run) {
    return tiles.runStart()[run];
  }

  int runEnd(int run) {
    return tiles.runEnd()[run];
  }

  boolean full(int run) {
    return tiles.runFull()[run];
  }

  /** The first key of a tile that a query of the block needs, counted from the tile's first. */
  int firstKey(int run, int tile) {
    return full(run) ? 0 : first[partial(run, tile)];
  }

  /** One past the last key of a tile that a query of the block needs. */
  int endKey(int run, int tile) {
    return full(run) ? Math.min(tileKeys, tiles.keys() - tile * tileKeys) : end[partial(run, tile)];
  }

  int wordsOffset(int run, int tile) {
    return offset[partial(run, tile)];
  }

  @SuppressWarnings("ArrayReturn") // the structure itself, for kernels
  int[] words() {
    return words;
  }

  private int partial(int run, int tile) {
    return runPartial[run] + tile - tiles.runStart()[run];
  }
}
