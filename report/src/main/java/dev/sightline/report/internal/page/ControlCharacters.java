package dev.sightline.report.internal.page;

/**
 * Escapes characters that are invisible or change the text around them: controls, bidirectional
 * overrides, line separators, lone surrogates. Each becomes its {@code \\uXXXX}. Unlike the escapes
 * of terminal messages, these keep joiners, which a browser displays correctly.
 */
public final class ControlCharacters {
  private ControlCharacters() {}

  /** Escapes text for pages and XML: a line break is {@code \\n}, a tab is {@code \\t}. */
  public static String shown(String text) {
    return escaped(text, false);
  }

  /** Escapes finished JSON: such characters occur in strings only, and line breaks are kept. */
  public static String inJson(String json) {
    return escaped(json, true);
  }

  /** Escapes finished JSON for a script element, so that nothing in it can end the element. */
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
      return false; // noncharacters such as U+FFFE and U+FFFF, which XML does not allow
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL -> keepLines && c == '\n';
      // Joiners are part of the spelling of Persian, Hindi and other scripts.
      case Character.FORMAT -> c == '\u200C' || c == '\u200D';
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> false;
      default -> true;
    };
  }
}
