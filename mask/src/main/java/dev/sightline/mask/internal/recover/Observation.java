package dev.sightline.mask.internal.recover;

import dev.sightline.mask.internal.expression.SampleFacts;
import java.util.BitSet;

/**
 * What was seen of an attention over one sample.
 *
 * @param facts the tokens
 * @param known the cells that count, {@code [Lq, Lk]} row by row
 * @param allowed the cells that are allowed; a cell that is not known may be either
 */
public record Observation(SampleFacts facts, BitSet known, BitSet allowed) {
  boolean isKnown(int query, int key) {
    return known.get(query * facts.keys() + key);
  }

  boolean isAllowed(int query, int key) {
    return allowed.get(query * facts.keys() + key);
  }

  boolean isReal(int query, int key) {
    return facts.realQueries().get(query) && facts.realKeys().get(key);
  }
}
