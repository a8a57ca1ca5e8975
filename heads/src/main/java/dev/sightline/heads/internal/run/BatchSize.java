package dev.sightline.heads.internal.run;

/**
 * How much of the data a model is fed at once.
 *
 * @param rows at most
 * @param slots rows times width, at most, unless a single row has more
 */
public record BatchSize(int rows, int slots) {
  boolean hasRoom(int rowCount, int width) {
    return rowCount <= rows && (long) rowCount * width <= slots;
  }
}
