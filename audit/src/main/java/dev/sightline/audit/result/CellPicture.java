package dev.sightline.audit.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was declared against what was seen, cell by cell, for one batch row: queries against keys of
 * an attention, or output tokens against the input tokens that they may depend on. Of more than 64
 * rows or columns it holds 64, those with offences first. Immutable.
 */
public final class CellPicture {
  /** The most rows, and the most columns. */
  public static final int LARGEST = 64;

  private final int sample;
  private final List<String> rows;
  private final List<String> columns;
  private final boolean[] paddedRows;
  private final boolean[] paddedColumns;
  private final boolean[] declared;
  private final float[] observed;
  private final int totalRows;
  private final int totalColumns;

  private CellPicture(Cells all, List<Integer> rows, List<Integer> columns) {
    this.sample = all.sample;
    this.rows = rows.stream().map(all.rows::get).toList();
    this.columns = columns.stream().map(all.columns::get).toList();
    totalRows = all.rows.size();
    totalColumns = all.columns.size();
    paddedRows = new boolean[rows.size()];
    paddedColumns = new boolean[columns.size()];
    declared = new boolean[rows.size() * columns.size()];
    observed = new float[declared.length];
    for (int r = 0; r < rows.size(); r++) {
      paddedRows[r] = all.paddedRows[rows.get(r)];
      for (int c = 0; c < columns.size(); c++) {
        paddedColumns[c] = all.paddedColumns[columns.get(c)];
        int from = rows.get(r) * totalColumns + columns.get(c);
        declared[r * columns.size() + c] = all.declared[from];
        observed[r * columns.size() + c] = all.observed[from];
      }
    }
  }

  /**
   * {@return a picture of what was seen elsewhere}
   *
   * @param sample the batch row, from 0
   * @param rows the names of the queries or output tokens
   * @param columns the names of the keys or input tokens
   * @param paddedRows which rows are padding, of which nothing is judged
   * @param paddedColumns which columns are padding
   * @param declared what may be, {@code [rows * columns]} in row-major order
   * @param observed what was seen, in the same order
   * @throws IllegalArgumentException if the sizes do not fit each other
   */
  public static CellPicture of(
      int sample,
      List<String> rows,
      List<String> columns,
      boolean[] paddedRows,
      boolean[] paddedColumns,
      boolean[] declared,
      float[] observed) {
    Cells cells = new Cells(sample, List.copyOf(rows), List.copyOf(columns));
    if (paddedRows.length != rows.size()
        || paddedColumns.length != columns.size()
        || declared.length != cells.declared.length
        || observed.length != cells.observed.length) {
      throw new IllegalArgumentException(
          String.format(
              "%d rows and %d columns need as many marks of padding and %d cells; got %d, %d, %d"
                  + " and %d",
              rows.size(),
              columns.size(),
              cells.declared.length,
              paddedRows.length,
              paddedColumns.length,
              declared.length,
              observed.length));
    }
    System.arraycopy(paddedRows, 0, cells.paddedRows, 0, paddedRows.length);
    System.arraycopy(paddedColumns, 0, cells.paddedColumns, 0, paddedColumns.length);
    System.arraycopy(declared, 0, cells.declared, 0, declared.length);
    System.arraycopy(observed, 0, cells.observed, 0, observed.length);
    return cells.picture();
  }

  /** All cells of one batch row, of which a picture keeps what it can show. */
  public static final class Cells {
    /** The batch row, from 0. */
    public final int sample;

    final List<String> rows;
    final List<String> columns;

    /** Which rows are padding, of which nothing is judged. */
    public final boolean[] paddedRows;

    /** Which columns are padding. */
    public final boolean[] paddedColumns;

    /** What may be, {@code [rows * columns]} in row-major order. */
    public final boolean[] declared;

    /**
     * What was seen, {@code [rows * columns]} in row-major order: a probability 0..1, or a change.
     */
    public final float[] observed;

    /**
     * Nothing declared, nothing seen, nothing padded.
     *
     * @param sample the batch row, from 0
     * @param rows the names of the queries or output tokens
     * @param columns the names of the keys or input tokens
     */
    public Cells(int sample, List<String> rows, List<String> columns) {
      this.sample = sample;
      this.rows = rows;
      this.columns = columns;
      paddedRows = new boolean[rows.size()];
      paddedColumns = new boolean[columns.size()];
      declared = new boolean[rows.size() * columns.size()];
      observed = new float[declared.length];
    }

    boolean offends(int row, int column) {
      int cell = row * columns.size() + column;
      return !paddedRows[row] && !declared[cell] && observed[cell] != 0;
    }

    /**
     * {@return the picture of at most {@link #LARGEST} rows and columns, those with offences first}
     */
    public CellPicture picture() {
      TreeSet<Integer> offendingRows = new TreeSet<>();
      TreeSet<Integer> offendingColumns = new TreeSet<>();
      for (int r = 0; r < rows.size(); r++) {
        for (int c = 0; c < columns.size(); c++) {
          if (offends(r, c)) {
            offendingRows.add(r);
            offendingColumns.add(c);
          }
        }
      }
      return new CellPicture(
          this, chosen(rows.size(), offendingRows), chosen(columns.size(), offendingColumns));
    }

    /** At most half of the room for offences, the rest spread evenly. */
    private static List<Integer> chosen(int size, Set<Integer> offending) {
      TreeSet<Integer> chosen = new TreeSet<>();
      offending.stream().limit(size <= LARGEST ? 0 : LARGEST / 2).forEach(chosen::add);
      for (int i = 0; i < Math.min(size, LARGEST) && chosen.size() < LARGEST; i++) {
        chosen.add((int) ((long) i * size / Math.min(size, LARGEST)));
      }
      return new ArrayList<>(chosen);
    }
  }

  /** {@return the batch row, counted from 0 over all samples} */
  public int sample() {
    return sample;
  }

  /** {@return the names of the queries or output tokens} */
  public List<String> rows() {
    return rows;
  }

  /** {@return the names of the keys or input tokens} */
  public List<String> columns() {
    return columns;
  }

  /** {@return how many rows there were to choose from} */
  public int totalRows() {
    return totalRows;
  }

  /** {@return how many columns there were to choose from} */
  public int totalColumns() {
    return totalColumns;
  }

  /**
   * {@return whether the token of a row is padding, of which nothing is judged}
   *
   * @param row row, from 0
   */
  public boolean isPaddedRow(int row) {
    return paddedRows[row];
  }

  /**
   * {@return whether the token of a column is padding}
   *
   * @param column column, from 0
   */
  public boolean isPaddedColumn(int column) {
    return paddedColumns[column];
  }

  /**
   * {@return whether the declaration allows the cell}
   *
   * @param row row, from 0
   * @param column column, from 0
   */
  public boolean declared(int row, int column) {
    return declared[row * columns.size() + column];
  }

  /**
   * {@return the largest probability over all heads, 0..1, or the largest change of an output's
   * value; NaN where the model gave one}
   *
   * @param row row, from 0
   * @param column column, from 0
   */
  public float observed(int row, int column) {
    return observed[row * columns.size() + column];
  }

  /**
   * {@return whether something was seen that is not declared}
   *
   * @param row row, from 0
   * @param column column, from 0
   */
  public boolean offends(int row, int column) {
    return !paddedRows[row] && !declared(row, column) && observed(row, column) != 0;
  }
}
