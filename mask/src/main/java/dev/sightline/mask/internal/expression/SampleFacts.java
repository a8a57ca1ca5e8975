package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Ints;
import java.util.Map;
import java.util.Optional;

/**
 * What a sample says about its tokens.
 *
 * @param queries Lq
 * @param keys Lk
 * @param sameTokens whether the queries are the last of the keys, as in self-attention
 * @param realQueries which queries are no padding, {@code [Lq]}
 * @param realKeys which keys are no padding, {@code [Lk]}
 * @param types the token type of each key
 * @param positions the position of each key
 * @param marks for inputs of the model by name, the keys at which they are not 0
 * @param pairs for inputs of the model by name, the pairs that they allow, {@code [Lq, Lk]} row by
 *     row
 */
public record SampleFacts(
    int queries,
    int keys,
    boolean sameTokens,
    Bits realQueries,
    Bits realKeys,
    Optional<Ints> types,
    Optional<Ints> positions,
    Map<String, Bits> marks,
    Map<String, Bits> pairs) {
  public SampleFacts {
    marks = Map.copyOf(marks);
    pairs = Map.copyOf(pairs);
  }
}
