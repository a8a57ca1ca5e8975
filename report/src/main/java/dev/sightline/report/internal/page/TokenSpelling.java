package dev.sightline.report.internal.page;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Tokens as people read them: {@code \u0120and} of GPT-2 is {@code and}, as is {@code \u2581and}.
 */
public final class TokenSpelling {
  private static final int FIRST_MOVED = 0x100;
  private static final char WORD_START = '\u2581';

  private TokenSpelling() {}

  /**
   * {@return the text of a token}
   *
   * @param token as a tokenizer spells it
   */
  public static String of(String token) {
    String text = decoded(token);
    return text.replace(WORD_START, ' ');
  }

  /** The text whose UTF-8 bytes GPT-2 writes as characters; others stay as they are. */
  private static String decoded(String token) {
    byte[] bytes = new byte[token.length()];
    boolean moved = false;
    for (int i = 0; i < bytes.length; i++) {
      int value = byteOf(token.charAt(i));
      if (value < 0) {
        return token;
      }
      moved |= token.charAt(i) >= 0x80;
      bytes[i] = (byte) value;
    }
    try {
      return moved
          ? StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
          : token;
    } catch (CharacterCodingException e) {
      return token; // not GPT-2's alphabet, or half of a character
    }
  }

  /** GPT-2 keeps visible bytes and moves the others to U+0100 on, in their order. */
  private static int byteOf(char c) {
    if (isKept(c)) {
      return c;
    }
    int next = FIRST_MOVED;
    for (int value = 0; value < FIRST_MOVED; value++) {
      if (!isKept(value)) {
        if (c == next) {
          return value;
        }
        next++;
      }
    }
    return -1;
  }

  private static boolean isKept(int value) {
    return (value >= '!' && value <= '~')
        || (value >= 0xA1 && value <= 0xAC)
        || (value >= 0xAE && value <= 0xFF);
  }
}
