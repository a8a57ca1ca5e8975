package dev.sightline.audit.zoo;

import java.util.Arrays;
import java.util.List;

/** Token ids and their mask {@code [B, S]}. */
final class TextBatch {
  /** Real ids are above 1, so that no text holds the padding id. */
  static final List<long[]> TEXTS =
      List.of(
          new long[] {5, 17, 33, 8, 21},
          new long[] {40, 3, 27, 60, 12, 9, 51, 30},
          new long[] {14, 45});

  private final long[][] ids;
  private final long[][] mask;
  private final boolean left;

  private TextBatch(long[][] ids, long[][] mask, boolean left) {
    this.ids = ids;
    this.mask = mask;
    this.left = left;
  }

  /**
   * The texts with padding of id 0.
   *
   * @param left whether the padding is before the texts
   */
  static TextBatch of(int width, boolean left) {
    long[][] ids = new long[TEXTS.size()][width];
    long[][] mask = new long[TEXTS.size()][width];
    for (int row = 0; row < ids.length; row++) {
      long[] text = TEXTS.get(row);
      int from = left ? width - text.length : 0;
      System.arraycopy(text, 0, ids[row], from, text.length);
      Arrays.fill(mask[row], from, from + text.length, 1);
    }
    return new TextBatch(ids, mask, left);
  }

  long[][] ids() {
    return ids;
  }

  long[][] mask() {
    return mask;
  }

  int rows() {
    return ids.length;
  }

  int width() {
    return ids[0].length;
  }

  int length(int row) {
    return TEXTS.get(row).length;
  }

  /** The position of a text's token. */
  int position(int row, int token) {
    return left ? width() - length(row) + token : token;
  }

  /** Other ids where the mask is 0, and only there. */
  TextBatch withOtherPadding() {
    long[][] changed = copy(ids);
    for (int row = 0; row < rows(); row++) {
      for (int position = 0; position < width(); position++) {
        if (mask[row][position] == 0) {
          changed[row][position] = 2 + (7L * row + 5L * position) % 60;
        }
      }
    }
    return new TextBatch(changed, mask, left);
  }

  TextBatch withToken(int row, int token, long id) {
    long[][] changed = copy(ids);
    changed[row][position(row, token)] = id;
    return new TextBatch(changed, mask, left);
  }

  /** With every token of a row replaced. */
  TextBatch withOtherText(int row) {
    TextBatch changed = this;
    for (int token = 0; token < length(row); token++) {
      changed = changed.withToken(row, token, (TEXTS.get(row)[token] + 11) % 62 + 2);
    }
    return changed;
  }

  TextBatch withoutMaskBit(int row, int token) {
    long[][] changed = copy(mask);
    changed[row][position(row, token)] = 0;
    return new TextBatch(ids, changed, left);
  }

  /** 0, 1, 2, ... from each text's first token on. */
  long[][] positions() {
    long[][] positions = new long[rows()][width()];
    for (int row = 0; row < rows(); row++) {
      for (int position = 0; position < width(); position++) {
        positions[row][position] = Math.max(0, position - position(row, 0));
      }
    }
    return positions;
  }

  /** 1 for the first two tokens of each text. */
  long[][] prefix() {
    long[][] types = new long[rows()][width()];
    for (int row = 0; row < rows(); row++) {
      types[row][position(row, 0)] = 1;
      types[row][position(row, 1)] = 1;
    }
    return types;
  }

  private static long[][] copy(long[][] rows) {
    return Arrays.stream(rows).map(long[]::clone).toArray(long[][]::new);
  }
}
