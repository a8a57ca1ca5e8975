package dev.sightline.audit.internal.probe;

import dev.sightline.data.Pooling;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;

/**
 * An output that can be compared between runs, and where the values of a token are in it.
 *
 * @param stream the stream whose tokens it has values for; {@link #WHOLE} if it has one vector for
 *     the row
 * @param rowAxis the axis that counts the rows of the batch; 1 in {@code [S, B, D]}
 * @param axis the axis that counts the tokens
 * @param pairAxis the second axis that counts the same tokens, as in {@code [B, S, S]}; {@link
 *     #NONE} if there is none
 * @param lead the positions before the first token's, as of virtual tokens in {@code [B, P + S, D]}
 * @param frames the number of positions for each length, if there is not one for each token
 * @param type the type that its values are stored in
 * @param kind what its values are
 * @param pooling how a reader makes an embedding of a text from them, if they are of tokens
 */
public record Output(
    String name,
    int stream,
    int rowAxis,
    int axis,
    int pairAxis,
    int lead,
    FrameCounts frames,
    ElementType type,
    OutputKind kind,
    Pooling pooling) {
  static final int WHOLE = -1;
  static final int NONE = -1;

  /** An output {@code [B, ...]}. */
  static Output ofRows(String name, int rowAxis, ElementType type) {
    return new Output(
        name,
        WHOLE,
        rowAxis,
        NONE,
        NONE,
        0,
        FrameCounts.ONE_PER_TOKEN,
        type,
        OutputKind.EMBEDDING,
        Pooling.MEAN);
  }

  /** The same with what its values are, and how a reader pools them. */
  Output as(OutputKind kind, Pooling pooling) {
    return new Output(name, stream, rowAxis, axis, pairAxis, lead, frames, type, kind, pooling);
  }

  public boolean isPerToken() {
    return stream != WHOLE;
  }

  /** Whether it has one vector for each token and nothing before the first. */
  public boolean isOnePerToken() {
    return isPerToken() && !isPairwise() && lead == 0 && frames == FrameCounts.ONE_PER_TOKEN;
  }

  boolean isPairwise() {
    return pairAxis != NONE;
  }

  /**
   * Returns how many positions of a row can be compared: one for each token, or one for each frame
   * that the row's tokens fill; 0 if it is not known how many.
   */
  int positions(RunOutputs run, int row) {
    if (!isPerToken()) {
      return 1;
    }
    int tokens = run.batch().samples().get(row).length(stream);
    if (frames == FrameCounts.ONE_PER_TOKEN) {
      return tokens;
    }
    // A frame mixes neighbours, so that it has a counterpart only where tokens keep their places.
    boolean inPlace = tokens > 0 && run.batch().position(stream, row, tokens - 1) == tokens - 1;
    return inPlace ? frames.of(tokens) : 0;
  }

  /** Returns the number of values at one position of a row. */
  int size(RunOutputs run, int row) {
    Shape shape = run.output(name).shape();
    int size = 1;
    for (int a = 0; a < shape.rank(); a++) {
      size *= a == rowAxis || a == axis || a == pairAxis ? 1 : shape.dim(a);
    }
    return isPairwise() ? size * positions(run, row) : size;
  }

  /**
   * Copies the values at one position of a row.
   *
   * @param position counted from 0 among those of {@link #positions}; ignored if there is one
   * @param values as long as {@link #size}; of a pairwise output the values with the first token,
   *     then those with the second, and so on
   */
  void read(RunOutputs run, int row, int position, double[] values) {
    FloatTensor tensor = run.output(name);
    int at = row * stride(tensor.shape(), rowAxis);
    if (isPerToken()) {
      at += place(run, row, position) * stride(tensor.shape(), axis);
    }
    if (!isPairwise()) {
      readRest(tensor, at, values, 0, values.length);
      return;
    }
    int others = positions(run, row);
    int size = others == 0 ? 0 : values.length / others;
    for (int other = 0; other < others; other++) {
      int from = at + place(run, row, other) * stride(tensor.shape(), pairAxis);
      readRest(tensor, from, values, other * size, size);
    }
  }

  private int place(RunOutputs run, int row, int position) {
    boolean perToken = frames == FrameCounts.ONE_PER_TOKEN;
    return lead + (perToken ? run.batch().position(stream, row, position) : position);
  }

  /** Values along all axes that count neither rows nor tokens, in the order of the tensor. */
  private void readRest(FloatTensor tensor, int from, double[] values, int first, int count) {
    Shape shape = tensor.shape();
    int innermost = Math.max(rowAxis, Math.max(axis, pairAxis));
    int inner = stride(shape, innermost);
    for (int i = 0; i < count; i += inner) {
      int at = from;
      int rest = i / inner;
      for (int a = innermost - 1; rest > 0 && a >= 0; a--) {
        if (a != rowAxis && a != axis && a != pairAxis) {
          at += rest % shape.dim(a) * stride(shape, a);
          rest /= shape.dim(a);
        }
      }
      for (int d = 0; d < inner; d++) {
        values[first + i + d] = tensor.data()[at + d];
      }
    }
  }

  private static int stride(Shape shape, int axis) {
    int stride = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      stride *= shape.dim(a);
    }
    return stride;
  }
}
