package dev.sightline.mask.internal.band;

import java.util.BitSet;

/** An immutable string of bits with value equality, written as the text form writes it: 110111. */
public final class Bits {
  private final BitSet bits;
  private final int size;

  private Bits(BitSet bits, int size) {
    this.bits = bits;
    this.size = size;
  }

  public static Bits of(boolean... values) {
    BitSet bits = new BitSet(values.length);
    for (int i = 0; i < values.length; i++) {
      bits.set(i, values[i]);
    }
    return new Bits(bits, values.length);
  }

  /**
   * Reads a text of 0 and 1.
   *
   * @throws IllegalArgumentException if it has another character
   */
  public static Bits parse(String text) {
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

  public int size() {
    return size;
  }

  public boolean get(int index) {
    return bits.get(index);
  }

  /** The first set bit at or after an index, or the size where there is none. */
  public int nextSet(int from) {
    int next = bits.nextSetBit(from);
    return next < 0 ? size : next;
  }

  /** The first clear bit at or after an index, at most the size. */
  public int nextClear(int from) {
    return Math.min(size, bits.nextClearBit(from));
  }

  /** The set bits as {@link RunBounds}. */
  public int[] runs() {
    IntBuffer runs = new IntBuffer();
    for (int i = nextSet(0); i < size; ) {
      int end = nextClear(i);
      runs.add(i);
      runs.add(end);
      i = nextSet(end);
    }
    return runs.toArray();
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
