package dev.sightline.mask;

import java.util.function.IntPredicate;

/**
 * A text being read: where we are, what comes next, and how to say that it is not what it should
 * be.
 */
final class Source {
  private static final int SHOWN = 38;

  private final String text;
  private int at;

  Source(String text) {
    this.text = text;
  }

  /** The index of the next character that is no blank and no comment. */
  int position() {
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

  /** The next character, or 0 at the end. */
  char peek() {
    int next = position();
    return next < text.length() ? text.charAt(next) : 0;
  }

  boolean atEnd() {
    return position() == text.length();
  }

  boolean take(char expected) {
    if (peek() == expected && !atEnd()) {
      at++;
      return true;
    }
    return false;
  }

  /** Takes a character or says what could have stood there. */
  void need(char expected, String couldBe) {
    if (!take(expected)) {
      throw expected(couldBe);
    }
  }

  /** Takes characters as long as they belong; the first blank ends it. */
  String takeWhile(IntPredicate belongs) {
    return takeWhile(belongs, Integer.MAX_VALUE);
  }

  /** As {@link #takeWhile(IntPredicate)}, but at most so many. */
  String takeWhile(IntPredicate belongs, int most) {
    int start = position();
    while (at < text.length() && at - start < most && belongs.test(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  /** Goes back to a place that was read before. */
  void goTo(int position) {
    at = position;
  }

  MaskSyntaxException expected(String couldBe) {
    int here = position();
    String found = here == text.length() ? "the text ends" : "found '" + characterAt(here) + "'";
    return error(here, "expected " + couldBe + ", but " + found);
  }

  private String characterAt(int index) {
    return Character.toString(text.codePointAt(index));
  }

  /** A message with its line and column, and the line itself with a caret under the character. */
  MaskSyntaxException error(int offset, String message) {
    int lineStart = text.lastIndexOf('\n', offset - 1) + 1;
    int lineEnd = text.indexOf('\n', offset);
    lineEnd = lineEnd < 0 ? text.length() : lineEnd;
    long line = text.substring(0, lineStart).chars().filter(c -> c == '\n').count() + 1;
    String place = (line > 1 ? "line " + line + ", " : "") + "column " + (offset - lineStart + 1);
    int from = Math.max(lineStart, offset - SHOWN);
    int to = Math.min(lineEnd, offset + SHOWN);
    String left = from > lineStart ? "..." : "";
    String right = to < lineEnd ? "..." : "";
    String shown = text.substring(from, to).replace('\t', ' ').replace('\r', ' ');
    return new MaskSyntaxException(
        place
            + ": "
            + message
            + "\n  "
            + left
            + shown
            + right
            + "\n  "
            + " ".repeat(left.length() + offset - from)
            + "^",
        offset);
  }
}
