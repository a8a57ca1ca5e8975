package dev.sightline.mask;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the parts of an expression that decide about a pair: of {@code A & B}, the first part that
 * forbids, or all of them; of {@code A | B}, the first that allows, or all.
 */
final class Explainer {
  private final MaskShape shape;
  private final Cell cell;
  private final RuleCompiler compiler = new RuleCompiler();

  private Explainer(MaskShape shape, Cell cell) {
    this.shape = shape;
    this.cell = cell;
  }

  static Explanation explain(BoundMask mask, Cell cell) {
    boolean allowed = mask.allowed(cell);
    List<Explanation.Reason> reasons =
        new Explainer(mask.shape(), cell).reasons(mask.mask().node(), allowed);
    return new Explanation(cell, allowed, reasons);
  }

  private boolean allows(Node node) {
    Rule rule = compiler.compile(node, shape.queries(), shape.keys(), cell.batch(), cell.head());
    return rule.band(cell.query(), Rule.View.of(cell.key(), cell.key() + 1))
        .row(cell.query())
        .contains(cell.key());
  }

  private List<Explanation.Reason> reasons(Node node, boolean allowed) {
    return switch (node) {
      case Node.And and -> ofParts(and.parts(), allowed, false);
      case Node.Or or -> ofParts(or.parts(), allowed, true);
      case Node.Not not when inner(not) ->
          reasons(not.part(), !allowed).stream()
              .map(r -> new Explanation.Reason(r.part(), r.words() + ", and ! turns that around"))
              .toList();
      case Node.Not not ->
          List.of(
              reason(node, LeafWords.of(not.part(), shape, cell, !allowed) + ", turned around"));
      case Node.PerBatch per -> reasons(per.rows().get(cell.batch()), allowed);
      case Node.PerHead per -> reasons(per.heads().get(cell.head()), allowed);
      default -> List.of(reason(node, LeafWords.of(node, shape, cell, allowed)));
    };
  }

  private static boolean inner(Node.Not not) {
    return not.part() instanceof Node.And
        || not.part() instanceof Node.Or
        || not.part() instanceof Node.PerBatch
        || not.part() instanceof Node.PerHead;
  }

  private static Explanation.Reason reason(Node node, String words) {
    return new Explanation.Reason(Printer.brief(node), words);
  }

  /** One part is enough where its answer is the whole's answer: a no in "and", a yes in "or". */
  private List<Explanation.Reason> ofParts(List<Node> parts, boolean allowed, boolean decisive) {
    List<Explanation.Reason> all = new ArrayList<>();
    for (Node part : parts) {
      boolean answer = allows(part);
      if (allowed == decisive && answer == decisive) {
        return reasons(part, answer);
      }
      if (allowed != decisive) {
        all.addAll(reasons(part, answer));
      }
    }
    return all;
  }
}
