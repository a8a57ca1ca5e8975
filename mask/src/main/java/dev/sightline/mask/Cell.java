package dev.sightline.mask;

import dev.sightline.mask.internal.band.Pair;

/**
 * One question a mask answers: may this query attend to this key?
 *
 * @param batch batch row
 * @param head query head
 * @param query position of the query
 * @param key position of the key
 */
public record Cell(int batch, int head, int query, int key) {
  static Cell of(Pair pair) {
    return new Cell(pair.batch(), pair.head(), pair.query(), pair.key());
  }

  @Override
  public String toString() {
    return batch == 0 && head == 0
        ? "(" + query + ", " + key + ")"
        : "(batch " + batch + ", head " + head + ", " + query + ", " + key + ")";
  }
}
