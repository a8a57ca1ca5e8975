package dev.sightline.data.internal.batch;

import dev.sightline.onnx.inventory.AttentionSite.Source;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which tokens an axis of an attention counts, its queries or its keys: those of neighbouring
 * streams one after another, possibly after the tokens of a cache. Graphs do not say so; the
 * lengths do, as far as streams have different ones.
 *
 * <p>Among several readings of one axis, fewer streams are preferred to more, then earlier streams
 * to later ones, and a reading without a cache to one with it. {@link Pair#of} reads both axes of
 * an attention together, and prefers what the graph says about them first.
 *
 * @param past tokens that come first and that no stream feeds, such as those of a cache; they are
 *     never padding
 * @param first index of the first stream
 * @param last index of the last stream; {@code first - 1} for a cache alone
 */
public record TokenAxis(int past, int first, int last) {
  /** What an axis may have before the tokens of its streams. */
  public enum Past {
    /** Nothing. */
    NONE,
    /** The cache that the model is fed, on the axis of keys. */
    FED,
    /**
     * The cache that the model is fed; where nothing else has the length, as many tokens as are
     * missing before those of all streams.
     */
    ANY
  }

  /**
   * A position of an axis.
   *
   * @param stream index of its stream, or {@link JointTokens#PAST}
   * @param index of the position in its stream, or in the cache
   */
  public record Position(int stream, int index) {}

  /**
   * Both axes of an attention.
   *
   * @param queries the tokens of axis {@code Lq}
   * @param keys the tokens of axis {@code Lk}
   * @param ambiguous whether another reading fits as well
   */
  public record Pair(TokenAxis queries, TokenAxis keys, boolean ambiguous) {
    /**
     * Reads the axes of an attention off its lengths. In order of preference:
     *
     * <ol>
     *   <li>what the graph says: queries and keys of a cross attention have no stream in common;
     *       those of any other attention are the same tokens, or else the keys contain the queries;
     *   <li>fewer streams;
     *   <li>the later stream for the queries of a cross attention, since a decoder's inputs come
     *       after the encoder's; else the earlier one.
     * </ol>
     *
     * @param joint the tokens that the model was fed
     * @param source where the graph takes its keys from
     * @param queries length of axis {@code Lq}
     * @param keys length of axis {@code Lk}
     * @param past what may come before the streams
     * @return empty if no streams have these lengths; ambiguous if only the third rule decides
     */
    public static Optional<Pair> of(
        JointTokens joint, Source source, int queries, int keys, Past past) {
      return of(joint, source, queries, keys, past, pair -> true);
    }

    /**
     * Reads the axes of an attention as {@link #of(JointTokens, Source, int, int, Past)} does.
     *
     * @param fits tells which readings are right, as other runs show
     */
    public static Optional<Pair> of(
        JointTokens joint, Source source, int queries, int keys, Past past, Predicate<Pair> fits) {
      boolean cross = source == Source.CROSS;
      List<Pair> pairs = new ArrayList<>();
      for (TokenAxis q : readings(joint, queries, past == Past.ANY ? past : Past.NONE)) {
        for (TokenAxis k : readings(joint, keys, past)) {
          Pair pair = new Pair(q, k, false);
          if (fits.test(pair)) {
            pairs.add(pair);
          }
        }
      }
      Comparator<Pair> fit =
          Comparator.<Pair>comparingInt(pair -> pair.misfit(cross)).thenComparingInt(Pair::parts);
      pairs.sort(fit.thenComparingInt(pair -> cross ? -pair.queries.last : 0));
      return pairs.stream()
          .findFirst()
          .map(best ->
              new Pair(
                  best.queries,
                  best.keys,
                  pairs.stream().filter(pair -> fit.compare(pair, best) == 0).count() > 1));
    }

    private int misfit(boolean cross) {
      if (cross) {
        return queries.last < keys.first || keys.last < queries.first ? 0 : 1;
      }
      boolean within = keys.first <= queries.first && queries.last <= keys.last;
      return isSelf() ? 0 : within ? 1 : 2;
    }

    private int parts() {
      return queries.parts() + keys.parts();
    }

    /**
     * Tells whether queries and keys are the same tokens.
     *
     * @return whether both axes are equal
     */
    public boolean isSelf() {
      return queries.equals(keys);
    }
  }

  /**
   * Finds every reading of an axis.
   *
   * @param joint the tokens that the model was fed
   * @param length of the axis
   * @param past what may come before the streams
   * @return the readings, best first; empty if no streams have this length
   */
  public static List<TokenAxis> readings(JointTokens joint, int length, Past past) {
    List<TokenAxis> found = new ArrayList<>();
    int cache = past == Past.NONE ? 0 : joint.past();
    for (int before : cache == 0 ? new int[] {0} : new int[] {0, cache}) {
      if (before > 0 && before == length) {
        found.add(new TokenAxis(before, 0, -1));
      }
      for (int count = 1; count <= joint.streams(); count++) {
        for (int first = 0; first + count <= joint.streams(); first++) {
          TokenAxis axis = new TokenAxis(before, first, first + count - 1);
          if (axis.length(joint) == length) {
            found.add(axis);
          }
        }
      }
    }
    TokenAxis all = new TokenAxis(0, 0, joint.streams() - 1);
    int missing = length - all.length(joint);
    return found.isEmpty() && past == Past.ANY && joint.streams() > 0 && missing > 0
        ? List.of(new TokenAxis(missing, all.first, all.last))
        : found;
  }

  /**
   * Counts what the axis is made of: of several readings, those of fewer parts come first.
   *
   * @return its streams, and a cache
   */
  public int parts() {
    return (past > 0 ? 1 : 0) + last - first + 1;
  }

  /**
   * Counts the positions of the axis.
   *
   * @param joint the tokens that the model was fed
   * @return the length of the axis, padding included
   */
  public int length(JointTokens joint) {
    return past + streams().stream().mapToInt(joint::width).sum();
  }

  /**
   * Lists the streams of the axis.
   *
   * @return the index of each, in order
   */
  public List<Integer> streams() {
    return IntStream.rangeClosed(first, last).boxed().toList();
  }

  /**
   * Counts the positions of the axis.
   *
   * @param batch what the model is fed
   * @return the length of the axis, padding included
   */
  public int length(Batch batch) {
    return past + streams().stream().mapToInt(batch::width).sum();
  }

  /**
   * Numbers the positions of the axis among all tokens.
   *
   * @param joint the tokens that the model was fed
   * @return the number of each position's token
   * @throws IllegalArgumentException if the axis has tokens before its streams that are not those
   *     of the cache
   */
  public int[] tokens(JointTokens joint) {
    if (past != 0 && past != joint.past()) {
      throw new IllegalArgumentException(
          past + " tokens before those of the streams are not a cache of " + joint.past());
    }
    int from = joint.first(first);
    return IntStream.concat(
            IntStream.range(0, past), IntStream.range(from, from + length(joint) - past))
        .toArray();
  }

  /**
   * Names the streams of the axis, as in {@code past + suffix_embeddings}.
   *
   * @param joint the tokens that the model was fed
   * @return the names, joined by plus signs
   */
  public String names(JointTokens joint) {
    Stream<Integer> before = past > 0 ? Stream.of(JointTokens.PAST) : Stream.empty();
    return Stream.concat(before, streams().stream())
        .map(joint::name)
        .collect(Collectors.joining(" + "));
  }

  /**
   * Tells whether the axis has the tokens of a stream, perhaps among others.
   *
   * @param stream index of the stream
   * @return whether it is one of the axis's streams
   */
  public boolean contains(int stream) {
    return first <= stream && stream <= last;
  }

  /**
   * Tells whether the axis has the tokens of one stream and no others.
   *
   * @return whether it is one stream without a cache
   */
  public boolean isOneStream() {
    return past == 0 && first == last;
  }

  /**
   * Tells whether the axis has the tokens of a given stream and no others.
   *
   * @param stream index of the stream
   * @return whether it is that stream without a cache
   */
  public boolean isStream(int stream) {
    return isOneStream() && first == stream;
  }

  /**
   * Finds what a position of the axis is.
   *
   * @param batch what the model is fed
   * @param index of the position on the axis
   * @return its stream and its index there
   */
  public Position at(Batch batch, int index) {
    if (index < past) {
      return new Position(JointTokens.PAST, index);
    }
    int position = index - past;
    int stream = first;
    while (position >= batch.width(stream)) {
      position -= batch.width(stream++);
    }
    return new Position(stream, position);
  }

  /**
   * Tells whether a position of the axis has a token.
   *
   * @param batch what the model is fed
   * @param row of the batch
   * @param index of the position on the axis
   * @return whether it has a token and is not padding
   */
  public boolean isReal(Batch batch, int row, int index) {
    Position position = at(batch, index);
    return position.stream == JointTokens.PAST
        || batch.isReal(position.stream, row, position.index);
  }

  /**
   * Numbers the tokens of a row.
   *
   * @param batch what the model is fed
   * @param row of the batch
   * @return for each position of the axis the number of its token among the row's tokens on the
   *     axis, counted from 0; -1 for padding
   */
  public int[] numbers(Batch batch, int row) {
    int[] numbers = new int[length(batch)];
    int next = 0;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = isReal(batch, row, i) ? next++ : -1;
    }
    return numbers;
  }

  /**
   * Finds the special tokens of a row.
   *
   * @param batch what the model is fed
   * @param row of the batch
   * @return for each position of the axis whether it has a token that is known to be special
   */
  public boolean[] special(Batch batch, int row) {
    boolean[] special = new boolean[length(batch)];
    for (int i = 0; i < special.length; i++) {
      Position position = at(batch, i);
      special[i] =
          position.stream != JointTokens.PAST
              && batch.isSpecial(position.stream, row, position.index);
    }
    return special;
  }
}
