package dev.sightline.onnx;

import java.util.Arrays;
import java.util.List;

/**
 * What a model is fed: token ids, mask and segment ids, each {@code [B, S]} in row-major order. A
 * batch is a value: its {@code with} methods return a changed copy and leave it as it is. It
 * remembers which tokens are really padding when it is given a mask that claims otherwise.
 */
public final class TokenBatch {
  private final int rows;
  private final int width;
  private final long[] ids;
  private final long[] mask;
  private final long[] real;
  private final long[] tokenTypes;

  private TokenBatch(int rows, int width, long[] ids, long[] mask, long[] real, long[] tokenTypes) {
    this.rows = rows;
    this.width = width;
    this.ids = ids;
    this.mask = mask;
    this.real = real;
    this.tokenTypes = tokenTypes;
  }

  /**
   * The texts one under another, each filled up on the right with padding.
   *
   * @param width tokens a row
   * @param padId the token id to fill up with
   * @throws IllegalArgumentException if there is no text or one is longer than the width
   */
  public static TokenBatch rightPadded(List<TokenizedText> texts, int width, long padId) {
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one text");
    }
    int rows = texts.size();
    long[] ids = new long[rows * width];
    Arrays.fill(ids, padId);
    long[] mask = new long[rows * width];
    long[] types = new long[rows * width];
    for (int b = 0; b < rows; b++) {
      TokenizedText text = texts.get(b);
      if (text.length() > width) {
        throw new IllegalArgumentException(
            "a text of " + text.length() + " tokens does not fit into a batch of width " + width);
      }
      for (int s = 0; s < text.length(); s++) {
        ids[b * width + s] = text.id(s);
        types[b * width + s] = text.tokenType(s);
        mask[b * width + s] = 1;
      }
    }
    return new TokenBatch(rows, width, ids, mask, mask, types);
  }

  public int rows() {
    return rows;
  }

  public int width() {
    return width;
  }

  /** Whether the token at this place is one of the text, whatever the mask claims. */
  public boolean isReal(int row, int token) {
    return real[row * width + token] != 0;
  }

  /** The same batch with other token ids, {@code [B, S]} in row-major order. */
  public TokenBatch withIds(long[] ids) {
    requireSize(ids);
    return new TokenBatch(rows, width, ids.clone(), mask, real, tokenTypes);
  }

  /** The same tokens under another mask, {@code [B, S]} in row-major order. */
  public TokenBatch withMask(long[] mask) {
    requireSize(mask);
    return new TokenBatch(rows, width, ids, mask.clone(), real, tokenTypes);
  }

  /** The same tokens, all of them claimed to be real. */
  public TokenBatch withMaskOfOnes() {
    long[] ones = new long[mask.length];
    Arrays.fill(ones, 1);
    return withMask(ones);
  }

  private void requireSize(long[] values) {
    if (values.length != rows * width) {
      throw new IllegalArgumentException(
          "a batch of shape ["
              + rows
              + ", "
              + width
              + "] does not hold "
              + values.length
              + " values");
    }
  }

  /** Token ids, {@code [B, S]} in row-major order, as a copy. */
  public long[] ids() {
    return ids.clone();
  }

  /** The mask, {@code [B, S]} in row-major order, as a copy. */
  public long[] mask() {
    return mask.clone();
  }

  long[] tokenTypes() {
    return tokenTypes.clone();
  }

  /**
   * Positions that count the real tokens of each row from 0; padding shares its predecessor's. They
   * follow what is real, not what the mask claims: a changed mask shall be the only change.
   */
  long[] positions() {
    long[] positions = new long[real.length];
    for (int b = 0; b < rows; b++) {
      long next = 0;
      for (int s = 0; s < width; s++) {
        next += real[b * width + s];
        positions[b * width + s] = Math.max(0, next - 1);
      }
    }
    return positions;
  }

  /** 1 at padding, 0 at real tokens, whatever the mask claims: what a tap sums attention over. */
  float[] padding() {
    float[] padding = new float[real.length];
    for (int i = 0; i < real.length; i++) {
      padding[i] = real[i] == 0 ? 1 : 0;
    }
    return padding;
  }

  @Override
  public String toString() {
    return "TokenBatch[" + rows + ", " + width + "]";
  }
}
