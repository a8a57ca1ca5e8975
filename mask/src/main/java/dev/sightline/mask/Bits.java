package dev.sightline.mask;

import java.util.BitSet;

/** An immutable string of bits with value equality, written as the text form writes it: 110111. */
final class Bits {
  private final BitSet bits;
  private final int size;

  private Bits(BitSet bits, int size) {
    this.bits = bits;
    this.size = size;
  }

  static Bits of(boolean... values) {
    BitSet bits = new BitSet(values.length);
    for (int i = 0; i < values.length; i++) {
      bits.set(i, values[i]);
    }
    return new Bits(bits, values.length);
  }

  /** Copies the set; every index from size on must be clear. */
  static Bits of(BitSet bits, int size) {
    return new Bits((BitSet) bits.clone(), size);
  }

  /**
   * Reads a text of 0 and 1.
   *
   * @throws IllegalArgumentException if it has another character
   */
  static Bits parse(String text) {
    BitSet bits = new BitSet(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '0' && c != '1') {
        throw new IllegalArgumentException(
            "bits are written with 0 and 1, but character " + i + " of the row is '" + c + "'");
      }
      bits.set(i, c == '1');
    }
    return new Bits(bits, text.length());
  }

  int size() {
    return size;
  }

  boolean get(int index) {
    return bits.get(index);
  }

  /** The first set bit at or after an index, or the size where there is none. */
  int nextSet(int from) {
    int next = bits.nextSetBit(from);
    return next < 0 ? size : next;
  }

  /** The first clear bit at or after an index, at most the size. */
  int nextClear(int from) {
    return Math.min(size, bits.nextClearBit(from));
  }

  int cardinality() {
    return bits.cardinality();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bits that && size == that.size && bits.equals(that.bits);
  }

  @Override
  public int hashCode() {
    return 31 * bits.hashCode() + size;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(size);
    for (int i = 0; i < size; i++) {
      text.append(bits.get(i) ? '1' : '0');
    }
    return text.toString();
  }
}
