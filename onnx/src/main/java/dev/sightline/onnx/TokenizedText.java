package dev.sightline.onnx;

import java.util.Arrays;
import java.util.List;

/**
 * A text as token ids, special tokens included, without padding. Immutable.
 *
 * @see Tokenizer
 */
public final class TokenizedText implements Tokens {
  private final long[] ids;
  private final long[] tokenTypes;
  private final List<String> tokens;
  private final int dropped;

  TokenizedText(long[] ids, long[] tokenTypes, List<String> tokens, int dropped) {
    this.ids = ids;
    this.tokenTypes = tokenTypes;
    this.tokens = List.copyOf(tokens);
    this.dropped = dropped;
  }

  /** Ids that no text stands behind; their spelling is the id, as in {@code #42}. */
  public static TokenizedText ofIds(long... ids) {
    return new TokenizedText(
        ids.clone(), new long[ids.length], Arrays.stream(ids).mapToObj(id -> "#" + id).toList(), 0);
  }

  @Override
  public int length() {
    return ids.length;
  }

  public long id(int token) {
    return ids[token];
  }

  long tokenType(int token) {
    return tokenTypes[token];
  }

  /** The tokens as the tokenizer spells them, such as {@code ##ing}. */
  public List<String> tokens() {
    return tokens;
  }

  @Override
  public String spelling(int token) {
    return tokens.get(token);
  }

  /** How many tokens were cut off because the model takes no more; 0 for a text that fitted. */
  public int dropped() {
    return dropped;
  }

  /** The same text with other ids, as many as before. */
  public TokenizedText withIds(long[] other) {
    if (other.length != ids.length) {
      throw new IllegalArgumentException(
          "a text of " + ids.length + " tokens does not take " + other.length + " ids");
    }
    return new TokenizedText(other.clone(), tokenTypes, tokens, dropped);
  }

  /** Token ids, as a copy. */
  public long[] ids() {
    return ids.clone();
  }

  /** Length only: texts do not belong in logs. */
  @Override
  public String toString() {
    return "TokenizedText[" + ids.length + "]";
  }
}
