/**
 * Masked attention on the CPU: {@code softmax(scale * Q K^T + bias, masked) V}.
 *
 * <p>{@link dev.sightline.attention.Attention} is where to begin. It makes plans ({@link
 * dev.sightline.attention.AttentionPlan}) for attention that runs often over the same sizes, and
 * caches ({@link dev.sightline.attention.KeyValueCache}) for text that is being generated.
 */
@org.jspecify.annotations.NullMarked
package dev.sightline.attention;
