/**
 * Attention masks as values: which query may attend to which key.
 *
 * <p>{@link dev.sightline.mask.Mask} is a rule without sizes, written with its factory methods or
 * read from text. {@link dev.sightline.mask.BoundMask} is the rule over {@code [B, H, Lq, Lk]} and
 * answers questions: rows, tiles, counts, differences, explanations, lint. Nothing holds an Lq x Lk
 * array. All types are immutable. Wrong arguments cause an {@link IllegalArgumentException} that
 * quotes them.
 */
package dev.sightline.mask;
