package dev.sightline.report.text;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Declared against observed for a terminal: a small drawing of both, in which {@code #} marks what
 * is seen and must not be, and the worst sentences. Up to 24 tokens are drawn one by one, more by
 * segments.
 */
final class ConformanceText {
  private static final int MOST_DRAWN = 3;
  private static final int MOST_TOKENS = 24;
  private static final int MOST_SEGMENTS = 5;
  private static final int SENTENCES = 3;
  private static final int LABEL = 16;
  private static final int SEGMENT = 6;
  private static final String BETWEEN = "    ";

  private final CellPicture picture;
  private final List<Run> rows;
  private final List<Run> columns;
  private final boolean tokens;

  private ConformanceText(CellPicture picture) {
    this.picture = picture;
    rows = runs(picture.rows());
    columns = runs(picture.columns());
    tokens =
        picture.rows().size() <= MOST_TOKENS && picture.columns().size() + columns.size() <= 39;
  }

  /** Neighbours whose names differ by their number only. */
  private record Run(String label, int from, int to) {}

  /** Lines of at most 100 columns; none where nothing offends. */
  static List<String> of(Conformance conformance) {
    List<String> lines = new ArrayList<>();
    List<List<Attention>> alike = alike(conformance);
    for (List<Attention> attentions : alike.subList(0, Math.min(MOST_DRAWN, alike.size()))) {
      Attention first = attentions.getFirst();
      CellPicture picture = first.picture();
      lines.add(
          (attentions.size() == 1 ? "attention " : "attentions ")
              + attentions.stream()
                  .map(a -> Integer.toString(a.attention()))
                  .collect(Collectors.joining(", "))
              + String.format(
                  Locale.ROOT,
                  ": %,d of %,d forbidden probabilities are not 0",
                  first.offences(),
                  first.forbidden()));
      if (picture != null) {
        lines.addAll(new ConformanceText(picture).drawing("query / key"));
      }
      first.worst().stream()
          .limit(SENTENCES)
          .forEach(offence -> lines.add("  " + VerdictText.of(offence)));
      lines.add("");
    }
    if (alike.size() > MOST_DRAWN) {
      lines.add("and " + (alike.size() - MOST_DRAWN) + " other kinds of offence; see the report");
      lines.add("");
    }
    Conformance.Reach reach = conformance.reach();
    if (reach.leaks() > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "through the whole model: %,d of %,d pairs without a path change",
              reach.leaks(),
              reach.unreachable()));
      CellPicture picture = reach.picture();
      if (picture != null) {
        lines.addAll(new ConformanceText(picture).drawing("output / input"));
      }
      reach.worst().stream()
          .limit(SENTENCES)
          .forEach(leak -> lines.add("  " + VerdictText.of(leak)));
      lines.add("");
    }
    if (!lines.isEmpty()) {
      lines.addFirst("DECLARED AGAINST OBSERVED");
      lines.add("x allowed, and attended to or moving; . nothing; # though forbidden; - padding");
    }
    return lines.stream().map(Printable::of).toList();
  }

  /** Attentions that offend in the same cells. */
  private static List<List<Attention>> alike(Conformance conformance) {
    Map<String, List<Attention>> groups = new LinkedHashMap<>();
    for (Attention attention : conformance.attentions()) {
      CellPicture picture = attention.picture();
      if (attention.state() == State.OFFENDS && picture != null) {
        ConformanceText text = new ConformanceText(picture);
        StringBuilder looks = new StringBuilder();
        looks.append(picture.sample()).append(picture.rows()).append(picture.columns());
        for (int r = 0; r < picture.rows().size(); r++) {
          for (int c = 0; c < picture.columns().size(); c++) {
            looks.append(picture.offends(r, c) ? '#' : text.declared(r, c));
          }
        }
        groups.computeIfAbsent(looks.toString(), k -> new ArrayList<>()).add(attention);
      }
    }
    return List.copyOf(groups.values());
  }

  private List<String> drawing(String corner) {
    if (tokens) {
      return byTokens(corner);
    }
    return rows.size() <= 2 * MOST_SEGMENTS && columns.size() <= MOST_SEGMENTS
        ? bySegments(corner)
        : List.of();
  }

  private List<String> byTokens(String corner) {
    int width = picture.columns().size() + columns.size() - 1;
    List<String> lines = new ArrayList<>();
    lines.add(
        "  " + fitted(corner, LABEL) + " " + fitted("declared", width) + BETWEEN + "observed");
    String names =
        columns.stream()
            .map(run -> fitted(run.label(), run.to() - run.from()))
            .collect(Collectors.joining(" "));
    lines.add("  " + fitted("", LABEL) + " " + names + BETWEEN + names);
    for (Run run : rows) {
      int from = run.from();
      for (int r = run.from() + 1; r <= run.to(); r++) {
        // Rows that look alike are one line: what matters is the block that does not.
        if (r == run.to() || !cells(r).equals(cells(from))) {
          lines.add("  " + fitted(numbered(run, from, r), LABEL) + " " + cells(from));
          from = r;
        }
      }
    }
    return lines;
  }

  private String cells(int r) {
    return row(r, false) + BETWEEN + row(r, true);
  }

  /** {@code action 0-4}. */
  private String numbered(Run run, int from, int to) {
    String first = picture.rows().get(from);
    String last = picture.rows().get(to - 1);
    return to - from == 1 || last.length() <= run.label().length()
        ? first
        : first + "-" + last.substring(run.label().length()).strip();
  }

  private String row(int r, boolean observed) {
    return columns.stream()
        .map(run ->
            IntStream.range(run.from(), run.to())
                .mapToObj(c -> String.valueOf(observed ? observed(r, c) : declared(r, c)))
                .collect(Collectors.joining()))
        .collect(Collectors.joining(" "));
  }

  private char declared(int r, int c) {
    return picture.isPaddedRow(r) || picture.isPaddedColumn(c)
        ? '-'
        : picture.declared(r, c) ? 'x' : '.';
  }

  private char observed(int r, int c) {
    if (picture.offends(r, c)) {
      return '#';
    }
    char declared = declared(r, c);
    return declared == 'x' && picture.observed(r, c) == 0 ? '.' : declared;
  }

  private List<String> bySegments(String corner) {
    int width = columns.size() * (SEGMENT + 1) - 1;
    List<String> lines = new ArrayList<>();
    lines.add(
        "  " + fitted(corner, LABEL) + " " + fitted("declared", width) + BETWEEN + "observed");
    String names =
        columns.stream().map(run -> fitted(run.label(), SEGMENT)).collect(Collectors.joining(" "));
    lines.add("  " + fitted("", LABEL) + " " + names + BETWEEN + names);
    for (Run row : rows) {
      String declared =
          columns.stream()
              .map(column -> fitted(segments(row, column, false), SEGMENT))
              .collect(Collectors.joining(" "));
      String observed =
          columns.stream()
              .map(column -> fitted(segments(row, column, true), SEGMENT))
              .collect(Collectors.joining(" "));
      lines.add("  " + fitted(row.label(), LABEL) + " " + declared + BETWEEN + observed);
    }
    return lines.stream().map(String::stripTrailing).toList();
  }

  /** {@code x} for all, {@code x/.} for some, {@code #24} for as many offences. */
  private String segments(Run row, Run column, boolean observed) {
    if (observed) {
      int offences = count(row, column, picture::offends);
      if (offences > 0) {
        return "#" + offences;
      }
    }
    int cells = count(row, column, (r, c) -> !picture.isPaddedRow(r));
    int allowed = count(row, column, (r, c) -> (observed ? observed(r, c) : declared(r, c)) == 'x');
    return cells == 0 ? "-" : allowed == 0 ? "." : allowed == cells ? "x" : "x/.";
  }

  private static int count(Run row, Run column, BiPredicate<Integer, Integer> wanted) {
    int count = 0;
    for (int r = row.from(); r < row.to(); r++) {
      for (int c = column.from(); c < column.to(); c++) {
        count += wanted.test(r, c) ? 1 : 0;
      }
    }
    return count;
  }

  private static List<Run> runs(List<String> names) {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String label = names.get(i).replaceFirst("(?s)(.) [0-9]+$", "$1");
      if (!runs.isEmpty() && runs.getLast().label().equals(label)) {
        runs.set(runs.size() - 1, new Run(label, runs.getLast().from(), i + 1));
      } else {
        runs.add(new Run(label, i, i + 1));
      }
    }
    return runs;
  }

  /** Cut or filled to a width. */
  private static String fitted(String words, int width) {
    String shown = Printable.of(words);
    return shown.length() > width
        ? shown.substring(0, width)
        : String.format("%-" + width + "s", shown);
  }
}
