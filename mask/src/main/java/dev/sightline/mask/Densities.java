package dev.sightline.mask;

/** How much of each rectangle of a grid is allowed: what a picture of a long mask shows. */
final class Densities {
  private static final long MOST_RUNS = 1L << 27;

  private final BoundMask mask;
  private final int rows;
  private final int columns;
  private long passed;

  private Densities(BoundMask mask, int rows, int columns) {
    this.mask = mask;
    this.rows = rows;
    this.columns = columns;
  }

  static double[][] of(BoundMask mask, int batch, int head, int rows, int columns) {
    MaskShape shape = mask.shape();
    if (rows < 1 || rows > shape.queries() || columns < 1 || columns > shape.keys()) {
      throw new IllegalArgumentException(
          "a grid has at least one row and column and at most one per query and key, but "
              + rows
              + " x "
              + columns
              + " were asked of "
              + shape);
    }
    return new Densities(mask, rows, columns).fill(mask.rule(batch, head));
  }

  private double[][] fill(Rule rule) {
    double[][] densities = new double[rows][columns];
    for (int r = 0; r < rows; r++) {
      int first = bound(r, rows, mask.shape().queries());
      int last = bound(r + 1, rows, mask.shape().queries());
      long[] cells = new long[columns];
      Sweep sweep = new Sweep(rule, first, last, Rule.View.of(0, mask.shape().keys()));
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

  /** The allowed cells of all runs in a column of the grid: the band cut to it, piece by piece. */
  private long cells(Band band, int last, int column) {
    long sum = 0;
    for (int row = band.from(); row < last; ) {
      passed += 1 + band.runs();
      if (passed > MOST_RUNS) {
        throw new IllegalArgumentException(
            "this mask has more runs of allowed keys than a picture can count (row "
                + row
                + " alone has "
                + band.runs()
                + "); draw fewer queries and keys, or cut it with a window");
      }
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
    return bound(column, columns, mask.shape().keys());
  }

  private int columnOf(int key) {
    return (int) Math.max(0, ((key + 1L) * columns - 1) / mask.shape().keys());
  }

  private static int bound(int index, int count, int size) {
    return (int) ((long) index * size / count);
  }
}
