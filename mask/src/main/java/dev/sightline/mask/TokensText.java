package dev.sightline.mask;

import java.util.List;

/** What the numbers in {@code padding(...)} are: lengths, or bits, or digits that may be either. */
final class TokensText {
  enum Meaning {
    LENGTHS,
    BITS,
    EITHER
  }

  private TokensText() {}

  /**
   * Only 0 and 1, equally many in every row, more than one: bits, or a number such as 10. A leading
   * zero settles it, since no number has one. Anything else is lengths.
   */
  static Meaning meaning(List<String> items) {
    int digits = items.get(0).length();
    boolean zero = false;
    for (String item : items) {
      if (item.length() != digits || item.chars().anyMatch(c -> c != '0' && c != '1')) {
        return Meaning.LENGTHS;
      }
      zero |= item.charAt(0) == '0';
    }
    if (digits == 1) {
      return Meaning.LENGTHS;
    }
    return zero ? Meaning.BITS : Meaning.EITHER;
  }
}
