package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;

/**
 * Every pair.
 *
 * <pre>
 * full   1111
 *        1111
 *        1111
 * </pre>
 */
public record Full() implements Kind {
  static final List<Word> WORDS = List.of(Word.of("full", "nothing", a -> new Full()));

  @Override
  public String text() {
    return "full";
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    return (row, view) -> Band.constant(row, sizes.queries(), 0, sizes.keys());
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return "every pair is allowed";
  }
}
