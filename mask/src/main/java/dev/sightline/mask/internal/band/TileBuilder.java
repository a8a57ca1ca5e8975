package dev.sightline.mask.internal.band;

/**
 * Finds the tiles of a rule. A tile row is the union of a few bands: what any of its rows allows
 * (its hull) gives the tiles that are not empty, and what all of its rows allow (its core) gives
 * the full ones. Both are exact, since runs never move to the left within a band: no cell is
 * visited.
 */
public final class TileBuilder {
  private final int queries;
  private final int keys;
  private final int tileQueries;
  private final int tileKeys;
  private final int[] rowStart;
  private final IntBuffer runStart = new IntBuffer();
  private final IntBuffer runEnd = new IntBuffer();
  private final IntBuffer runFull = new IntBuffer();
  private final RunSet hull = new RunSet();
  private IntBuffer core = new IntBuffer();
  private IntBuffer spare = new IntBuffer();
  private int firstRun;

  private TileBuilder(int queries, int keys, int tileQueries, int tileKeys) {
    this.queries = queries;
    this.keys = keys;
    this.tileQueries = tileQueries;
    this.tileKeys = tileKeys;
    this.rowStart = new int[(int) (((long) queries + tileQueries - 1) / tileQueries) + 1];
  }

  /**
   * The tiles of a rule.
   *
   * @throws IllegalArgumentException if a tile has no query or no key
   */
  public static TileRuns of(Rule rule, int queries, int keys, int tileQueries, int tileKeys) {
    if (tileQueries < 1 || tileKeys < 1) {
      throw new IllegalArgumentException(
          "a tile has at least 1 query and 1 key, but is " + tileQueries + " x " + tileKeys);
    }
    return new TileBuilder(queries, keys, tileQueries, tileKeys).run(rule);
  }

  private TileRuns run(Rule rule) {
    Sweep sweep = new Sweep(rule, queries, keys);
    Band band = Band.empty(0, 0);
    for (int tile = 0; tile + 1 < rowStart.length; tile++) {
      int first = tile * tileQueries;
      int last = (int) Math.min(queries, (long) first + tileQueries);
      firstRun = runStart.size();
      hull.clear();
      core.clear();
      core.add(0);
      core.add(keys);
      for (int row = first; row < last; ) {
        if (band.until() <= row) {
          band = sweep.next();
        }
        int until = Math.min(last, band.until());
        hull.addAll(band, row, until);
        shrinkCore(band, row, until);
        row = until;
      }
      emit();
      rowStart[tile + 1] = runStart.size();
    }
    boolean[] full = new boolean[runFull.size()];
    for (int run = 0; run < full.length; run++) {
      full[run] = runFull.get(run) == 1;
    }
    return new TileRuns(
        queries, keys, tileQueries, tileKeys, rowStart, runStart.toArray(), runEnd.toArray(), full);
  }

  /** Intersects the core with what rows [row, until) of a band all allow. */
  private void shrinkCore(Band band, int row, int until) {
    if (core.size() == 0) {
      return;
    }
    spare.clear();
    int c = 0;
    int run = 0;
    while (c < core.size() && run < band.runs()) {
      int start = Math.max(core.get(c), band.start(run, until - 1));
      int end = Math.min(core.get(c + 1), band.end(run, row));
      if (start < end) {
        spare.add(start);
        spare.add(end);
      }
      if (core.get(c + 1) < band.end(run, row)) {
        c += 2;
      } else {
        run++;
      }
    }
    IntBuffer swap = core;
    core = spare;
    spare = swap;
  }

  /** Turns hull and core, in keys, into runs of partial and full tiles. */
  private void emit() {
    hull.compact();
    int c = 0;
    int done = 0;
    for (int run = 0; run < hull.count(); run++) {
      int start = Math.max(done, hull.start(run) / tileKeys);
      int end = (hull.end(run) - 1) / tileKeys + 1;
      while (start < end) {
        while (c < core.size() && fullEnd(c) <= start) {
          c += 2;
        }
        int fullStart = c < core.size() ? Math.max(start, fullStart(c)) : end;
        if (c < core.size() && fullStart(c) >= fullEnd(c)) {
          c += 2;
          continue;
        }
        if (fullStart > start) {
          add(start, Math.min(fullStart, end), 0);
          start = Math.min(fullStart, end);
        } else {
          int fullEnd = Math.min(end, fullEnd(c));
          add(start, fullEnd, 1);
          start = fullEnd;
        }
      }
      done = end;
    }
  }

  private int fullStart(int c) {
    return (int) (((long) core.get(c) + tileKeys - 1) / tileKeys);
  }

  /** The last tile may be short of keys, and is full when it has all there are. */
  private int fullEnd(int c) {
    return core.get(c + 1) == keys
        ? (int) (((long) keys + tileKeys - 1) / tileKeys)
        : core.get(c + 1) / tileKeys;
  }

  private void add(int start, int end, int full) {
    int last = runStart.size() - 1;
    if (last >= firstRun && runEnd.get(last) == start && runFull.get(last) == full) {
      runEnd.set(last, end);
      return;
    }
    runStart.add(start);
    runEnd.add(end);
    runFull.add(full);
  }
}
