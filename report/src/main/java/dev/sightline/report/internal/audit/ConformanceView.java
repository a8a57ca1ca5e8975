package dev.sightline.report.internal.audit;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Attention;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.audit.result.Probe;
import dev.sightline.report.internal.audit.AuditView.Badge;
import dev.sightline.report.internal.page.Numbers;
import dev.sightline.tensor.internal.Excerpt;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Declared against observed, in words and squares. Attentions that look alike are drawn once, and
 * of many only the first few: a declaration over a hundred attentions is still one page.
 */
public final class ConformanceView {
  private static final int MOST_OFFENDING = 6;
  private static final int MOST_CONFORMING = 3;
  private static final int MOST_LISTED = 200;
  private static final int SENTENCES = 4;
  private static final int BLOCKS = 6;
  private static final int SEGMENTS = 16;
  private static final int DECLARED = 300;

  private ConformanceView() {}

  /**
   * The section.
   *
   * @param summary how many attentions do what
   * @param offending the attentions that offend, drawn
   * @param conforming others, drawn
   * @param leftOut what is not drawn, in a sentence; empty if all is
   * @param reach null if it was not tried
   */
  public record Section(
      Badge inside,
      String insideMeaning,
      Badge outside,
      String outsideMeaning,
      String summary,
      List<Drawn> offending,
      List<Drawn> conforming,
      String leftOut,
      @Nullable Drawn reach,
      List<Row> attentions,
      String notListed,
      List<String> notes) {}

  /**
   * A pair of squares and what it shows.
   *
   * @param id in the page
   * @param title which attentions these are
   * @param declared the mask as text; empty for the reach through all layers
   * @param blocks which segments offend against which
   * @param moreBlocks how many further pairs of segments do
   * @param verb what a row does to a column
   * @param caption counts, and what is not drawn
   * @param sentences the worst offences
   * @param more the further ones
   * @param uncounted how many offences have no sentence
   * @param columns the table's head; empty if there is no table
   * @param table what the squares show, by segments
   */
  public record Drawn(
      String id,
      String title,
      Badge badge,
      String declared,
      List<SegmentTable.Block> blocks,
      int moreBlocks,
      String verb,
      String caption,
      List<String> sentences,
      List<String> more,
      String uncounted,
      CellSquares.Pair pair,
      List<String> columns,
      List<SegmentTable.TallyRow> table) {}

  /** One attention in the list of all. */
  public record Row(
      int attention,
      String node,
      Badge badge,
      String reason,
      String declared,
      String cells,
      String forbidden,
      String offences,
      String unused,
      String largest) {}

  static @Nullable Section of(@Nullable Conformance conformance) {
    if (conformance == null) {
      return null;
    }
    List<List<Attention>> offending = ConformanceSummary.alike(conformance, true);
    List<List<Attention>> conforming = ConformanceSummary.alike(conformance, false);
    int hidden =
        Math.max(0, offending.size() - MOST_OFFENDING)
            + Math.max(0, conforming.size() - MOST_CONFORMING);
    int unlisted = Math.max(0, conformance.attentions().size() - MOST_LISTED);
    return new Section(
        AuditView.badge(conformance.inside().outcome()),
        VerdictText.of(Probe.DECLARED_INSIDE, conformance.inside()),
        AuditView.badge(conformance.outside().outcome()),
        VerdictText.of(Probe.DECLARED_OUTSIDE, conformance.outside()),
        ConformanceSummary.counts(conformance),
        offending.stream().limit(MOST_OFFENDING).map(ConformanceView::drawn).toList(),
        conforming.stream().limit(MOST_CONFORMING).map(ConformanceView::drawn).toList(),
        hidden == 0 ? "" : "Not drawn: " + Numbers.count(hidden, "further kind") + " of attention.",
        reach(conformance.reach()),
        conformance.attentions().stream().limit(MOST_LISTED).map(ConformanceView::row).toList(),
        unlisted == 0 ? "" : "and " + Numbers.count(unlisted, "more attention"),
        conformance.notes());
  }

  private static Drawn drawn(List<Attention> alike) {
    Attention attention = alike.getFirst();
    CellPicture picture = attention.picture();
    if (picture == null) {
      throw new IllegalStateException("only attentions with a picture are drawn");
    }
    List<String> sentences = attention.worst().stream().map(VerdictText::of).toList();
    String title =
        alike.size() == 1
            ? "Attention " + attention.attention()
            : "Attentions " + ConformanceSummary.numbers(alike) + ", alike";
    int offending = new SegmentTable(picture).offending();
    String caption =
        (alike.size() == 1 ? "" : "Drawn is attention " + attention.attention() + ". ")
            + "Row "
            + picture.sample()
            + " of the batch"
            + (offending == 0
                ? ""
                : ", the one with most offences: "
                    + Numbers.count(offending, "square")
                    + (offending == 1 ? " is" : " are")
                    + " forbidden and attended to by some head. Over all rows and heads: "
                    + Numbers.count(attention.offences())
                    + " of "
                    + Numbers.count(attention.forbidden())
                    + " forbidden probabilities are not 0")
            + ". "
            + chosen(picture);
    return drawn(
        "attention-" + attention.attention(),
        title,
        badge(attention.state()),
        Excerpt.of(attention.declared(), DECLARED),
        "attends to",
        caption.strip(),
        sentences,
        attention.offences() - sentences.size(),
        picture);
  }

  private static @Nullable Drawn reach(Conformance.Reach reach) {
    CellPicture picture = reach.picture();
    if (picture == null) {
      return null;
    }
    int offending = new SegmentTable(picture).offending();
    List<String> sentences =
        reach.worst().stream()
            .map(
                leak -> VerdictText.of(leak) + "; it changes by up to " + Numbers.of(leak.change()))
            .toList();
    String caption =
        "Row "
            + picture.sample()
            + " of the batch"
            + (offending == 0
                ? ""
                : ", the one with most leaks: "
                    + Numbers.count(offending, "square")
                    + " changed without a path. Over all rows: "
                    + Numbers.count(reach.leaks())
                    + " of "
                    + Numbers.count(reach.unreachable(), "pair")
                    + " without a path changed")
            + ". Compared: "
            + String.join(", ", reach.outputs())
            + ". "
            + chosen(picture);
    return drawn(
        "reach",
        "Through the whole model",
        AuditView.badge(
            offending == 0
                ? dev.sightline.audit.result.Verdict.Outcome.PASS
                : dev.sightline.audit.result.Verdict.Outcome.FAIL),
        "",
        "depends on",
        caption.strip(),
        sentences,
        reach.leaks() - sentences.size(),
        picture);
  }

  private static Drawn drawn(
      String id,
      String title,
      Badge badge,
      String declared,
      String verb,
      String caption,
      List<String> sentences,
      long uncounted,
      CellPicture picture) {
    List<SegmentTable.Block> blocks = new SegmentTable(picture).blocks();
    List<SegmentTable.TallyRow> table = new SegmentTable(picture).rows(SEGMENTS);
    return new Drawn(
        id,
        title,
        badge,
        declared,
        blocks.stream().limit(BLOCKS).toList(),
        Math.max(0, blocks.size() - BLOCKS),
        verb,
        caption,
        sentences.stream().limit(SENTENCES).toList(),
        sentences.stream().skip(SENTENCES).toList(),
        uncounted > 0 ? "and " + Numbers.count(uncounted) + " more" : "",
        CellSquares.pair(picture),
        table.isEmpty() ? List.of() : new SegmentTable(picture).columns(),
        table);
  }

  private static String chosen(CellPicture picture) {
    return picture.totalRows() == picture.rows().size()
            && picture.totalColumns() == picture.columns().size()
        ? ""
        : "Of "
            + picture.totalRows()
            + " x "
            + picture.totalColumns()
            + " squares "
            + picture.rows().size()
            + " x "
            + picture.columns().size()
            + " are drawn, those with offences first.";
  }

  private static Row row(Attention attention) {
    boolean judged = attention.cells() > 0;
    return new Row(
        attention.attention(),
        attention.node(),
        badge(attention.state()),
        attention.reason(),
        Excerpt.of(attention.declared(), DECLARED),
        judged ? Numbers.count(attention.cells()) : "no data",
        judged ? Numbers.count(attention.forbidden()) : "no data",
        judged ? Numbers.count(attention.offences()) : "no data",
        judged ? Numbers.count(attention.unused()) : "no data",
        judged ? Numbers.share(attention.largestAllowed()) : "no data");
  }

  private static Badge badge(State state) {
    return switch (state) {
      case CONFORMS -> new Badge("CONFORMS", "no forbidden key is attended to", "pass");
      case OFFENDS -> new Badge("OFFENDS", "a forbidden key is attended to", "fail");
      case NARROWER -> new Badge("NARROWER", "the model forbids what is declared", "fail");
      case UNUSED -> new Badge("UNUSED", "no allowed key is attended to", "inconclusive");
      case NOT_DECLARED -> new Badge("NOT DECLARED", "nothing to compare it with", "no-data");
      case NOT_READABLE -> new Badge("NOT READABLE", "its attention cannot be read", "no-data");
    };
  }
}
