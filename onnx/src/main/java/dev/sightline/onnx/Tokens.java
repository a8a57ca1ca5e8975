package dev.sightline.onnx;

/** What a model reads as one sequence: token ids, or a vector for each token. Immutable. */
public sealed interface Tokens permits TokenizedText, Vectors {
  /** The number of tokens. */
  int length();

  /** A token in words, for people. */
  String spelling(int token);
}
