package dev.sightline.attention;

/**
 * How far apart heads and tokens of a tensor lie, in elements; the elements of one head of one
 * token are neighbours.
 */
record Strides(int head, int token) {
  static Strides of(Layout layout, int heads, int tokens, int size) {
    return switch (layout) {
      case HEADS_FIRST -> new Strides(Math.multiplyExact(tokens, size), size);
      case TOKENS_FIRST -> new Strides(size, Math.multiplyExact(heads, size));
    };
  }
}
