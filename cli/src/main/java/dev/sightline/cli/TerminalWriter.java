package dev.sightline.cli;

import java.io.IOException;
import java.io.Writer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is printed, with each control or invisible character as its {@code \\uxxxx}: text from a
 * file could otherwise steer the terminal. The escape is that of JSON, so that JSON keeps its
 * meaning. Line breaks and tabs stay, and colours where they are wanted.
 *
 * <p>It keeps the first failure of the stream below it, which a {@link java.io.PrintWriter} does
 * not tell.
 */
final class TerminalWriter extends Writer {
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]{0,20}m");

  private final Writer out;
  private final boolean colours;
  private @Nullable IOException failure;

  /** The first half of a pair whose second half is yet to come; 0 for none. */
  private char half;

  /**
   * A writer above another.
   *
   * @param colours whether escape sequences that set a colour are printed as they are
   */
  TerminalWriter(Writer out, boolean colours) {
    super(out);
    this.out = out;
    this.colours = colours;
  }

  /** Returns the first failure to write; null if there was none. */
  @Nullable IOException failure() {
    return failure;
  }

  @Override
  public void write(char[] characters, int offset, int length) throws IOException {
    String text = new String(characters, offset, length);
    if (half != 0) {
      text = half + text;
      half = 0;
    }
    if (!text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1))) {
      half = text.charAt(text.length() - 1);
      text = text.substring(0, text.length() - 1);
    }
    try {
      out.write(shown(text));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private String shown(String text) {
    if (text.codePoints().allMatch(TerminalWriter::isPlain)) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16);
    Matcher colour = COLOUR.matcher(text);
    for (int i = 0; i < text.length(); ) {
      if (colours && colour.region(i, text.length()).lookingAt()) {
        shown.append(colour.group());
        i = colour.end();
        continue;
      }
      int c = text.codePointAt(i);
      int units = Character.charCount(c);
      boolean lineBreak = c == '\r' && text.startsWith("\r\n", i);
      if (isPlain(c) || lineBreak) {
        shown.appendCodePoint(c);
      } else {
        text.substring(i, i + units)
            .chars()
            .forEach(u -> shown.append(String.format("\\u%04x", u)));
      }
      i += units;
    }
    return shown.toString();
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c == '\n' || c == '\t';
      // Joiners are part of the spelling of Persian, Hindi and other scripts.
      case Character.FORMAT -> c == '\u200C' || c == '\u200D';
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> false;
      default -> true;
    };
  }

  private IOException failed(IOException e) {
    if (failure == null) {
      failure = e;
    }
    return e;
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
