package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Bits;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rows of bits, one for each batch row or one for all, as the text form writes them: {@code
 * 0011,0111}.
 *
 * @param rows at least one; all have the same number of bits
 */
public record BitRows(List<Bits> rows) {
  public BitRows {
    rows = List.copyOf(rows);
  }

  /**
   * Checks rows of bits.
   *
   * @param word the word they belong to, for the message
   * @throws IllegalArgumentException if there is none, or they differ in size
   */
  public static BitRows of(String word, List<Bits> rows) {
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(word + " needs at least one row of bits");
    }
    for (Bits row : rows) {
      if (row.size() != rows.get(0).size()) {
        throw new IllegalArgumentException(
            "the rows of "
                + word
                + " must have the same number of bits, but describe "
                + rows.get(0).size()
                + " and "
                + row.size()
                + " tokens");
      }
    }
    return new BitRows(rows);
  }

  /** The number of rows. */
  public int count() {
    return rows.size();
  }

  /** The number of bits in a row. */
  public int size() {
    return rows.get(0).size();
  }

  /** The bits of a batch row: one row is for all. */
  public Bits ofRow(int batch) {
    return rows.get(rows.size() == 1 ? 0 : batch);
  }

  /** Checks that the bits describe the tokens of one sequence. */
  void check(Fit fit) {
    fit.batchRows(count());
    fit.tokens(size());
  }

  @Override
  public String toString() {
    return rows.stream().map(Bits::toString).collect(Collectors.joining(","));
  }
}
