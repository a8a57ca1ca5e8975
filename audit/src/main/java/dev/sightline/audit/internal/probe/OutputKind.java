package dev.sightline.audit.internal.probe;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/** What the values of an output are, which decides how a change of them is measured. */
enum OutputKind {
  /** A vector of a token or a text. */
  EMBEDDING,
  /** A score for each class, of a token or a text. */
  CLASS_SCORES,
  /** A logit for each token of a vocabulary. */
  TOKEN_LOGITS;

  private static final Pattern SCORES =
      Pattern.compile("(?i).*(logit|score|prob|softmax|sigmoid|class|label).*");

  /** Vocabularies of text are larger, and sets of classes smaller. */
  private static final int SMALL_VOCABULARY = 2_000;

  /**
   * Returns the kind of an output.
   *
   * @param name of the output
   * @param size values at a token or a text
   * @param vocabulary rows of the embedding table of the tokens; empty if unknown
   * @param perToken whether it has values for each token
   */
  static OutputKind of(String name, int size, OptionalInt vocabulary, boolean perToken) {
    boolean scores = SCORES.matcher(name).matches();
    boolean ofVocabulary = vocabulary.isPresent() && vocabulary.getAsInt() == size && size > 1;
    if (perToken && (ofVocabulary || (scores && size >= SMALL_VOCABULARY))) {
      return TOKEN_LOGITS;
    }
    return scores ? CLASS_SCORES : EMBEDDING;
  }
}
