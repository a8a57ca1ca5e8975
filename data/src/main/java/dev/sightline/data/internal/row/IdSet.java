package dev.sightline.data.internal.row;

/**
 * Hashes of ids, with open addressing; at most {@link #MOST}, so that no file fills the memory.
 * Later hashes are not kept, and found only if they repeat one that was. Among four million 64-bit
 * hashes two collide once in two million files.
 */
final class IdSet {
  /** 64 MiB of table. */
  static final int MOST = 1 << 22;

  private long[] table = new long[1 << 10];
  private int size;

  /** Adds a hash; returns false if it was there before. */
  public boolean add(long hash) {
    // 0 marks an empty cell.
    long key = hash == 0 ? 1 : hash;
    int at = cell(table, key);
    if (table[at] == key) {
      return false;
    }
    if (size == MOST) {
      return true;
    }
    table[at] = key;
    size++;
    if (2 * size > table.length) {
      grow();
    }
    return true;
  }

  private static int cell(long[] table, long key) {
    int at = (int) (key & (table.length - 1));
    while (table[at] != 0 && table[at] != key) {
      at = (at + 1) & (table.length - 1);
    }
    return at;
  }

  private void grow() {
    long[] larger = new long[2 * table.length];
    for (long key : table) {
      if (key != 0) {
        larger[cell(larger, key)] = key;
      }
    }
    table = larger;
  }
}
