package dev.sightline.mask;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rules that know which token stands where: padding, documents, blocks, segments, trees. */
final class TokenRules {
  private TokenRules() {}

  static Rule padding(Node.Who who, Tokens tokens, int batch, int queries, int keys) {
    int[] realKeys = who == Node.Who.QUERIES ? all(keys) : tokens.runs(batch, keys);
    int[] realQueries = who == Node.Who.KEYS ? all(queries) : tokens.runs(batch, queries);
    long[] columns = PositionRules.edges(realKeys);
    return (row, view) -> {
      int next = firstBoundAfter(realQueries, row);
      int until = next == realQueries.length ? queries : realQueries[next];
      boolean real = (next & 1) == 1;
      return real ? PositionRules.standing(columns, row, until, view) : Band.empty(row, until);
    };
  }

  private static int[] all(int size) {
    return size == 0 ? new int[0] : new int[] {0, size};
  }

  /** The index of the first bound beyond a position; odd inside of a run. */
  private static int firstBoundAfter(int[] bounds, int position) {
    int found = Arrays.binarySearch(bounds, position);
    return found >= 0 ? found + 1 : -found - 1;
  }

  static Rule documents(Ints queryLengths, Ints keyLengths, int queries) {
    int[] queryEnds = ends(queryLengths);
    int[] keyEnds = ends(keyLengths);
    return (row, view) -> {
      int document = holder(queryEnds, row);
      if (document == queryEnds.length) {
        return Band.empty(row, queries);
      }
      int start = document == 0 ? 0 : keyEnds[document - 1];
      return Band.constant(row, queryEnds[document], start, keyEnds[document]);
    };
  }

  private static int[] ends(Ints lengths) {
    int[] ends = new int[lengths.size()];
    for (int d = 0, end = 0; d < ends.length; d++) {
      end += lengths.get(d);
      ends[d] = end;
    }
    return ends;
  }

  /** The first document that ends beyond the position, the number of documents if none does. */
  private static int holder(int[] ends, int position) {
    int low = 0;
    int high = ends.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] > position) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  static Rule sameId(Ints ids, boolean islands) {
    Map<Integer, IntBuffer> runs = new HashMap<>();
    int[] end = new int[ids.size()];
    for (int i = 0; i < ids.size(); ) {
      int next = i + 1;
      while (next < ids.size() && ids.get(next) == ids.get(i)) {
        next++;
      }
      IntBuffer own = runs.computeIfAbsent(ids.get(i), id -> new IntBuffer());
      own.add(i);
      own.add(next);
      Arrays.fill(end, i, next, next);
      i = next;
    }
    Map<Integer, long[]> edges = new HashMap<>();
    runs.forEach((id, own) -> edges.put(id, PositionRules.edges(own.toArray())));
    return (row, view) -> {
      int id = ids.get(row);
      return islands && id == 0
          ? Band.empty(row, end[row])
          : PositionRules.standing(edges.getOrDefault(id, new long[0]), row, end[row], view);
    };
  }

  /** Keys [0, end of the query's block). In a stretch of one-token blocks that end moves along. */
  static Rule blockCausal(Bits starts) {
    return (row, view) -> {
      if (row + 1 < starts.size() && starts.get(row + 1)) {
        return moving(row, starts.nextClear(row + 1) - 1);
      }
      int end = starts.nextSet(row + 1);
      return Band.constant(row, end, 0, end);
    };
  }

  /** All keys for a query of bit 0, keys [0, i] for the others. */
  static Rule rowCausal(Bits causal) {
    return (row, view) ->
        causal.get(row)
            ? moving(row, causal.nextClear(row))
            : Band.constant(row, causal.nextSet(row), 0, causal.size());
  }

  /** Keys [0, i]. */
  private static Band moving(int row, int until) {
    return new Band(row, until, new long[] {Band.edge(0, 0), Band.edge(row + 1L, 1)});
  }

  static Rule sharedPrefix(int prefix, Ints branches, int queries) {
    int[] ends = ends(branches);
    for (int b = 0; b < ends.length; b++) {
      ends[b] += prefix;
    }
    return (row, view) -> {
      if (row < prefix) {
        return Band.constant(row, prefix, 0, prefix);
      }
      int branch = holder(ends, row);
      if (branch == ends.length) {
        return Band.empty(row, queries);
      }
      BandBuilder out = new BandBuilder(row, ends[branch], 4);
      out.join(Band.edge(0, 0), Band.edge(prefix, 0));
      out.join(Band.edge(branch == 0 ? prefix : ends[branch - 1], 0), Band.edge(ends[branch], 0));
      return out.build();
    };
  }

  /**
   * A token and its ancestors. A chain of tokens, each the child of the one before, is one run
   * whose end moves along; a row has one run for each chain on the way up.
   */
  static Rule tree(Ints parents) {
    int size = parents.size();
    int[] chainStart = new int[size];
    int[] chainEnd = new int[size];
    for (int i = 0; i < size; i++) {
      chainStart[i] = i > 0 && parents.get(i) == i - 1 ? chainStart[i - 1] : i;
    }
    for (int i = size - 1; i >= 0; i--) {
      chainEnd[i] = i + 1 < size && parents.get(i + 1) == i ? chainEnd[i + 1] : i + 1;
    }
    return (row, view) -> {
      int runs = 0;
      for (int t = row; t >= 0; t = parents.get(chainStart[t])) {
        runs++;
      }
      long[] edges = new long[2 * runs];
      int slope = 1;
      for (int t = row, at = edges.length; t >= 0; t = parents.get(chainStart[t])) {
        edges[--at] = Band.edge(t + 1L, slope);
        edges[--at] = Band.edge(chainStart[t], 0);
        slope = 0;
      }
      return new Band(row, chainEnd[row], edges);
    };
  }

  static Rule groups(Groups groups) {
    List<Groups.Segment> segments = groups.segments();
    int[] ends = ends(Ints.of(segments.stream().mapToInt(Groups.Segment::size).toArray()));
    boolean[][] sees = new boolean[ends.length][ends.length];
    for (int viewer = 0; viewer < ends.length; viewer++) {
      for (int seen = 0; seen < ends.length; seen++) {
        sees[viewer][seen] = groups.canSee(segments.get(viewer).name(), segments.get(seen).name());
      }
    }
    return (row, view) -> {
      int viewer = holder(ends, row);
      BandBuilder out = new BandBuilder(row, ends[viewer], 2 * ends.length);
      for (int seen = 0; seen < ends.length; seen++) {
        if (sees[viewer][seen]) {
          boolean causal = seen == viewer && segments.get(seen).inside() == Groups.Inside.CAUSAL;
          out.join(
              Band.edge(seen == 0 ? 0 : ends[seen - 1], 0),
              causal ? Band.edge(row + 1L, 1) : Band.edge(ends[seen], 0));
        }
      }
      return out.build();
    };
  }

  static Rule dense(RowRuns rows) {
    return (row, view) -> {
      int until = row + 1;
      while (until < rows.queries() && rows.sameRow(row, until)) {
        until++;
      }
      long[] edges = new long[rows.boundCount(row)];
      for (int e = 0; e < edges.length; e++) {
        edges[e] = Band.edge(rows.bound(row, e), 0);
      }
      return new Band(row, until, edges);
    };
  }
}
