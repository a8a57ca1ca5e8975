package dev.sightline.mask.internal.text;

import java.util.Locale;
import java.util.function.IntPredicate;

/** A text that is being read: the position, what comes next, and errors that point into it. */
public final class Source {
  private static final int SHOWN = 38;
  private static final int LONGEST_MESSAGE = 600;

  private final String text;
  private int at;

  public Source(String text) {
    this.text = text;
  }

  /** The index of the next character that is not part of a blank or a comment. */
  public int position() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else {
        break;
      }
    }
    return at;
  }

  /** The index after the last character that was taken, blanks after it not counted. */
  public int end() {
    int end = at;
    while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  /** The next character, or 0 at the end. */
  public char peek() {
    int next = position();
    return next < text.length() ? text.charAt(next) : 0;
  }

  /** Whether nothing but blanks and comments is left. */
  public boolean atEnd() {
    return position() == text.length();
  }

  /** Takes a character if it comes next. */
  public boolean take(char expected) {
    if (peek() == expected && !atEnd()) {
      at++;
      return true;
    }
    return false;
  }

  /**
   * Takes a character.
   *
   * @param couldBe what the message says was expected
   * @throws SyntaxException if another one comes next
   */
  public void need(char expected, String couldBe) {
    if (!take(expected)) {
      throw expected(couldBe);
    }
  }

  /** Takes characters as long as they belong; the first blank ends it. */
  public String takeWhile(IntPredicate belongs) {
    return takeWhile(belongs, Integer.MAX_VALUE);
  }

  /**
   * A whole number of at most nine digits.
   *
   * @param couldBe what the message says was expected
   * @throws SyntaxException if none comes next
   */
  public int number(String couldBe) {
    int start = position();
    String digits = takeWhile(c -> c >= '0' && c <= '9');
    if (digits.isEmpty() || digits.length() > 9) {
      goTo(start);
      throw expected(couldBe);
    }
    return Integer.parseInt(digits);
  }

  /** As {@link #takeWhile(IntPredicate)}, but at most {@code most} of them. */
  public String takeWhile(IntPredicate belongs, int most) {
    int start = position();
    while (at < text.length() && at - start < most && belongs.test(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  /** Continues at a position that was read before. */
  public void goTo(int position) {
    at = position;
  }

  /** An error at the next character: what was expected there and what was found. */
  public SyntaxException expected(String couldBe) {
    int here = position();
    String found = here == text.length() ? "the text ends" : "found '" + characterAt(here) + "'";
    return error(here, "expected " + couldBe + ", but " + found);
  }

  private String characterAt(int index) {
    return Character.toString(text.codePointAt(index));
  }

  /** As {@link #error(int, String)}, with the exception that a value of the text has caused. */
  public SyntaxException error(int offset, IllegalArgumentException cause) {
    SyntaxException error = error(offset, String.valueOf(cause.getMessage()));
    error.initCause(cause);
    return error;
  }

  /** An error with its line and column, and the line itself with a caret under the character. */
  public SyntaxException error(int offset, String message) {
    int lineStart = text.lastIndexOf('\n', offset - 1) + 1;
    int lineEnd = text.indexOf('\n', offset);
    lineEnd = lineEnd < 0 ? text.length() : lineEnd;
    long line = text.substring(0, lineStart).chars().filter(c -> c == '\n').count() + 1;
    String place = (line > 1 ? "line " + line + ", " : "") + "column " + (offset - lineStart + 1);
    int from = Math.max(lineStart, offset - SHOWN);
    int to = Math.min(lineEnd, offset + SHOWN);
    String left = from > lineStart ? "..." : "";
    String right = to < lineEnd ? "..." : "";
    String shown = plain(text.substring(from, to), "?");
    return new SyntaxException(
        place
            + ": "
            + cut(plain(message, "\\u%04x"))
            + "\n  "
            + left
            + shown
            + right
            + "\n  "
            + " ".repeat(left.length() + offset - from)
            + "^",
        offset);
  }

  /** Replaces what is invisible or would steer a terminal, each code unit on its own. */
  private static String plain(String text, String replacement) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          switch (Character.getType(c)) {
            case Character.CONTROL,
                Character.FORMAT,
                Character.SURROGATE,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR ->
                Character.toString(c)
                    .chars()
                    .forEach(unit ->
                        plain.append(
                            unit == '\t' || unit == '\r'
                                ? " "
                                : String.format(Locale.ROOT, replacement, unit)));
            default -> plain.appendCodePoint(c);
          }
        });
    return plain.toString();
  }

  private static String cut(String message) {
    return message.length() <= LONGEST_MESSAGE
        ? message
        : message.substring(0, LONGEST_MESSAGE) + "...";
  }
}
