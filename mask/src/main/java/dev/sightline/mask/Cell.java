package dev.sightline.mask;

/**
 * One question a mask answers: may this query attend to this key?
 *
 * @param batch batch row
 * @param head query head
 * @param query position of the query
 * @param key position of the key
 */
public record Cell(int batch, int head, int query, int key) {
  @Override
  public String toString() {
    return batch == 0 && head == 0
        ? "(" + query + ", " + key + ")"
        : "(batch " + batch + ", head " + head + ", " + query + ", " + key + ")";
  }
}
