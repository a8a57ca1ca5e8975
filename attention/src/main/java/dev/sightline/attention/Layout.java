package dev.sightline.attention;

import dev.sightline.tensor.Shape;

/** The order of the axes of queries, keys and values. The output has that of the queries. */
public enum Layout {
  /** {@code [B, H, L, D]}. */
  HEADS_FIRST,
  /** {@code [B, L, H, D]}, which is {@code [B, L, H * D]}: the output of a projection. */
  TOKENS_FIRST;

  Shape axes(int batch, int heads, int tokens, int size) {
    return switch (this) {
      case HEADS_FIRST -> Shape.of(batch, heads, tokens, size);
      case TOKENS_FIRST -> Shape.of(batch, tokens, heads, size);
    };
  }

  /** The sizes of an attention over tensors of these shapes in this layout. */
  AttentionShape shape(Shape queries, Shape keys, Shape values) {
    if (queries.rank() != 4 || keys.rank() != 4 || values.rank() != 4) {
      throw misfit("must have four axes, " + describe(), queries, keys, values);
    }
    int heads = this == HEADS_FIRST ? 1 : 2;
    int tokens = 3 - heads;
    if (keys.dim(0) != queries.dim(0) || values.dim(0) != queries.dim(0)) {
      throw misfit("must have the same batch", queries, keys, values);
    }
    if (keys.dim(heads) != values.dim(heads) || keys.dim(tokens) != values.dim(tokens)) {
      throw misfit("must agree in the heads and lengths of keys and values", queries, keys, values);
    }
    if (keys.dim(3) != queries.dim(3)) {
      throw misfit("must agree in the head size of queries and keys", queries, keys, values);
    }
    return new AttentionShape(
        queries.dim(0),
        queries.dim(heads),
        keys.dim(heads),
        queries.dim(tokens),
        keys.dim(tokens),
        queries.dim(3),
        values.dim(3));
  }

  private String describe() {
    return this == HEADS_FIRST ? "[B, H, L, D]" : "[B, L, H, D]";
  }

  private static IllegalArgumentException misfit(
      String what, Shape queries, Shape keys, Shape values) {
    return new IllegalArgumentException(
        "queries, keys and values "
            + what
            + ", but are "
            + queries
            + ", "
            + keys
            + " and "
            + values);
  }
}
