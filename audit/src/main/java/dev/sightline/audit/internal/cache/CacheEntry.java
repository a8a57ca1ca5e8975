package dev.sightline.audit.internal.cache;

/**
 * A tensor that a decoder hands from one run to the next, such as {@code [B, H, P, D]}, {@code [2,
 * B, H, P, D]} or {@code [B * H, D, P]}.
 *
 * @param past name of the input
 * @param present name of the output that it is taken from
 * @param rowAxis the axis that counts rows, or rows times heads; {@link #NONE} if none does
 * @param tokenAxis the axis that counts cached tokens; {@link #NONE} if it has a fixed size
 * @param onlyFirst whether the first run alone fills it, as the keys of an encoder
 */
record CacheEntry(String past, String present, int rowAxis, int tokenAxis, boolean onlyFirst) {
  static final int NONE = -1;

  boolean grows() {
    return tokenAxis != NONE;
  }
}
