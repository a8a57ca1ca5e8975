package dev.sightline.mask.internal.band;

/** The share of allowed pairs in each rectangle of a grid: what a picture shows of a long mask. */
public final class Densities {
  /** Fewer than {@link Work} lets through, so that the message is about pictures. */
  private static final long MOST_RUNS = 1L << 25;

  /** Queries [firstQuery, lastQuery) and keys [firstKey, lastKey) of a mask. */
  public record Region(int firstQuery, int lastQuery, int firstKey, int lastKey) {
    int queries() {
      return lastQuery - firstQuery;
    }

    int keys() {
      return lastKey - firstKey;
    }
  }

  private final Region region;
  private final int rows;
  private final int columns;
  private long passed;

  private Densities(Region region, int rows, int columns) {
    this.region = region;
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * The share of allowed pairs of each rectangle, {@code [rows, columns]}, each between 0 and 1.
   *
   * @param region what the grid covers
   * @param rows grid rows, from 1 to the number of queries
   * @param columns grid columns, from 1 to the number of keys
   * @throws IllegalArgumentException if the mask has too many runs to be counted
   */
  public static double[][] of(Rule rule, Region region, int rows, int columns) {
    return new Densities(region, rows, columns).fill(rule);
  }

  private double[][] fill(Rule rule) {
    double[][] densities = new double[rows][columns];
    for (int r = 0; r < rows; r++) {
      int first = region.firstQuery() + bound(r, rows, region.queries());
      int last = region.firstQuery() + bound(r + 1, rows, region.queries());
      long[] cells = new long[columns];
      Sweep sweep = new Sweep(rule, first, last, Rule.View.of(region.firstKey(), region.lastKey()));
      while (sweep.hasNext()) {
        add(sweep.next(), last, cells);
      }
      for (int c = 0; c < columns; c++) {
        long area = (long) (last - first) * (columnBound(c + 1) - columnBound(c));
        densities[r][c] = (double) cells[c] / area;
      }
    }
    return densities;
  }

  private void add(Band band, int end, long[] cells) {
    int last = Math.min(end, band.until());
    long work = (long) (last - band.from()) * (band.runs() + columns);
    if (work <= (1L + band.runs()) * columns) {
      for (int row = band.from(); row < last; row++) {
        addRow(band, row, cells);
      }
      return;
    }
    int next = 0;
    for (int run = 0; run < band.runs(); run++) {
      int c = Math.max(next, columnOf(band.start(run, band.from())));
      for (; c < columns && columnBound(c) < band.end(run, last - 1); c++) {
        boolean covered =
            band.start(run, last - 1) <= columnBound(c)
                && band.end(run, band.from()) >= columnBound(c + 1);
        cells[c] +=
            covered
                ? (long) (last - band.from()) * (columnBound(c + 1) - columnBound(c))
                : cells(band, last, c);
        next = c + 1;
      }
    }
  }

  /** Adds one row: cheaper than column by column where a band has few rows and many runs. */
  private void addRow(Band band, int row, long[] cells) {
    count(row, band.runs());
    for (int run = 0; run < band.runs(); run++) {
      int start = Math.max(band.start(run, row), region.firstKey());
      int end = Math.min(band.end(run, row), region.lastKey());
      for (int c = start < end ? columnOf(start) : columns; c < columns; c++) {
        if (columnBound(c) >= end) {
          break;
        }
        cells[c] += Math.min(end, columnBound(c + 1)) - Math.max(start, columnBound(c));
      }
    }
  }

  private void count(int row, int runs) {
    passed += 1L + runs;
    if (passed > MOST_RUNS) {
      throw new IllegalArgumentException(
          "this mask has more runs of allowed keys than a picture can count (row "
              + row
              + " alone has "
              + runs
              + "); draw fewer queries and keys, or cut it with a window");
    }
  }

  /** The allowed cells of all runs in a column of the grid: the band cut to it, piece by piece. */
  private long cells(Band band, int last, int column) {
    long sum = 0;
    for (int row = band.from(); row < last; ) {
      count(row, band.runs());
      Band here = new Band(row, band.until(), at(band, row));
      Band cut =
          BandBuilder.and(
              here, Band.constant(row, band.until(), columnBound(column), columnBound(column + 1)));
      int until = Math.min(last, cut.until());
      sum += cut.cells(row, until);
      row = until;
    }
    return sum;
  }

  private static long[] at(Band band, int row) {
    long[] edges = band.edges().clone();
    for (int e = 0; e < edges.length; e++) {
      edges[e] += 2 * (edges[e] & 1) * (row - band.from());
    }
    return edges;
  }

  private int columnBound(int column) {
    return region.firstKey() + bound(column, columns, region.keys());
  }

  private int columnOf(int key) {
    long within = key - (long) region.firstKey();
    return (int) Math.max(0, ((within + 1) * columns - 1) / region.keys());
  }

  private static int bound(int index, int count, int size) {
    return (int) ((long) index * size / count);
  }
}
