package dev.sightline.report.internal.walkthrough;

import java.util.List;

/**
 * A walkthrough in words and tables, for the terminal and the page alike.
 *
 * @param title the tokens, as a text
 * @param subtitle how many tokens, and where the numbers are from
 */
public record Lesson(String title, String subtitle, List<Step> steps) {
  public Lesson {
    steps = List.copyOf(steps);
  }

  /**
   * A step.
   *
   * @param sentence what happens, for a reader who knows no transformers
   * @param notes what to look at in the tables
   */
  public record Step(
      int number, String title, String sentence, List<String> notes, List<Figure> figures) {
    public Step {
      notes = List.copyOf(notes);
      figures = List.copyOf(figures);
    }
  }

  /**
   * A table with a name for each row and column.
   *
   * @param note what it shows; empty for nothing
   * @param wrong whether it shows a mistake
   * @param corner what the rows are
   */
  public record Figure(
      String title,
      String note,
      boolean wrong,
      String corner,
      List<String> columns,
      List<Row> rows) {
    public Figure {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
    }
  }

  /** A row of a table. */
  public record Row(String label, List<Cell> cells) {
    public Row {
      cells = List.copyOf(cells);
    }
  }

  /**
   * A cell of a table.
   *
   * @param css its class in the style sheet: {@code yes}, {@code no}, {@code sum}, {@code bad}, or
   *     a letter and a shade from 0 to 10: {@code w} for a weight, {@code p} for a positive number,
   *     {@code n} for a negative one; empty for a plain cell
   */
  public record Cell(String text, String css) {}
}
