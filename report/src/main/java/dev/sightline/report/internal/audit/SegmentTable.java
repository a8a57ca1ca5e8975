package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.CellPicture;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What a picture of cells shows, counted by segments. */
final class SegmentTable {
  private final CellPicture picture;
  private final List<Segment> rows;
  private final List<Segment> columns;

  SegmentTable(CellPicture picture) {
    this.picture = picture;
    rows = Segment.of(picture.rows());
    columns = Segment.of(picture.columns());
  }

  /**
   * All cells of two segments that offend.
   *
   * @param rows the segment that asks
   * @param columns the segment that is asked
   * @param offending how many of its cells offend
   * @param cells how many cells of real rows it has
   * @param padding whether all that is asked there is padding
   */
  public record Block(String rows, String columns, int offending, int cells, boolean padding) {}

  /** A cell of the table of segments: what is declared, what was seen of it, what offends. */
  public record Tally(int cells, int declared, int seen, int offending) {}

  /** One segment's row of that table. */
  public record TallyRow(String segment, List<Tally> tallies) {}

  /** The pairs of segments that offend, the fullest first. */
  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    for (Segment row : rows) {
      for (Segment column : columns) {
        Tally tally = tally(row, column);
        if (tally.offending() > 0) {
          blocks.add(
              new Block(
                  row.label(),
                  column.label(),
                  tally.offending(),
                  tally.cells(),
                  isOnPadding(row, column)));
        }
      }
    }
    blocks.sort((a, b) -> b.offending() - a.offending());
    return blocks;
  }

  /** The table; empty if there are more segments than a page has room for. */
  List<TallyRow> rows(int most) {
    if (rows.size() > most || columns.size() > most) {
      return List.of();
    }
    return rows.stream()
        .map(row -> new TallyRow(row.label(), columns.stream().map(c -> tally(row, c)).toList()))
        .toList();
  }

  /** The names of the table's columns. */
  List<String> columns() {
    return columns.stream().map(Segment::label).toList();
  }

  /** How many cells offend. */
  int offending() {
    int offending = 0;
    for (int r = 0; r < picture.rows().size(); r++) {
      for (int c = 0; c < picture.columns().size(); c++) {
        offending += picture.offends(r, c) ? 1 : 0;
      }
    }
    return offending;
  }

  private boolean isOnPadding(Segment row, Segment column) {
    return IntStream.range(column.from(), column.to())
        .filter(c -> IntStream.range(row.from(), row.to()).anyMatch(r -> picture.offends(r, c)))
        .allMatch(picture::isPaddedColumn);
  }

  private Tally tally(Segment row, Segment column) {
    int cells = 0;
    int declared = 0;
    int seen = 0;
    int offending = 0;
    for (int r = row.from(); r < row.to(); r++) {
      for (int c = column.from(); c < column.to() && !picture.isPaddedRow(r); c++) {
        cells++;
        declared += picture.declared(r, c) ? 1 : 0;
        seen += picture.declared(r, c) && picture.observed(r, c) != 0 ? 1 : 0;
        offending += picture.offends(r, c) ? 1 : 0;
      }
    }
    return new Tally(cells, declared, seen, offending);
  }
}
