package dev.sightline.onnx;

/** One sequence that a model reads: token ids, or a vector for each token. Immutable. */
public sealed interface Tokens permits TokenizedText, Vectors {
  /**
   * Returns the number of tokens.
   *
   * @return 0 or more
   */
  int length();

  /**
   * Returns a token as people read it.
   *
   * @param token index from 0
   * @return a spelling such as {@code ##ing}, or {@code vector 3} for vectors
   */
  String spelling(int token);
}
