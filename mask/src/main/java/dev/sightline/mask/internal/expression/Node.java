package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.kind.BitRows;
import dev.sightline.mask.internal.kind.Kind;
import java.util.List;

/**
 * A mask expression: kinds of mask and how they are combined. The combinations are a closed family;
 * {@link Compiler} turns them into rules, {@link Printer} into text, {@link Sizing} checks them
 * against sizes and {@link Explainer} finds the part that decides.
 */
public sealed interface Node {
  /** One kind of mask. */
  record Leaf(Kind kind) implements Node {}

  /** The last Lq rows of a joint mask over Lk tokens: what a cached step must reproduce. */
  record Step(Node joint) implements Node {}

  /**
   * {@code [real tokens of the prefix, for every row | suffix mask]}, as a cached step builds it.
   */
  record Cached(BitRows prefix, Node suffix) implements Node {}

  /** Every part allows. Parts are at least two and none is itself an {@code And}. */
  record And(List<Node> parts) implements Node {}

  /** Some part allows. Parts are at least two and none is itself an {@code Or}. */
  record Or(List<Node> parts) implements Node {}

  /** The part, which is no {@code Not}, forbids. */
  record Not(Node part) implements Node {}

  /** One mask per batch row. */
  record PerBatch(List<Node> rows) implements Node {}

  /** One mask per query head. */
  record PerHead(List<Node> heads) implements Node {}

  /** The nodes directly below, in order. */
  default List<Node> children() {
    return switch (this) {
      case Leaf leaf -> List.of();
      case Step step -> List.of(step.joint());
      case Cached cached -> List.of(cached.suffix());
      case And and -> and.parts();
      case Or or -> or.parts();
      case Not not -> List.of(not.part());
      case PerBatch per -> per.rows();
      case PerHead per -> per.heads();
    };
  }
}
