package dev.sightline.attention.internal.kernel;

/**
 * The inner loops of attention, for one block of {@link #width()} queries. Masks, threads and
 * layouts are the business of the callers.
 *
 * <p>A block is transposed, lanes along queries: {@code queries[d][lane]}, {@code
 * scores[key][lane]}, {@code output[d][lane]}. So keys and values are read as they are stored: one
 * of their elements is multiplied with a vector of queries, and the maximum and the sum of a
 * softmax run down a column, without a horizontal reduction. Rows of keys and values begin {@code
 * stride} floats apart. Scores are in units of log2: scale and log2(e) are folded into the queries.
 */
public interface Kernel {
  /** The number of spare rows that a tile of scores needs after its last key. */
  int SPARE_KEYS = 6;

  /** The number of packed keys that are read at a time. */
  int PANEL = 6;

  /**
   * The distance between packed keys, in floats. A constant, so that one address serves six of
   * them; no power of 2, so that they do not compete for the same lines of a cache.
   */
  int PACKED_STRIDE = 136;

  /** The kernel for one query at a time. */
  RowKernel rows();

  /** The loops that only the backward pass has. */
  GradientKernel gradients();

  /** The number of queries in a block. */
  int width();

  /** The kernel in words, such as {@code vector, 256 bits}. */
  String description();

  /**
   * {@code queries[d][lane] = factor * rows[lane][d]} for count lanes; the others are not written.
   */
  void loadRows(
      float[] rows, int offset, int stride, int count, int size, float factor, float[] queries);

  /**
   * {@code rows[lane][column] = output[column][lane] * factors[lane]}, +0 for -0, since a masked
   * value that is multiplied by 0 has no other trace than the sign of a zero. The output is used
   * up.
   *
   * @return whether no element of the output is infinite or NaN
   */
  boolean storeRows(
      float[] output,
      int columns,
      float[] factors,
      int count,
      float[] rows,
      int offset,
      int stride);

  /**
   * {@code scores[key][lane] = sum over d of keys[key][d] * queries[d][lane]} for keys [first,
   * end). Rows from end to end + SPARE_KEYS may be overwritten.
   */
  void scores(
      float[] queries,
      int headSize,
      float[] keys,
      int offset,
      int stride,
      int first,
      int end,
      float[] scores);

  /**
   * As {@link #scores}, bit for bit, of keys PACKED_STRIDE floats apart. Up to PANEL - 1 rows
   * before the first may be overwritten too.
   */
  void packedScores(
      float[] queries, int headSize, float[] panels, int first, int end, float[] scores);

  /** Writes minus infinity where bit {@code key % 32} of {@code words[key / 32][lane]} is 0. */
  void forbid(float[] scores, int first, int end, int[] words, int offset);

  /** {@code cap * tanh(score / cap)}. */
  void softcap(float[] scores, int first, int end, float cap);

  /** {@code scores[key][lane] += bias[key][lane]}; a bias of minus infinity masks even NaN. */
  void add(float[] scores, int first, int end, float[] bias);

  /** {@code score - slope * |position[lane] - (firstKey + key)|}. */
  void alibi(float[] scores, int first, int end, float slope, float[] positions, float firstKey);

  /**
   * One step of the online softmax (Milakov and Gimelshein 2018): replaces the scores by weights,
   * {@code 2^(score - maximum)}, and updates the running maximum and sum. {@code rescale} receives
   * the factor of everything that was summed before.
   */
  void softmax(float[] scores, int first, int end, float[] max, float[] sum, float[] rescale);

  /** {@code 2^(score - reference[lane])}. */
  void weights(float[] scores, int first, int end, float[] reference);

  /**
   * {@code output = output * rescale + values^T weights} over keys [first, end), {@code
   * output[column][lane]}.
   *
   * @param columns a result of {@link #padded}
   */
  void accumulate(
      float[] weights,
      int first,
      int end,
      float[] values,
      int offset,
      int stride,
      int columns,
      float[] rescale,
      float[] output);

  /**
   * {@code panels[group][key][c]} of count keys, see {@link #groupSize}: the columns of a group are
   * contiguous and the next key follows, so that {@link #packedAccumulate} reads sequentially.
   */
  void packValues(float[] values, int offset, int stride, int count, int columns, float[] panels);

  /** As {@link #accumulate}, bit for bit, of the packed values of count keys. */
  void packedAccumulate(
      float[] weights,
      int first,
      int end,
      float[] panels,
      int count,
      int columns,
      float[] rescale,
      float[] output);

  /** Copies rows of a size of at most PACKED_STRIDE to a distance of PACKED_STRIDE. */
  void packRows(float[] rows, int offset, int stride, int count, int size, float[] packed);

  /** Whether {@link #weightedRows} writes rows of this many columns. */
  boolean writesRows(int columns);

  /**
   * {@code rows[lane][column] = factors[lane] * sum over keys of weights[key][lane] *
   * values[key][column]} for keys [first, end), PACKED_STRIDE floats apart, and count lanes: {@link
   * #accumulate} from 0 and {@link #storeRows} in one, bit for bit.
   *
   * @return whether no sum is infinite or NaN; false too where finite sums are near the largest
   *     float
   */
  boolean weightedRows(
      float[] weights,
      int first,
      int end,
      float[] values,
      int columns,
      float[] factors,
      int count,
      float[] rows,
      int to,
      int rowStride);

  /**
   * As {@link #accumulate}, bit for bit except for the signs of zeros, where all values are finite.
   * A value with a weight of 0 is left out, as it would give NaN if it is not finite; so is what
   * was summed before where its factor is 0.
   */
  void accumulateWeighted(
      float[] weights,
      int first,
      int end,
      float[] values,
      int offset,
      int stride,
      int columns,
      float[] rescale,
      float[] output);

  /**
   * Writes +0 for -0, as {@link #storeRows} does. The number of elements is a multiple of the
   * width.
   *
   * @return whether no element is infinite or NaN
   */
  boolean settle(float[] tile);

  /** The number of columns of the next group: six, or four where four or eight remain. */
  static int groupSize(int remaining) {
    return remaining == 4 || remaining == 8 ? 4 : 6;
  }

  /** The number of columns rounded up to an even number, and to four at least. */
  static int padded(int columns) {
    return Math.max(4, columns + (columns & 1));
  }
}
