package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Sizes;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** The text of an expression, and which places of it decide about a pair. */
public final class Clauses {
  private final Bound bound;
  private final IdentityHashMap<Node, Parser.Span> spans = new IdentityHashMap<>();

  /**
   * Reads a text and binds it to sizes.
   *
   * @throws IllegalArgumentException if the text is no expression, or does not fit the sizes
   */
  public Clauses(String text, Sizes sizes) {
    this.bound = new Bound(Parser.parse(text, spans), sizes);
  }

  /**
   * A place of the text that decides.
   *
   * @param start the index of its first character
   * @param end one past the index of its last character
   * @param part the part in the text form, cut for a message
   * @param words what it says about the pair
   */
  public record Clause(int start, int end, String part, String words) {}

  /** Whether the pair is allowed. */
  public boolean allowed(Pair pair) {
    return bound.allowed(pair);
  }

  /** The places that decide about a pair, at least one. */
  public List<Clause> deciding(Pair pair) {
    List<Clause> clauses = new ArrayList<>();
    for (Explainer.Reason reason : Explainer.explain(bound, pair)) {
      Parser.Span span = spans.getOrDefault(reason.node(), new Parser.Span(0, 0));
      clauses.add(new Clause(span.start(), span.end(), reason.part(), reason.words()));
    }
    return clauses;
  }
}
