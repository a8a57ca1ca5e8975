package dev.sightline.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Looks for what is probably not meant. A leak is a pair that the whole allows although a part of
 * it forbids such pairs: {@code documents(4,3) | global(0)} names documents, and lets tokens of
 * other ones through. Parts below a {@code !} or behind a {@code -} do not count.
 */
final class Lint {
  private static final int MOST_PARTS = 32;

  private final BoundMask mask;
  private final List<Finding> findings = new ArrayList<>();

  private Lint(BoundMask mask) {
    this.mask = mask;
  }

  static List<Finding> of(BoundMask mask) {
    Lint lint = new Lint(mask);
    lint.emptyRows();
    lint.leaks(
        Finding.Kind.PADDING_LEAK, n -> n instanceof Node.Padding, "a padded token takes part");
    lint.documents();
    lint.directFuture();
    lint.indirectFuture();
    lint.groups();
    return List.copyOf(lint.findings);
  }

  /** Empty rows of padding are as they should be: only tokens that others see count. */
  private void emptyRows() {
    MaskShape shape = mask.shape();
    for (int b = 0; b < mask.mask().batchRows(); b++) {
      Runs real =
          shape.queries() == shape.keys()
              ? mask.realTokens(b).real()
              : Runs.wrap(new int[] {0, shape.queries()});
      for (int h = 0; h < mask.mask().heads(); h++) {
        Runs empty = mask.emptyRows(b, h);
        // A mask in which every row is empty has no real token, and is surely not meant.
        boolean all = shape.queries() > 0 && empty.positions() == shape.queries();
        for (int run = 0; run < empty.count(); run++) {
          int row = all ? 0 : firstCommon(empty.start(run), empty.end(run), real);
          if (row >= 0) {
            add(
                Finding.Kind.EMPTY_ROW,
                new Cell(b, h, row, 0),
                "query "
                    + row
                    + " may attend to nothing"
                    + (all ? ", and so may no other" : ", though others attend to it"));
            break;
          }
        }
      }
    }
  }

  private static int firstCommon(int start, int end, Runs real) {
    for (int run = 0; run < real.count(); run++) {
      if (real.start(run) < end && real.end(run) > start) {
        return Math.max(start, real.start(run));
      }
    }
    return -1;
  }

  private void leaks(Finding.Kind kind, Predicate<Node> named, String what) {
    for (Node part : named(mask.mask().node(), named)) {
      excess(mask, part)
          .ifPresent(cell -> add(kind, cell, Printer.brief(part) + " forbids it: " + what));
    }
  }

  /** Alternatives such as {@code documents(4,3) | documents(3,4)} are meant: their union counts. */
  private void documents() {
    List<Node> parts =
        named(
            mask.mask().node(),
            n -> n instanceof Node.Documents || (n instanceof Node.SameId s && !s.islands()));
    if (!parts.isEmpty()) {
      excess(mask, Algebra.or(parts))
          .ifPresent(cell ->
              add(
                  Finding.Kind.DOCUMENT_LEAK,
                  cell,
                  Printer.brief(parts.get(0))
                      + " forbids it: the tokens are not in the same document"));
    }
  }

  private Optional<Cell> excess(BoundMask whole, Node part) {
    return whole.excessOver(new Mask(part).over(mask.shape()));
  }

  /**
   * The parts of a kind, each once, and not more than are worth a look in a monstrous expression.
   */
  private static List<Node> named(Node node, Predicate<Node> wanted) {
    return all(node, wanted).stream().distinct().limit(MOST_PARTS).toList();
  }

  private static List<Node> all(Node node, Predicate<Node> wanted) {
    List<Node> found = new ArrayList<>();
    if (wanted.test(node)) {
      found.add(node);
    } else if (!(node instanceof Node.Not)
        && !(node instanceof Node.PerBatch)
        && !(node instanceof Node.PerHead)
        && !(node instanceof Node.Step)
        && !(node instanceof Node.Cached)) {
      node.children().forEach(child -> found.addAll(all(child, wanted)));
    }
    return found;
  }

  /** Later tokens that neither the causal part allows nor one that is there to allow them. */
  private void directFuture() {
    List<Node> meant =
        named(
            mask.mask().node(),
            n ->
                n instanceof Node.SameId
                    || n instanceof Node.Grouped
                    || n instanceof Node.BlockCausal
                    || n instanceof Node.RowCausal
                    || n instanceof Node.Prefix);
    for (Node causal : named(mask.mask().node(), n -> n instanceof Node.Causal)) {
      List<Node> allowing = new ArrayList<>(meant);
      allowing.add(causal);
      excess(mask, Algebra.or(allowing))
          .ifPresent(cell ->
              add(
                  Finding.Kind.FUTURE_LEAK,
                  cell,
                  Printer.brief(causal)
                      + " forbids it: key "
                      + cell.key()
                      + " comes after query "
                      + cell.query()));
    }
  }

  /**
   * A query that sees no later token, but sees one that does: what it must not see reaches it in
   * the second layer. This is how row-causal differs from block-causal.
   */
  private void indirectFuture() {
    MaskShape shape = mask.shape();
    boolean causal = !named(mask.mask().node(), Lint::looksBack).isEmpty();
    if (shape.queries() != shape.keys() || !causal) {
      return;
    }
    for (int b = 0; b < mask.mask().batchRows(); b++) {
      for (int h = 0; h < mask.mask().heads(); h++) {
        indirectFuture(b, h);
      }
    }
  }

  /** Whether a part is there to keep queries from later keys. */
  private static boolean looksBack(Node node) {
    return switch (node) {
      case Node.Causal causal -> true;
      case Node.Prefix prefix -> true;
      case Node.BlockCausal block -> true;
      case Node.RowCausal block -> true;
      case Node.Window window -> window.right() == 0;
      case Node.Grouped grouped ->
          grouped.groups().segments().stream()
              .anyMatch(segment -> segment.inside() == Groups.Inside.CAUSAL);
      default -> false;
    };
  }

  private void indirectFuture(int b, int h) {
    int length = mask.shape().keys();
    int[] last = new int[length];
    Arrays.fill(last, -1);
    for (Sweep sweep = new Sweep(mask.rule(b, h), length, length); sweep.hasNext(); ) {
      Band band = sweep.next();
      for (int row = band.from(); !band.isEmpty() && row < sweep.end(band); row++) {
        last[row] = band.end(band.runs() - 1, row) - 1;
      }
    }
    RangeMax furthest = new RangeMax(last);
    for (Sweep sweep = new Sweep(mask.rule(b, h), length, length); sweep.hasNext(); ) {
      Band band = sweep.next();
      for (int row = band.from(); row < sweep.end(band); row++) {
        for (int run = 0; last[row] <= row && run < band.runs(); run++) {
          int through = furthest.of(band.start(run, row), band.end(run, row));
          if (last[through] > row) {
            add(
                Finding.Kind.FUTURE_LEAK,
                new Cell(b, h, row, last[through]),
                "query "
                    + row
                    + " sees no later token, but sees token "
                    + through
                    + ", which sees token "
                    + last[through]
                    + ": two layers carry it back");
            return;
          }
        }
      }
    }
  }

  private void groups() {
    for (Node node : named(mask.mask().node(), n -> n instanceof Node.Grouped)) {
      Groups groups = ((Node.Grouped) node).groups();
      excess(mask, node)
          .ifPresent(cell ->
              add(Finding.Kind.GROUP_LEAK, cell, LeafWords.of(node, mask.shape(), cell, false)));
      for (Groups.Segment viewer : groups.segments()) {
        for (Groups.Segment seen : groups.segments()) {
          if (viewer.size() > 0
              && seen.size() > 0
              && !groups.canSee(viewer.name(), seen.name())
              && groups.reachedFrom(viewer.name()).contains(seen.name())) {
            add(
                Finding.Kind.GROUP_LEAK,
                new Cell(0, 0, groups.start(viewer.name()), groups.start(seen.name())),
                viewer.name()
                    + " does not see "
                    + seen.name()
                    + ", but sees others that do: later layers carry it over");
          }
        }
      }
    }
  }

  private void add(Finding.Kind kind, Cell cell, String message) {
    findings.add(new Finding(kind, cell, message));
  }
}
