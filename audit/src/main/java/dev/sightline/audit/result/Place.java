package dev.sightline.audit.result;

import dev.sightline.data.Sample;
import dev.sightline.tensor.internal.Excerpt;
import java.util.OptionalInt;

/**
 * Where in the data something was seen.
 *
 * @param text number of the text, counted from 1 in the order of reading
 * @param excerpt the beginning of the text
 * @param token index of the token in the text, counted from 0, special tokens included; empty where
 *     a whole text is meant, as for a pooled output
 * @param spelling the token as the tokenizer spells it; empty where a whole text is meant
 * @param output the model output that was compared, or the attention
 * @param batch the shape of the batch it stood in, such as {@code [8, 34]}
 */
public record Place(
    long text, String excerpt, OptionalInt token, String spelling, String output, String batch) {
  private static final int EXCERPT = 60;

  /**
   * {@return a token of a sample in a batch}
   *
   * @param sample the text
   * @param stream which of its token streams, from 0
   * @param token the token, from 0; empty for the whole text
   * @param output the model output that was compared, or the attention
   * @param batch the batch that the sample was run in
   */
  public static Place of(
      Sample sample, int stream, OptionalInt token, String output, String batch) {
    return new Place(
        sample.number(),
        Excerpt.of(sample.label(), EXCERPT),
        token,
        token.isPresent() ? sample.streams().get(stream).spelling(token.getAsInt()) : "",
        output,
        batch);
  }
}
