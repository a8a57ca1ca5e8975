package dev.sightline.report.internal.walkthrough;

import dev.sightline.attention.Walkthrough;
import dev.sightline.attention.Walkthrough.FillTrial;
import dev.sightline.attention.Walkthrough.UnderMask;
import dev.sightline.report.internal.page.TokenSpelling;
import dev.sightline.report.internal.walkthrough.Lesson.Cell;
import dev.sightline.report.internal.walkthrough.Lesson.Figure;
import dev.sightline.report.internal.walkthrough.Lesson.Row;
import dev.sightline.tensor.FloatTensor;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The tables of a walkthrough. */
final class Tables {
  static final int MOST_NUMBERS = 6;
  private static final int SHADES = 10;

  private final Walkthrough walkthrough;
  private final List<String> tokens;

  Tables(Walkthrough walkthrough) {
    this.walkthrough = walkthrough;
    this.tokens = spelled(walkthrough);
  }

  /** The tokens as people read them: of a model without the marks of its tokenizer. */
  static List<String> spelled(Walkthrough walkthrough) {
    if (walkthrough.head().observed() == null) {
      return walkthrough.tokens();
    }
    return walkthrough.tokens().stream()
        .map(token -> {
          String text = TokenSpelling.of(token).strip();
          return text.isEmpty() ? token : text;
        })
        .toList();
  }

  /** The tokens with their positions. */
  Figure tokens() {
    return new Figure(
        "positions",
        "",
        false,
        "",
        IntStream.range(0, tokens.size()).mapToObj(Integer::toString).toList(),
        List.of(new Row("token", tokens.stream().map(token -> new Cell(token, "")).toList())));
  }

  /** A vector for each token, of which the first numbers are shown. */
  Figure vectors(String title, FloatTensor vectors) {
    int size = vectors.shape().dim(1);
    int shown = Math.min(size, MOST_NUMBERS);
    double largest = largest(vectors.data());
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      List<Cell> cells = new ArrayList<>();
      for (int d = 0; d < shown; d++) {
        cells.add(signed(vectors.data()[i * size + d], largest));
      }
      rows.add(new Row(tokens.get(i), cells));
    }
    return new Figure(
        title,
        shown < size ? "the first " + shown + " of " + size + " numbers" : "",
        false,
        "token",
        IntStream.rangeClosed(1, shown).mapToObj(Integer::toString).toList(),
        rows);
  }

  Figure scores(String title, FloatTensor scores) {
    double largest = largest(scores.data());
    return square(title, "", false, (q, k) -> signed(at(scores, q, k), largest));
  }

  Figure mask(String title, String note, boolean wrong, UnderMask under) {
    return square(
        title,
        note,
        wrong,
        (q, k) ->
            under.allowed(q, k)
                ? new Cell("✓", wrong && k > q ? "bad" : "yes")
                : new Cell("✗", "no"));
  }

  Figure masked(String title, UnderMask under) {
    double largest = largest(walkthrough.scores().data());
    return square(
        title,
        "",
        false,
        (q, k) ->
            under.allowed(q, k)
                ? signed(at(under.masked(), q, k), largest)
                : new Cell("never", "no"));
  }

  /** The weights of each query, and their sum. */
  Figure weights(String title, String note, UnderMask under) {
    List<String> columns = new ArrayList<>(tokens);
    columns.add("sum");
    List<Row> rows = new ArrayList<>();
    for (int q = 0; q < tokens.size(); q++) {
      List<Cell> cells = new ArrayList<>();
      for (int k = 0; k < tokens.size(); k++) {
        cells.add(weight(at(under.weights(), q, k)));
      }
      cells.add(new Cell(number(under.sums().data()[q]), "sum"));
      rows.add(new Row(tokens.get(q), cells));
    }
    return new Figure(title, note, false, "query", columns, rows);
  }

  Figure fills(String title, boolean oneKey) {
    List<String> columns = new ArrayList<>(List.of("scores are", "it becomes"));
    columns.addAll(tokens);
    List<Row> rows = new ArrayList<>();
    for (FillTrial fill : walkthrough.fills()) {
      List<Cell> cells = new ArrayList<>();
      cells.add(new Cell(fill.type(), ""));
      cells.add(new Cell(held(fill.held()), ""));
      float[] weights = (oneKey ? fill.oneKey() : fill.noKey()).data();
      for (float weight : weights) {
        boolean right = oneKey || weight == 0;
        cells.add(right ? weight(weight) : new Cell(number(weight), "bad"));
      }
      rows.add(new Row(fill.name(), cells));
    }
    return new Figure(title, "", false, "added to a forbidden score", columns, rows);
  }

  @FunctionalInterface
  private interface Painter {
    Cell cell(int query, int key);
  }

  private Figure square(String title, String note, boolean wrong, Painter painter) {
    List<Row> rows = new ArrayList<>();
    for (int q = 0; q < tokens.size(); q++) {
      List<Cell> cells = new ArrayList<>();
      for (int k = 0; k < tokens.size(); k++) {
        cells.add(painter.cell(q, k));
      }
      rows.add(new Row(tokens.get(q), cells));
    }
    return new Figure(title, note, wrong, "query", tokens, rows);
  }

  static float at(FloatTensor matrix, int row, int column) {
    return matrix.data()[row * matrix.shape().dim(1) + column];
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static Cell signed(float value, double largest) {
    long shade = largest > 0 ? Math.round(SHADES * Math.abs(value) / largest) : 0;
    return new Cell(fixed(value), (value < 0 ? "n" : "p") + shade);
  }

  private static Cell weight(float weight) {
    long shade = Math.round(SHADES * Math.clamp(weight, 0.0, 1.0));
    return new Cell(number(weight), "w" + (weight == 0 ? 0 : Math.max(1, shade)));
  }

  private static String held(float value) {
    return Float.isNaN(value)
        ? "nothing"
        : Float.isInfinite(value) ? "-infinity" : String.format(Locale.ROOT, "%,.0f", value);
  }

  /** Two decimals; an exact 0 has none, so that it is not taken for a small number. */
  static String number(double value) {
    return value == 0 ? "0" : fixed(value);
  }

  /** Two decimals. */
  static String fixed(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "infinity" : "-infinity";
    }
    // The kernel's own rounding must not decide whether 1.875 becomes 1.87 or 1.88.
    double rounded = Math.rint(value * 1e5) / 1e5;
    return BigDecimal.valueOf(rounded).setScale(2, RoundingMode.HALF_UP).toPlainString();
  }
}
