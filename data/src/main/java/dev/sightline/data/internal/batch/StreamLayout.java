package dev.sightline.data.internal.batch;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.internal.axis.RawAxes;
import dev.sightline.data.internal.axis.RowLengths;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.Vectors;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a batch as it is fed: {@code [B, W]} positions, each a real token or padding.
 *
 * @param stream of the model
 * @param rows B
 * @param width W, padding included
 * @param tokenPositions for each row the position of each of its tokens
 * @param real whether a position has a token, whatever the mask says, {@code [B, W]}
 * @param special whether that token is known to be special, {@code [B, W]}
 * @param ids {@code [B, W]}; null for vectors
 * @param vectors {@code [B, W, size]}, whatever axis the model counts tokens on; null for ids
 * @param types segment ids {@code [B, W]}
 * @param mask 1 at tokens and 0 at padding, whatever the model takes, {@code [B, W]}
 * @param positionIds {@code [B, W]}
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package, and is never compared
record StreamLayout(
    TokenStream stream,
    int rows,
    int width,
    int[][] tokenPositions,
    boolean[] real,
    boolean[] special,
    long @Nullable [] ids,
    float @Nullable [] vectors,
    long[] types,
    long[] mask,
    long[] positionIds) {
  private static final int MOST_NUMBERS = Integer.MAX_VALUE - 8;

  /** Lays out tokens, with the padding id or vectors of zeros at all other positions. */
  static StreamLayout of(
      TokenStream stream, Tokens[] tokens, int[][] tokenPositions, int width, long padId) {
    int rows = tokens.length;
    int size = stream.vectorSize();
    long numbers = Math.max(1, size) * (long) width; // of a row, at most 2^62
    if (numbers > MOST_NUMBERS || numbers * rows > MOST_NUMBERS) {
      throw new IllegalArgumentException(
          "'"
              + stream.content()
              + "' takes "
              + width
              + " tokens of "
              + Math.max(1, size)
              + " numbers a row; a batch of "
              + rows
              + " rows is more than an array holds");
    }
    boolean[] real = new boolean[rows * width];
    boolean[] special = new boolean[rows * width];
    long[] ids = stream.isOfIds() ? new long[rows * width] : null;
    float[] vectors = stream.isOfIds() ? null : new float[rows * width * size];
    long[] types = new long[rows * width];
    if (ids != null) {
      Arrays.fill(ids, padId);
    }
    for (int row = 0; row < rows; row++) {
      for (int t = 0; t < tokens[row].length(); t++) {
        int at = row * width + tokenPositions[row][t];
        real[at] = true;
        if (tokens[row] instanceof TokenizedText text && ids != null) {
          ids[at] = text.id(t);
          special[at] = text.isSpecial(t);
          types[at] = text.tokenType(t);
        } else if (tokens[row] instanceof Vectors given
            && vectors != null
            && given.size() == size) {
          for (int e = 0; e < size; e++) {
            vectors[at * size + e] = given.value(t, e);
          }
        } else {
          throw new IllegalArgumentException(
              "'" + stream.content() + "' does not take " + tokens[row]);
        }
      }
    }
    long[] mask = new long[real.length];
    for (int i = 0; i < real.length; i++) {
      mask[i] = real[i] ? 1 : 0;
    }
    long[] positionIds = counted(real, rows, width);
    return new StreamLayout(
        stream, rows, width, tokenPositions, real, special, ids, vectors, types, mask, positionIds);
  }

  /**
   * Returns ids that count the tokens of each row from 0; padding has the id of the token before.
   */
  private static long[] counted(boolean[] real, int rows, int width) {
    long[] ids = new long[real.length];
    for (int row = 0; row < rows; row++) {
      long next = 0;
      for (int s = 0; s < width; s++) {
        next += real[row * width + s] ? 1 : 0;
        ids[row * width + s] = Math.max(0, next - 1);
      }
    }
    return ids;
  }

  /**
   * With what samples say of each token, instead of what is counted. Padding has the position of
   * the token before it, and type 0.
   *
   * @param givenTypes segment ids of each row's tokens; null for those of the tokens
   * @param givenPositions position ids of each row's tokens; null to count
   */
  StreamLayout withGiven(long @Nullable [][] givenTypes, long @Nullable [][] givenPositions) {
    long[] newTypes = types.clone();
    long[] newPositions = positionIds.clone();
    for (int row = 0; row < rows; row++) {
      long before = 0;
      int token = 0;
      for (int s = 0; s < width; s++) {
        int at = row * width + s;
        if (real[at] && givenTypes != null) {
          newTypes[at] = givenTypes[row][token];
        }
        if (givenPositions != null) {
          before = real[at] ? givenPositions[row][token] : before;
          newPositions[at] = before;
        }
        token += real[at] ? 1 : 0;
      }
    }
    return with(newTypes, mask, newPositions);
  }

  StreamLayout withMask(long[] other) {
    requireSize(other);
    return with(types, other.clone(), positionIds);
  }

  StreamLayout withPositionIds(long[] other) {
    requireSize(other);
    return with(types, mask, other.clone());
  }

  private StreamLayout with(long[] otherTypes, long[] otherMask, long[] otherPositionIds) {
    return new StreamLayout(
        stream,
        rows,
        width,
        tokenPositions,
        real,
        special,
        ids,
        vectors,
        otherTypes,
        otherMask,
        otherPositionIds);
  }

  private void requireSize(long[] values) {
    if (values.length != rows * width) {
      throw new IllegalArgumentException(
          values.length + " values do not fill [" + rows + ", " + width + "] positions");
    }
  }

  /** Returns a layout with other content at some positions, drawn in row-major order. */
  StreamLayout withDrawn(Batch.Selection where, RandomTokens.Draw draw) {
    long[] newIds = ids == null ? null : ids.clone();
    float[] newVectors = vectors == null ? null : vectors.clone();
    boolean[] newSpecial = special.clone();
    int size = stream.vectorSize();
    for (int row = 0; row < rows; row++) {
      for (int s = 0; s < width; s++) {
        if (!where.contains(row, s)) {
          continue;
        }
        int at = row * width + s;
        newSpecial[at] = false;
        if (newIds != null) {
          newIds[at] = draw.id();
        }
        if (newVectors != null) {
          for (int e = 0; e < size; e++) {
            newVectors[at * size + e] = draw.value();
          }
        }
      }
    }
    return new StreamLayout(
        stream,
        rows,
        width,
        tokenPositions,
        real,
        newSpecial,
        newIds,
        newVectors,
        types,
        mask,
        positionIds);
  }

  /** Returns some rows as they are. */
  StreamLayout rows(int... chosen) {
    int size = stream.vectorSize();
    int[][] newPositions = new int[chosen.length][];
    boolean[] newReal = new boolean[chosen.length * width];
    boolean[] newSpecial = new boolean[newReal.length];
    long[] newIds = ids == null ? null : new long[newReal.length];
    float[] newVectors = vectors == null ? null : new float[newReal.length * size];
    long[] newTypes = new long[newReal.length];
    long[] newMask = new long[newReal.length];
    long[] newPositionIds = new long[newReal.length];
    for (int row = 0; row < chosen.length; row++) {
      int from = chosen[row] * width;
      int to = row * width;
      newPositions[row] = tokenPositions[chosen[row]];
      System.arraycopy(real, from, newReal, to, width);
      System.arraycopy(special, from, newSpecial, to, width);
      System.arraycopy(types, from, newTypes, to, width);
      System.arraycopy(mask, from, newMask, to, width);
      System.arraycopy(positionIds, from, newPositionIds, to, width);
      if (ids != null && newIds != null) {
        System.arraycopy(ids, from, newIds, to, width);
      }
      if (vectors != null && newVectors != null) {
        System.arraycopy(vectors, from * size, newVectors, to * size, width * size);
      }
    }
    return new StreamLayout(
        stream,
        chosen.length,
        width,
        newPositions,
        newReal,
        newSpecial,
        newIds,
        newVectors,
        newTypes,
        newMask,
        newPositionIds);
  }

  /** Puts the inputs of the stream. */
  void feed(Map<String, RawTensor> feed) {
    if (ids != null) {
      put(feed, stream.content(), ids);
    } else if (vectors != null) {
      feed.put(stream.name(), inItsOrder(stream.content(), content(vectors)));
    }
    put(feed, stream.mask(), stream.paddingIsOne() ? inverted(mask) : mask);
    put(feed, stream.tokenTypes(), types);
    put(feed, stream.positions(), positionIds);
    TensorSpec lengths = stream.lengths();
    if (lengths != null) {
      long[] counts = new long[rows];
      for (int row = 0; row < rows; row++) {
        counts[row] = length(row) - RowLengths.fewer(lengths);
      }
      Shape shape = lengths.dims().size() == 1 ? Shape.of(rows) : Shape.of(rows, 1);
      feed.put(lengths.name(), RawTensor.of(ElementType.INT64, shape, TensorBytes.of(counts)));
    }
  }

  /**
   * How many positions of a row the mask does not hide at its end; where it hides the first, how
   * many it does not hide at all.
   */
  private long length(int row) {
    long last = 0;
    long count = 0;
    for (int s = 0; s < width; s++) {
      boolean shown = mask[row * width + s] != 0;
      count += shown ? 1 : 0;
      last = shown ? s + 1 : last;
    }
    return width > 0 && mask[row * width] == 0 ? count : last;
  }

  private static long[] inverted(long[] mask) {
    long[] inverted = new long[mask.length];
    for (int i = 0; i < mask.length; i++) {
      inverted[i] = mask[i] == 0 ? 1 : 0;
    }
    return inverted;
  }

  private void put(Map<String, RawTensor> feed, @Nullable TensorSpec input, long[] values) {
    if (input != null) {
      RawTensor tensor =
          RawTensor.of(ElementType.INT64, Shape.of(rows, width), TensorBytes.of(values));
      feed.put(input.name(), inItsOrder(input, tensor));
    }
  }

  private RawTensor inItsOrder(TensorSpec input, RawTensor tensor) {
    return stream.isTokensFirst(input) ? RawAxes.swapped(tensor) : tensor;
  }

  /** Brings vectors {@code [B, W, size]} to the axes of the model's input. */
  private RawTensor content(float[] vectors) {
    int before = stream.before();
    int after = stream.after();
    float[] values = vectors;
    if (before > 1) {
      values = new float[vectors.length];
      int at = 0;
      for (int row = 0; row < rows; row++) {
        for (int o = 0; o < before; o++) {
          for (int s = 0; s < width; s++) {
            for (int i = 0; i < after; i++) {
              values[at++] = vectors[((row * width + s) * before + o) * after + i];
            }
          }
        }
      }
    }
    int rank = stream.content().dims().size();
    int[] dims = new int[rank];
    dims[0] = rows;
    for (int a = 1; a < rank; a++) {
      dims[a] = a == Math.max(1, stream.axis()) ? width : stream.content().fixed(a).orElse(1);
    }
    return RawTensor.of(ElementType.FLOAT32, Shape.of(dims), TensorBytes.of(values));
  }
}
