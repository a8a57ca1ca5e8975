package dev.sightline.repair.internal.graph;

import dev.sightline.mask.internal.kind.OfSample;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a graph that a mask is made of: sizes, and what is known about the tokens. Each is
 * asked for only where the mask needs it.
 *
 * <p>A method whose tensor the graph does not have throws an {@link IllegalArgumentException} that
 * says what is missing.
 */
public interface MaskTensors {
  /** Whether the queries are the last of the keys, as in self-attention. */
  boolean sameTokens();

  /** The number of queries, a scalar of int64. */
  String queries();

  /** The number of keys, a scalar of int64. */
  String keys();

  /** The number of batch rows, a scalar of int64; null if it does not matter to the graph. */
  @Nullable String batch();

  /** Which keys are real, bool {@code [B, Lk]}. */
  String realKeys(OfSample part);

  /**
   * Which queries are real where they are not the last of the keys, bool {@code [B, Lq]}; null if
   * all are.
   */
  @Nullable String realQueries(OfSample part);

  /** The token types of the keys, int64 {@code [B, Lk]}. */
  String types(OfSample part);

  /** The positions of the keys, int64 {@code [B, Lk]}. */
  String positions(OfSample part);

  /** At which keys an input of the model is not 0, bool {@code [B, Lk]}. */
  String marks(OfSample part);

  /** Which pairs an input of the model allows, bool {@code [B, H, Lq, Lk]}, 1 where alike. */
  String pairs(OfSample part);

  /** The number of queries if the graph fixes it, else -1. */
  default int fixedQueries() {
    return -1;
  }

  /** The number of keys if the graph fixes it, else -1. */
  default int fixedKeys() {
    return -1;
  }
}
