package dev.sightline.report.internal.mask;

import java.util.Locale;

/**
 * The colours of masks: a square without allowed pairs is grey, one with all has its key's colour.
 */
final class MaskColours {
  static final int ONLY = 0xC62828;
  private static final int NONE = 0xF2F2F0;
  private static final int UNNAMED = 0x1F4E79;

  /** Told apart by people with colour-blindness too (Okabe and Ito, 2008), darkened for print. */
  private static final int[] NAMED = {
    0x0B61A4, 0xC8641B, 0x0B7D5C, 0x8A4B9F, 0xB58900, 0x3E9BC4, 0xA8456B, 0x5F6B6D
  };

  private MaskColours() {}

  /**
   * The colour of a square.
   *
   * @param name the number of its key's name, -1 for none
   * @param share of allowed pairs
   */
  static int of(int name, double share) {
    return mixed(NONE, strip(name), share);
  }

  /** The colour of a name by itself. */
  static int strip(int name) {
    return name < 0 ? UNNAMED : NAMED[name % NAMED.length];
  }

  private static int mixed(int from, int to, double part) {
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int a = from >> shift & 0xFF;
      int b = to >> shift & 0xFF;
      colour = colour << 8 | (int) Math.round(a + part * (b - a));
    }
    return colour;
  }

  static String hex(int colour) {
    return String.format(Locale.ROOT, "#%06x", colour);
  }
}
