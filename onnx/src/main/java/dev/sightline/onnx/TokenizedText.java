package dev.sightline.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A text as token ids, special tokens included, without padding. Immutable.
 *
 * @see Tokenizer
 */
public final class TokenizedText implements Tokens {
  private final List<Token> tokens;
  private final boolean knowsSpecial;
  private final int dropped;

  TokenizedText(List<Token> tokens, boolean knowsSpecial, int dropped) {
    this.tokens = List.copyOf(tokens);
    this.knowsSpecial = knowsSpecial;
    this.dropped = dropped;
  }

  /**
   * A half-open range.
   *
   * @param from the first
   * @param to one past the last
   */
  public record Range(int from, int to) {
    /** Of what stands for no characters of the text; it overlaps nothing. */
    static final Range NONE = new Range(0, 0);

    boolean overlaps(Range other) {
      return Math.max(from, other.from) < Math.min(to, other.to);
    }
  }

  /**
   * One token.
   *
   * @param type segment id
   * @param spelling as the tokenizer spells it
   * @param characters of the text that it stands for, in code points
   */
  record Token(long id, long type, String spelling, boolean special, Range characters) {
    Token as(long other, boolean isSpecial) {
      return new Token(other, type, spelling, isSpecial, characters);
    }
  }

  /** Ids that no text stands behind; their spelling is the id, as in {@code #42}. */
  public static TokenizedText ofIds(long... ids) {
    return new TokenizedText(
        Arrays.stream(ids).mapToObj(id -> new Token(id, 0, "#" + id, false, Range.NONE)).toList(),
        false,
        0);
  }

  @Override
  public int length() {
    return tokens.size();
  }

  public long id(int token) {
    return tokens.get(token).id;
  }

  public long tokenType(int token) {
    return tokens.get(token).type;
  }

  /** The tokens as the tokenizer spells them, such as {@code ##ing}. */
  public List<String> tokens() {
    return tokens.stream().map(Token::spelling).toList();
  }

  @Override
  public String spelling(int token) {
    return tokens.get(token).spelling;
  }

  /** Whether the tokenizer calls a token special, such as {@code [CLS]} or {@code <s>}. */
  public boolean isSpecial(int token) {
    return tokens.get(token).special;
  }

  /** Whether a tokenizer has said which tokens are special; without one none is. */
  public boolean knowsSpecial() {
    return knowsSpecial;
  }

  /**
   * The tokens that overlap characters of the text, whole or in part; those that were cut off do
   * not count.
   *
   * @param startCharacter the first character, counted in Unicode code points
   * @param endCharacter one past the last
   * @return empty if no token does, or no text stands behind the ids
   * @throws IllegalArgumentException if the characters are no range
   */
  public Optional<Range> tokensOf(int startCharacter, int endCharacter) {
    if (startCharacter < 0 || endCharacter < startCharacter) {
      throw new IllegalArgumentException(
          "characters ["
              + startCharacter
              + ", "
              + endCharacter
              + ") are no range; expected 0 <= start <= end");
    }
    Range wanted = new Range(startCharacter, endCharacter);
    int from = -1;
    int to = -1;
    for (int t = 0; t < tokens.size(); t++) {
      if (tokens.get(t).characters.overlaps(wanted)) {
        from = from < 0 ? t : from;
        to = t + 1;
      }
    }
    return from < 0 ? Optional.empty() : Optional.of(new Range(from, to));
  }

  /** How many tokens were cut off because the model takes no more; 0 for a text that fitted. */
  public int dropped() {
    return dropped;
  }

  /** The same text with other ids, as many as before; a token whose id changes is not special. */
  public TokenizedText withIds(long[] other) {
    if (other.length != tokens.size()) {
      throw new IllegalArgumentException(
          "a text of " + tokens.size() + " tokens does not take " + other.length + " ids");
    }
    List<Token> changed = new ArrayList<>();
    for (int t = 0; t < other.length; t++) {
      Token token = tokens.get(t);
      changed.add(token.as(other[t], token.special && token.id == other[t]));
    }
    return new TokenizedText(changed, knowsSpecial, dropped);
  }

  /** The same tokens, of which those of some ids are special. */
  public TokenizedText withSpecial(Set<Long> ids) {
    return new TokenizedText(
        tokens.stream()
            .map(token -> token.as(token.id, token.special || ids.contains(token.id)))
            .toList(),
        true,
        dropped);
  }

  /** Its first tokens, so many. */
  public TokenizedText first(int count) {
    return new TokenizedText(
        tokens.subList(0, count), knowsSpecial, dropped + tokens.size() - count);
  }

  /** Token ids, as a copy. */
  public long[] ids() {
    return tokens.stream().mapToLong(Token::id).toArray();
  }

  /** Length only: texts do not belong in logs. */
  @Override
  public String toString() {
    return "TokenizedText[" + tokens.size() + "]";
  }
}
