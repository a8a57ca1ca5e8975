package dev.sightline.mask;

import java.util.Arrays;

/** The rules that know positions only: nothing about which token stands there. */
final class PositionRules {
  private PositionRules() {}

  /** Keys [0, i + offset]. */
  static Rule causal(int offset, int queries, int keys) {
    return (row, view) -> {
      BandBuilder out = new BandBuilder(row, queries, 2);
      out.add(zero(), out.min(Band.edge(row + 1L + offset, 1), Band.edge(keys, 0)));
      return out.build();
    };
  }

  /** Keys [i + offset - left, i + offset + right]. */
  static Rule window(int left, int right, int offset, int queries, int keys) {
    return (row, view) -> {
      BandBuilder out = new BandBuilder(row, queries, 2);
      long centre = (long) row + offset;
      long start = left == Mask.UNBOUNDED ? zero() : out.max(zero(), Band.edge(centre - left, 1));
      long end =
          right == Mask.UNBOUNDED
              ? Band.edge(keys, 0)
              : out.min(Band.edge(keys, 0), Band.edge(centre + right + 1, 1));
      out.add(start, end);
      return out.build();
    };
  }

  /** Keys of the query's chunk, chunks beginning behind the padding. */
  static Rule chunk(int size, int padding, int queries, int keys) {
    return (row, view) -> {
      if (row < padding) {
        return Band.empty(row, Math.min(queries, padding));
      }
      long start = padding + (long) ((row - padding) / size) * size;
      int until = (int) Math.min(queries, start + size);
      return Band.constant(row, until, start, Math.min(keys, start + size));
    };
  }

  /** Keys [0, max(prefix, i + offset + 1)). */
  static Rule prefix(int prefix, int offset, int queries, int keys) {
    return (row, view) -> {
      BandBuilder out = new BandBuilder(row, queries, 2);
      long end = out.max(Band.edge(prefix, 0), Band.edge(row + 1L + offset, 1));
      out.add(zero(), out.min(end, Band.edge(keys, 0)));
      return out.build();
    };
  }

  /** Keys that lie a multiple of the step from the query. */
  static Rule dilated(int step, int queries, int keys) {
    if (step == 1) {
      return (row, view) -> Band.constant(row, queries, 0, keys);
    }
    return (row, view) -> {
      BandBuilder out = new BandBuilder(row, Math.min(queries, view.until()), 16);
      long start = out.max(zero(), view.start());
      long end = out.min(Band.edge(keys, 0), view.end());
      long first = start >> 1;
      long key = first + Math.floorMod(row - first, (long) step);
      if ((start & 1) == 0) {
        // With every row all keys move on by one, until there is room for another in front.
        out.limit(row + first + step - key);
      }
      for (; key < end >> 1; key += step) {
        out.add(Band.edge(key, 1), out.min(Band.edge(key + 1, 1), end));
      }
      return out.build();
    };
  }

  /** Every key for a global query, the global keys for the others. */
  static Rule global(Ints positions, int queries, int keys) {
    Bits global = bits(positions, Math.max(queries, keys));
    long[] columns = edges(clip(Tokens.runsOf(global), keys));
    return (row, view) ->
        global.get(row)
            ? Band.constant(row, Math.min(queries, global.nextClear(row)), 0, keys)
            : standing(columns, row, Math.min(queries, global.nextSet(row)), view);
  }

  private static Bits bits(Ints positions, int size) {
    boolean[] set = new boolean[size];
    for (int p = 0; p < positions.size(); p++) {
      set[positions.get(p)] = true;
    }
    return Bits.of(set);
  }

  private static int[] clip(int[] runs, int keys) {
    IntBuffer kept = new IntBuffer();
    for (int r = 0; r < runs.length && runs[r] < keys; r += 2) {
      kept.add(runs[r]);
      kept.add(Math.min(keys, runs[r + 1]));
    }
    return kept.toArray();
  }

  static long[] edges(int[] runs) {
    return Arrays.stream(runs).mapToLong(bound -> Band.edge(bound, 0)).toArray();
  }

  /** Standing runs, of which only those in view are taken where there are many. */
  static Band standing(long[] edges, int row, int until, Rule.View view) {
    if (edges.length <= 16) {
      return new Band(row, until, edges);
    }
    int first = firstEndAfter(edges, view.start() >> 1);
    int last = firstStartFrom(edges, view.end() >> 1);
    long good = Math.min(until, view.until());
    if ((view.end() & 1) == 1 && last < edges.length) {
      good = Math.min(good, row + (edges[last] >> 1) - (view.end() >> 1) + 1);
    }
    return new Band(
        row,
        (int) Math.max(row + 1L, good),
        first < last ? Arrays.copyOfRange(edges, first, last) : new long[0]);
  }

  private static int firstEndAfter(long[] edges, long key) {
    int low = 0;
    int high = edges.length / 2;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((edges[2 * middle + 1] >> 1) > key) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return 2 * low;
  }

  private static int firstStartFrom(long[] edges, long key) {
    int low = 0;
    int high = edges.length / 2;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((edges[2 * middle] >> 1) >= key) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return 2 * low;
  }

  private static long zero() {
    return Band.edge(0, 0);
  }
}
