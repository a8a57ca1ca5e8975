package dev.sightline.mask.internal.band;

/**
 * The sizes a mask is bound to, {@code [B, H, Lq, Lk]}.
 *
 * @param batch B, batch rows
 * @param heads H, query heads
 * @param queries Lq
 * @param keys Lk
 */
public record Sizes(int batch, int heads, int queries, int keys) {
  /** The same batch rows and heads over other numbers of queries and keys. */
  public Sizes with(int otherQueries, int otherKeys) {
    return new Sizes(batch, heads, otherQueries, otherKeys);
  }

  /** Whether there are as many queries as keys. */
  public boolean square() {
    return queries == keys;
  }

  @Override
  public String toString() {
    return "[" + batch + ", " + heads + ", " + queries + ", " + keys + "]";
  }
}
