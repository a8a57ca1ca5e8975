package dev.sightline.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes of bytes as damage and malice make them. */
final class Mutations {
  private static final byte[][] NUMBERS = {
    {-1, -1, -1, 127},
    {-1, -1, -1, -1},
    {0, 0, 0, 0},
    {0, 0, 0, -128},
    {-1, -1, -1, -1, -1, -1, -1, 127}
  };

  private Mutations() {}

  /** One to four changes, a third of them in the first 200 bytes and a third in the last 1000. */
  static byte[] of(byte[] input, List<String> words, Random random) {
    byte[] bytes = input.clone();
    for (int change = 1 + random.nextInt(4); change > 0 && bytes.length > 0; change--) {
      int at = position(bytes.length, random);
      bytes =
          switch (random.nextInt(9)) {
            case 0 -> set(bytes, at, random.nextInt(256));
            case 1 -> set(bytes, at, bytes[at] ^ 1 << random.nextInt(8));
            case 2 -> set(bytes, at, bytes[at] + (random.nextBoolean() ? 1 : -1));
            case 3 -> Arrays.copyOf(bytes, at);
            case 4 -> {
              int end = at + random.nextInt(Math.min(64, bytes.length - at) + 1);
              yield replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
            }
            case 5 -> replaced(bytes, at, end(bytes, at, 16, random), new byte[0]);
            case 6 -> {
              byte[] number = NUMBERS[random.nextInt(NUMBERS.length)];
              yield replaced(bytes, at, Math.min(bytes.length, at + number.length), number);
            }
            default -> {
              byte[] word = pick(words, random).getBytes(StandardCharsets.UTF_8);
              int end = random.nextBoolean() ? at : end(bytes, at, word.length, random);
              yield replaced(bytes, at, end, word);
            }
          };
    }
    return bytes;
  }

  static <T> T pick(List<T> from, Random random) {
    return from.get(random.nextInt(from.size()));
  }

  private static int position(int length, Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> random.nextInt(Math.min(length, 200));
      case 1 -> length - 1 - random.nextInt(Math.min(length, 1000));
      default -> random.nextInt(length);
    };
  }

  private static int end(byte[] bytes, int at, int most, Random random) {
    return at + random.nextInt(Math.min(most, bytes.length - at) + 1);
  }

  private static byte[] set(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
    return bytes;
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
    byte[] out = new byte[from + by.length + bytes.length - to];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(by, 0, out, from, by.length);
    System.arraycopy(bytes, to, out, from + by.length, bytes.length - to);
    return out;
  }
}
