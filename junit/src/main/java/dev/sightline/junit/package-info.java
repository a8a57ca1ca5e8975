/**
 * Assertions about models, in the manner of AssertJ, for tests of any framework.
 *
 * <pre>{@code
 * assertThatModel(Path.of("model.onnx"))
 *     .withTexts("One.", "Another, longer one.")
 *     .isPaddingInvariant();
 * }</pre>
 *
 * <p>An assertion that fails throws an {@link AssertionError} whose message says what is wrong,
 * where in the model, how much it matters, and what to do.
 */
@org.jspecify.annotations.NullMarked
package dev.sightline.junit;
