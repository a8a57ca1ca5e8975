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
    /** The range of a token without characters in the text; it overlaps nothing. */
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
   * @param characters the range of the text that it encodes, in code points
   */
  record Token(long id, long type, String spelling, boolean special, Range characters) {
    Token as(long other, boolean isSpecial) {
      return new Token(other, type, spelling, isSpecial, characters);
    }

    Token ofType(long other) {
      return new Token(id, other, spelling, special, characters);
    }
  }

  /**
   * Returns tokens without a text; their spelling is the id, as in {@code #42}.
   *
   * @param ids token ids; copied
   * @return the tokens, none of them special
   */
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

  /**
   * Returns the id of a token.
   *
   * @param token index from 0
   * @return the token id
   */
  public long id(int token) {
    return tokens.get(token).id;
  }

  /**
   * Returns the segment id of a token.
   *
   * @param token index from 0
   * @return the segment id, 0 for the first segment
   */
  public long tokenType(int token) {
    return tokens.get(token).type;
  }

  /**
   * Returns the tokens as the tokenizer spells them.
   *
   * @return spellings such as {@code ##ing}
   */
  public List<String> tokens() {
    return tokens.stream().map(Token::spelling).toList();
  }

  @Override
  public String spelling(int token) {
    return tokens.get(token).spelling;
  }

  /**
   * Returns whether the tokenizer calls a token special, such as {@code [CLS]} or {@code <s>}.
   *
   * @param token index from 0
   * @return false for a token of the text
   */
  public boolean isSpecial(int token) {
    return tokens.get(token).special;
  }

  /**
   * Returns whether a tokenizer marked the special tokens.
   *
   * @return false for ids without a tokenizer, where no token is special
   */
  public boolean knowsSpecial() {
    return knowsSpecial;
  }

  /**
   * Returns the tokens that overlap characters of the text, whole or in part. Tokens that were cut
   * off are not counted.
   *
   * @param startCharacter the first character, counted in Unicode code points
   * @param endCharacter one past the last
   * @return the tokens; empty if no token overlaps, or if the ids have no text
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

  /**
   * Returns the number of tokens that were cut off at the model's longest sequence.
   *
   * @return 0 for a text that fitted
   */
  public int dropped() {
    return dropped;
  }

  /**
   * Returns the same text with other ids; a token whose id changes is not special.
   *
   * @param other token ids, one for each token
   * @return the changed text
   * @throws IllegalArgumentException if the number of ids is not the number of tokens
   */
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

  /**
   * Returns the same tokens with other segment ids.
   *
   * @param types segment ids, one for each token
   * @return the changed text
   * @throws IllegalArgumentException if the number of segment ids is not the number of tokens
   */
  public TokenizedText withTypes(long[] types) {
    if (types.length != tokens.size()) {
      throw new IllegalArgumentException(
          "a text of " + tokens.size() + " tokens does not take " + types.length + " segment ids");
    }
    List<Token> changed = new ArrayList<>();
    for (int t = 0; t < types.length; t++) {
      changed.add(tokens.get(t).ofType(types[t]));
    }
    return new TokenizedText(changed, knowsSpecial, dropped);
  }

  /**
   * Returns the same tokens, with those of the given ids marked as special.
   *
   * @param ids token ids of special tokens
   * @return the marked text
   */
  public TokenizedText withSpecial(Set<Long> ids) {
    return new TokenizedText(
        tokens.stream()
            .map(token -> token.as(token.id, token.special || ids.contains(token.id)))
            .toList(),
        true,
        dropped);
  }

  /**
   * Returns the first tokens.
   *
   * @param count number of tokens to keep
   * @return a text of that length; the others count as {@link #dropped()}
   * @throws IndexOutOfBoundsException if there are fewer tokens
   */
  public TokenizedText first(int count) {
    return new TokenizedText(
        tokens.subList(0, count), knowsSpecial, dropped + tokens.size() - count);
  }

  /**
   * Returns the token ids.
   *
   * @return a copy, {@code [S]}
   */
  public long[] ids() {
    return tokens.stream().mapToLong(Token::id).toArray();
  }

  /** Returns the length only, since texts do not belong in logs. */
  @Override
  public String toString() {
    return "TokenizedText[" + tokens.size() + "]";
  }
}
