package dev.sightline.report.internal.page;

/**
 * Makes characters visible that a reader cannot see or that act on their surroundings: controls,
 * bidirectional overrides, line separators, lone surrogates. Each becomes its {@code \\uXXXX}.
 */
public final class ControlCharacters {
  private ControlCharacters() {}

  /** For a person: line breaks and tabs in their short form. */
  public static String shown(String text) {
    return escaped(text, false);
  }

  /** For finished JSON, where such characters stand in strings only and line breaks are layout. */
  public static String inJson(String json) {
    return escaped(json, true);
  }

  /** For finished JSON inside a script element, which nothing in it can end. */
  public static String inScript(String json) {
    StringBuilder out = new StringBuilder(json.length() + 64);
    for (char c : inJson(json).toCharArray()) {
      if (c == '<' || c == '>' || c == '&') {
        appendUnit(out, c);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static String escaped(String text, boolean keepLines) {
    int i = 0;
    while (i < text.length() && isPlain(text.codePointAt(i), keepLines)) {
      i += Character.charCount(text.codePointAt(i));
    }
    if (i == text.length()) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, i);
    while (i < text.length()) {
      int c = text.codePointAt(i);
      int length = Character.charCount(c);
      if (isPlain(c, keepLines)) {
        out.appendCodePoint(c);
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c == '\t') {
        out.append("\\t");
      } else {
        for (int unit = i; unit < i + length; unit++) {
          appendUnit(out, text.charAt(unit));
        }
      }
      i += length;
    }
    return out.toString();
  }

  /** As JSON, JavaScript and Java write it. */
  static void appendUnit(StringBuilder out, char unit) {
    out.append("\\u").append(String.format("%04X", (int) unit));
  }

  private static boolean isPlain(int c, boolean keepLines) {
    if ((c & 0xFFFE) == 0xFFFE) {
      return false; // no character, and not even XML's: U+FFFE, U+FFFF and their like
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL -> keepLines && c == '\n';
      // Both join letters of Persian, Hindi and other scripts: text is misspelt without them.
      case Character.FORMAT -> c == '\u200C' || c == '\u200D';
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> false;
      default -> true;
    };
  }
}
