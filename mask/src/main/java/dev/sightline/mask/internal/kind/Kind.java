package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.text.Excerpt;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One kind of mask, such as {@code causal} or {@code window}: a value with everything that is
 * particular to it. Each kind is a record in a file of its own; {@link Kinds} lists their words. A
 * record's constructor checks what can be checked without sizes, {@link #check} the rest.
 *
 * <p>The only thing a kind says about pairs is its {@link #rule}: rows, tiles, counts and
 * comparisons all follow from that.
 */
public interface Kind {
  /** What the rest of the module needs to know about a kind, without knowing the kind. */
  enum Trait {
    /** A row may have many runs; an "and" asks such a part last, and only about keys in view. */
    MANY_RUNS,
    /** Takes padded tokens out; lint looks for padded tokens that are allowed all the same. */
    PADDING,
    /** Separates documents; lint looks for pairs of different documents. */
    DOCUMENTS,
    /** Forbids every later key; lint looks for pairs that are allowed all the same. */
    CAUSAL,
    /** Keeps some queries from later keys; lint looks for a way around, through a third token. */
    HIDES_LATER,
    /** Allows some later keys on purpose; lint does not report those. */
    SHOWS_LATER
  }

  /** The text form; reading it gives an equal kind. */
  String text();

  /**
   * The text form of a long kind.
   *
   * @param gap what separates its parts: a blank, or a line break and an indentation
   */
  default String text(String gap) {
    return text();
  }

  /** The text form, cut to 60 characters, for messages. */
  default String brief() {
    return Excerpt.of(text(), 60);
  }

  /** The number of batch rows the kind tells apart, 1 where all are alike. */
  default int batchRows() {
    return 1;
  }

  /**
   * The number of keys the kind names: exactly where it lists its tokens, at least that many where
   * it gives lengths, empty where it has no size of its own.
   */
  default OptionalInt length() {
    return OptionalInt.empty();
  }

  /** The largest number by which a kind without a size of its own tells positions apart. */
  default int largest() {
    return 0;
  }

  /**
   * Checks that the kind fits the sizes it is bound to.
   *
   * @throws IllegalArgumentException if it does not, quoting the kind
   */
  default void check(Fit fit) {}

  /**
   * The rule of one batch row.
   *
   * @param sizes sizes that have passed {@link #check}
   * @param batch batch row
   */
  Rule rule(Sizes sizes, int batch);

  /**
   * What the kind says about a pair, in words.
   *
   * @param sizes sizes that have passed {@link #check}
   * @param allowed what the rule says about the pair
   */
  String explain(Sizes sizes, Pair pair, boolean allowed);

  /** What the rest of the module needs to know. */
  default Set<Trait> traits() {
    return Set.of();
  }

  /** The names of the tokens, one for each, where the kind names them; otherwise none. */
  default List<String> labels() {
    return List.of();
  }
}
