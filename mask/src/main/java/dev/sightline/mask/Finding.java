package dev.sightline.mask;

/**
 * Something about a mask that is probably not meant.
 *
 * @param kind what sort of thing
 * @param cell a pair that shows it
 * @param message what is wrong, in a sentence
 */
public record Finding(Kind kind, Cell cell, String message) {
  /** What lint finds. */
  public enum Kind {
    /** A real token that may attend to nothing. */
    EMPTY_ROW("empty row"),
    /** A causal mask lets a query see a later token, at once or through another one. */
    FUTURE_LEAK("future leak"),
    /** The mask names padding, and a padded token is seen. */
    PADDING_LEAK("padding leak"),
    /** The mask names documents, and a token of another one is seen. */
    DOCUMENT_LEAK("cross-document leak"),
    /** The mask names groups, and one sees another that it must not, at once or through a third. */
    GROUP_LEAK("group leak"),
    /** The cached step does not reproduce the joint mask. */
    STEP_MISMATCH("train/step mismatch");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** {@return the kind in words} */
    public String words() {
      return words;
    }
  }

  @Override
  public String toString() {
    return kind.words() + " at " + cell + ": " + message;
  }
}
