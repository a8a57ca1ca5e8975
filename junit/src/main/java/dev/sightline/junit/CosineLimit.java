package dev.sightline.junit;

/**
 * The lowest cosine that is accepted between the embeddings of a text in two runs.
 *
 * @param atLeast more than 0 and at most 1
 */
public record CosineLimit(double atLeast) {
  /** Checks the range. */
  public CosineLimit {
    if (!(atLeast > 0 && atLeast <= 1)) {
      throw new IllegalArgumentException(
          "a cosine to keep must be more than 0 and at most 1, but is " + atLeast);
    }
  }
}
