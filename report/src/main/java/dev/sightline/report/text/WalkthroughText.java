package dev.sightline.report.text;

import dev.sightline.attention.Walkthrough;
import dev.sightline.report.internal.walkthrough.Lesson;
import dev.sightline.report.internal.walkthrough.Lesson.Figure;
import dev.sightline.report.internal.walkthrough.Lesson.Step;
import dev.sightline.report.internal.walkthrough.Steps;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A walkthrough for a terminal of 100 columns: a heading, then step by step. */
public final class WalkthroughText {
  private static final int WIDTH = 100;
  private static final int GAP = 3;

  private WalkthroughText() {}

  /**
   * Returns all steps, the heading before the first.
   *
   * @param walkthrough the walkthrough
   * @return a text for each step, with its line breaks
   */
  public static List<String> steps(Walkthrough walkthrough) {
    return text(Steps.of(walkthrough));
  }

  /**
   * Returns the steps that a mask changes, the heading before the first: for a second text beside a
   * first one.
   *
   * @param walkthrough the walkthrough
   * @return a text for each step, with its line breaks
   */
  public static List<String> maskSteps(Walkthrough walkthrough) {
    return text(Steps.ofMaskOnly(walkthrough));
  }

  private static List<String> text(Lesson lesson) {
    List<String> texts = new ArrayList<>();
    for (Step step : lesson.steps()) {
      StringBuilder text = new StringBuilder();
      if (texts.isEmpty()) {
        text.append(Printable.of(lesson.title())).append('\n');
        text.append(Printable.of(lesson.subtitle())).append("\n\n");
      }
      text.append(step.number()).append(' ').append(step.title()).append('\n');
      Stream.concat(Stream.of(step.sentence()), step.notes().stream())
          .forEach(sentence -> wrap(text, Printable.of(sentence)));
      figures(text, step.figures());
      texts.add(text.toString());
    }
    return texts;
  }

  /**
   * A table as text.
   *
   * @param title its lines
   * @param table its lines, all of one width
   */
  private record Block(List<String> title, List<String> table) {
    int width() {
      return Stream.concat(title.stream(), table.stream())
          .mapToInt(WalkthroughText::width)
          .max()
          .orElse(0);
    }
  }

  /** Side by side while they fit. */
  private static void figures(StringBuilder text, List<Figure> figures) {
    List<Block> row = new ArrayList<>();
    int used = 0;
    for (Figure figure : figures) {
      Block block = block(figure);
      if (!row.isEmpty() && used + block.width() > WIDTH - 2) {
        join(text, row);
        row.clear();
        used = 0;
      }
      row.add(block);
      used += block.width() + GAP;
    }
    join(text, row);
  }

  private static void join(StringBuilder text, List<Block> row) {
    int titles = row.stream().mapToInt(block -> block.title.size()).max().orElse(0);
    int tables = row.stream().mapToInt(block -> block.table.size()).max().orElse(0);
    text.append('\n');
    for (int line = 0; line < titles + tables; line++) {
      StringBuilder joined = new StringBuilder("  ");
      for (Block block : row) {
        List<String> from = line < titles ? block.title : block.table;
        int at = line < titles ? line : line - titles;
        joined.append(padRight(at < from.size() ? from.get(at) : "", block.width() + GAP));
      }
      text.append(joined.toString().stripTrailing()).append('\n');
    }
  }

  private static Block block(Figure figure) {
    int label = figure.rows().stream().mapToInt(row -> width(shown(row.label()))).max().orElse(0);
    List<Integer> widths = new ArrayList<>();
    for (int c = 0; c < figure.columns().size(); c++) {
      int column = c;
      int cells =
          figure.rows().stream()
              .mapToInt(row -> width(row.cells().get(column).text()))
              .max()
              .orElse(0);
      widths.add(Math.max(cells, width(shown(figure.columns().get(c)))));
    }
    List<String> table = new ArrayList<>();
    table.add(line("", label, figure.columns(), widths));
    for (Lesson.Row row : figure.rows()) {
      table.add(
          line(row.label(), label, row.cells().stream().map(Lesson.Cell::text).toList(), widths));
    }
    int width = Math.max(width(table.getFirst()), 30);
    List<String> title = new ArrayList<>(folded(shown(figure.title()), width));
    if (!figure.note().isEmpty()) {
      title.addAll(folded(shown(figure.note()), width));
    }
    return new Block(title, table);
  }

  private static String line(String label, int width, List<String> cells, List<Integer> widths) {
    StringBuilder line = new StringBuilder(padRight(shown(label), width));
    for (int c = 0; c < cells.size(); c++) {
      line.append(' ').append(padLeft(shown(cells.get(c)), widths.get(c)));
    }
    return line.toString();
  }

  private static String shown(String text) {
    return Printable.of(text);
  }

  private static void wrap(StringBuilder text, String sentence) {
    folded(sentence, WIDTH - 2).forEach(line -> text.append("  ").append(line).append('\n'));
  }

  private static List<String> folded(String sentence, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : sentence.split(" ", -1)) {
      if (!line.isEmpty() && width(line.toString()) + 1 + width(word) > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String padLeft(String text, int width) {
    return " ".repeat(Math.max(0, width - width(text))) + text;
  }

  private static String padRight(String text, int width) {
    return text + " ".repeat(Math.max(0, width - width(text)));
  }
}
