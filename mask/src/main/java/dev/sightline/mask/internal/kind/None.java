package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;

/**
 * No pair.
 *
 * <pre>
 * none   0000
 *        0000
 *        0000
 * </pre>
 */
public record None() implements Kind {
  static final List<Word> WORDS = List.of(Word.of("none", "nothing", a -> new None()));

  @Override
  public String text() {
    return "none";
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    return (row, view) -> Band.empty(row, sizes.queries());
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return "no pair is allowed";
  }
}
