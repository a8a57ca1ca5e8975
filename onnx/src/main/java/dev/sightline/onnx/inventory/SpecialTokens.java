package dev.sightline.onnx.inventory;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The token ids of a model that are no part of a text's words, as far as its tokenizer, the
 * configuration beside it or its graph tells.
 *
 * @param padding the id of padding; empty if nothing tells
 * @param first the ids that each text begins with, such as that of {@code [CLS]}
 * @param last the ids that each text ends with, such as that of {@code [SEP]}
 * @param all each special id that is known, with those above
 */
public record SpecialTokens(
    OptionalLong padding, List<Long> first, List<Long> last, Set<Long> all) {
  /** Nothing is known. */
  public static final SpecialTokens NONE =
      new SpecialTokens(OptionalLong.empty(), List.of(), List.of(), Set.of());

  /** Copies the lists, and adds what they name to all special ids. */
  public SpecialTokens {
    first = List.copyOf(first);
    last = List.copyOf(last);
    Set<Long> every = new HashSet<>(all);
    every.addAll(first);
    every.addAll(last);
    padding.ifPresent(every::add);
    all = Set.copyOf(every);
  }

  /**
   * Returns this with what another source tells where this one tells nothing.
   *
   * @param other the source that is trusted less
   * @return both together
   */
  public SpecialTokens or(SpecialTokens other) {
    Set<Long> both = new HashSet<>(all);
    both.addAll(other.all);
    boolean knowsForm = !first.isEmpty() || !last.isEmpty();
    return new SpecialTokens(
        padding.isPresent() ? padding : other.padding,
        knowsForm ? first : other.first,
        knowsForm ? last : other.last,
        both);
  }
}
