package dev.sightline.attention;

/**
 * The inner loops of attention, for one block of {@link #width()} queries side by side. A provider
 * implements them all; everything about masks, threads and layouts is above.
 *
 * <p>A block lies transposed, lanes along queries: {@code queries[d][lane]}, {@code
 * scores[key][lane]}, {@code output[d][lane]}. So keys and values are read as they are stored, one
 * element of them meets a vector of queries, and the maximum and the sum of a softmax run down a
 * column: no horizontal reduction, no packing of keys. Rows of keys and values begin {@code stride}
 * floats apart. Scores are in units of log2: scale and log2(e) are folded into the queries.
 */
interface Kernel {
  /** Keys are taken so many at a time; a score tile needs so many spare rows. */
  int SPARE_KEYS = 6;

  /** Packed keys are taken so many at a time. */
  int PANEL = 6;

  /**
   * How far apart packed keys lie. A constant, so that one address serves six of them; no power of
   * 2, so that they do not compete for the same lines of a cache.
   */
  int PACKED_STRIDE = 136;

  /** The kernel for one query at a time. */
  RowKernel rows();

  /** The number of queries in a block. */
  int width();

  /** What a person is told of this kernel, such as {@code vector, 256 bits}. */
  String description();

  /**
   * {@code queries[d][lane] = factor * rows[lane][d]}; lanes beyond the rows keep what they hold.
   */
  void loadRows(
      float[] rows, int offset, int stride, int count, int size, float factor, float[] queries);

  /** {@code rows[lane][column] = output[column][lane] * factors[lane]}. */
  void storeRows(
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
   * As {@link #scores}, bit for bit, of keys that lie PACKED_STRIDE apart. Up to PANEL - 1 rows
   * before the first may be overwritten too.
   */
  void packedScores(
      float[] queries, int headSize, float[] panels, int first, int end, float[] scores);

  /** Minus infinity wherever bit {@code key % 32} of {@code words[key / 32][lane]} is not set. */
  void forbid(float[] scores, int first, int end, int[] words, int offset);

  /** {@code cap * tanh(score / cap)}. */
  void softcap(float[] scores, int first, int end, float cap);

  /** Adds an element of another such tile to every score. */
  void add(float[] scores, int first, int end, float[] bias);

  /** {@code score - slope * |position[lane] - (firstKey + key)|}. */
  void alibi(float[] scores, int first, int end, float slope, float[] positions, float firstKey);

  /**
   * One step of the online softmax (Milakov and Gimelshein 2018): makes weights of the scores, 2 to
   * the power of score - maximum, and brings the running maximum and sum up to date. {@code
   * rescale} receives what everything summed before has to be multiplied by.
   */
  void softmax(float[] scores, int first, int end, float[] max, float[] sum, float[] rescale);

  /** {@code 2^(score - reference[lane])}. */
  void weights(float[] scores, int first, int end, float[] reference);

  /**
   * {@code output = output * rescale + values^T weights} over keys [first, end), {@code
   * output[column][lane]}.
   *
   * @param columns as {@link #padded} says
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
   * {@code panels[group][key][c]} of count keys, see {@link #groupSize}: the columns of a group
   * side by side, the next key behind them, so that {@link #packedAccumulate} reads straight on.
   */
  void packValues(float[] values, int offset, int stride, int count, int columns, float[] panels);

  /** As {@link #accumulate}, bit for bit, of the values of count keys that are packed. */
  void packedAccumulate(
      float[] weights,
      int first,
      int end,
      float[] panels,
      int count,
      int columns,
      float[] rescale,
      float[] output);

  /** Whether no element is infinite or NaN; their number is a multiple of the width. */
  boolean finite(float[] tile);

  /**
   * How many columns the next group takes of those that remain, an even number: six, or four where
   * that leaves nothing or another four.
   */
  static int groupSize(int remaining) {
    return remaining == 4 || remaining == 8 ? 4 : 6;
  }

  /** The columns that a kernel sees of so many: even, and at least a group. */
  static int padded(int columns) {
    return Math.max(4, columns + (columns & 1));
  }
}
