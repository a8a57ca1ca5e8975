package dev.sightline.attention.internal.plan;

/** Receives probabilities or scores tile by tile; see TileObserver, which users implement. */
@FunctionalInterface
public interface TileSink {
  /** Receives {@code tile[q * keys + k]} of query firstQuery + q and key firstKey + k. */
  void tile(int batch, int head, int firstQuery, int queries, int firstKey, int keys, float[] tile);
}
