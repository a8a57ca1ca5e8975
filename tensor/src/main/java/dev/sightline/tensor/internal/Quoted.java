package dev.sightline.tensor.internal;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Text from a file, made fit for a message: a hostile name could otherwise fill the screen or speak
 * to the terminal in escape sequences.
 */
public final class Quoted {
  private static final int LONGEST = 80;
  private static final int MOST = 10;

  private Quoted() {}

  /** In quotes, on one line, at most 80 characters. */
  public static String of(String text) {
    return "'" + plain(text, LONGEST) + "'";
  }

  /** Without quotes, on one line, at most 80 characters and "..." where there were more. */
  public static String shortened(String text) {
    return plain(text, LONGEST);
  }

  /** Without quotes, for the message of a library that may repeat what it read. */
  public static String plain(String text, int longest) {
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .limit(longest)
        .forEach(c -> {
          if (isPrintable(c)) {
            plain.appendCodePoint(c);
          } else {
            plain.append(String.format("\\u%04x", c));
          }
        });
    return plain + (text.codePointCount(0, text.length()) > longest ? "..." : "");
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      // FORMAT holds what turns the direction of the text around it.
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** The first ten names and the number of all others: {@code 'q', 'k' and 7 more}. */
  public static String list(List<String> names) {
    String first = names.stream().limit(MOST).map(Quoted::of).collect(Collectors.joining(", "));
    return names.size() > MOST ? first + " and " + (names.size() - MOST) + " more" : first;
  }
}
