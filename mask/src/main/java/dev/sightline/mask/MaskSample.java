package dev.sightline.mask;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.expression.SampleFacts;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The tokens of one batch row between which an attention is: which of them are real, and what else
 * a mask may go by. Words of a mask that name no tokens, such as {@code padding} or {@code
 * prefix(token-types=0)}, get their meaning from it with {@link Mask#forSample}.
 *
 * <pre>{@code
 * MaskSample sample = MaskSample.self(4).realKeys(true, true, true, false);
 * Mask.parse("causal & padding").forSample(sample); // causal & padding(1110)
 * }</pre>
 *
 * <p>Immutable: each method returns another sample.
 */
public final class MaskSample {
  private final SampleFacts facts;

  private MaskSample(SampleFacts facts) {
    this.facts = facts;
  }

  SampleFacts facts() {
    return facts;
  }

  /**
   * {@return a sample of as many queries as keys, the same tokens, all real}
   *
   * @param length how many tokens
   */
  public static MaskSample self(int length) {
    return step(length, length);
  }

  /**
   * {@return a sample whose queries are the last of the keys, all real: a step over cached keys}
   *
   * @param queries Lq, at most as many as keys
   * @param keys Lk
   */
  public static MaskSample step(int queries, int keys) {
    if (queries < 0 || queries > keys) {
      throw new IllegalArgumentException(
          queries + " queries cannot be the last of " + keys + " keys");
    }
    return of(queries, keys, true);
  }

  /**
   * {@return a sample of queries and keys of different sequences, all real: a cross-attention}
   *
   * @param queries Lq, the number of queries
   * @param keys Lk, the number of keys
   */
  public static MaskSample cross(int queries, int keys) {
    return of(queries, keys, false);
  }

  private static MaskSample of(int queries, int keys, boolean sameTokens) {
    return new MaskSample(
        new SampleFacts(
            queries,
            keys,
            sameTokens,
            ones(queries),
            ones(keys),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of()));
  }

  private static Bits ones(int size) {
    boolean[] ones = new boolean[size];
    java.util.Arrays.fill(ones, true);
    return Bits.of(ones);
  }

  /** {@return Lq, the number of queries} */
  public int queries() {
    return facts.queries();
  }

  /** {@return Lk, the number of keys} */
  public int keys() {
    return facts.keys();
  }

  /** {@return whether the queries are the last of the keys} */
  public boolean sameTokens() {
    return facts.sameTokens();
  }

  /**
   * {@return whether a query is no padding}
   *
   * @param query query, from 0
   */
  public boolean isRealQuery(int query) {
    return facts.realQueries().get(query);
  }

  /**
   * {@return whether a key is no padding}
   *
   * @param key key, from 0
   */
  public boolean isRealKey(int key) {
    return facts.realKeys().get(key);
  }

  /**
   * {@return a sample with other real keys, and with the queries that follow from them where the
   * queries are the last of the keys}
   *
   * @param real {@code [Lk]}
   */
  public MaskSample realKeys(boolean... real) {
    requireSize("keys", real.length, keys());
    Bits queries = facts.realQueries();
    if (facts.sameTokens()) {
      queries = Bits.of(java.util.Arrays.copyOfRange(real, keys() - queries(), keys()));
    }
    return with(queries, Bits.of(real), facts.types(), facts.positions(), facts.marks());
  }

  /**
   * {@return a sample with other real queries}
   *
   * @param real {@code [Lq]}
   */
  public MaskSample realQueries(boolean... real) {
    requireSize("queries", real.length, queries());
    return with(Bits.of(real), facts.realKeys(), facts.types(), facts.positions(), facts.marks());
  }

  /**
   * {@return a sample whose keys have token types}
   *
   * @param types {@code [Lk]}
   */
  public MaskSample tokenTypes(int... types) {
    requireSize("token types", types.length, keys());
    return with(
        facts.realQueries(),
        facts.realKeys(),
        Optional.of(Ints.of(types)),
        facts.positions(),
        facts.marks());
  }

  /**
   * {@return a sample whose keys have positions}
   *
   * @param positions {@code [Lk]}
   */
  public MaskSample positions(int... positions) {
    requireSize("positions", positions.length, keys());
    return with(
        facts.realQueries(),
        facts.realKeys(),
        facts.types(),
        Optional.of(Ints.of(positions)),
        facts.marks());
  }

  /**
   * {@return a sample in which an input of the model marks keys}
   *
   * @param input the name of the input
   * @param marked at which keys it is not 0, {@code [Lk]}
   */
  public MaskSample marked(String input, boolean... marked) {
    requireSize("marks", marked.length, keys());
    Map<String, Bits> marks = new TreeMap<>(facts.marks());
    marks.put(input, Bits.of(marked));
    return with(facts.realQueries(), facts.realKeys(), facts.types(), facts.positions(), marks);
  }

  /**
   * {@return a sample in which an input of the model says which pairs are allowed}
   *
   * @param input the name of the input
   * @param allowed {@code [Lq, Lk]}
   */
  public MaskSample given(String input, boolean[][] allowed) {
    requireSize("rows", allowed.length, queries());
    boolean[] all = new boolean[queries() * keys()];
    for (int q = 0; q < allowed.length; q++) {
      requireSize("keys", allowed[q].length, keys());
      System.arraycopy(allowed[q], 0, all, q * keys(), keys());
    }
    Map<String, Bits> pairs = new TreeMap<>(facts.pairs());
    pairs.put(input, Bits.of(all));
    return new MaskSample(
        new SampleFacts(
            facts.queries(),
            facts.keys(),
            facts.sameTokens(),
            facts.realQueries(),
            facts.realKeys(),
            facts.types(),
            facts.positions(),
            facts.marks(),
            pairs));
  }

  private MaskSample with(
      Bits realQueries,
      Bits realKeys,
      Optional<Ints> types,
      Optional<Ints> positions,
      Map<String, Bits> marks) {
    return new MaskSample(
        new SampleFacts(
            facts.queries(),
            facts.keys(),
            facts.sameTokens(),
            realQueries,
            realKeys,
            types,
            positions,
            marks,
            facts.pairs()));
  }

  private static void requireSize(String what, int given, int size) {
    if (given != size) {
      throw new IllegalArgumentException(given + " " + what + " do not describe " + size);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MaskSample that && facts.equals(that.facts);
  }

  @Override
  public int hashCode() {
    return facts.hashCode();
  }

  /** As in {@code 4 queries, 4 keys, real keys 1110}. */
  @Override
  public String toString() {
    return facts.queries() + " queries, " + facts.keys() + " keys, real keys " + facts.realKeys();
  }
}
