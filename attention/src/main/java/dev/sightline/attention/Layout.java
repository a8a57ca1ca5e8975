package dev.sightline.attention;

/** How the heads of a tensor lie. The output lies as the queries do. */
public enum Layout {
  /** {@code [B, H, L, D]}. */
  HEADS_FIRST,
  /** {@code [B, L, H * D]}, as a projection leaves them. */
  TOKENS_FIRST
}
