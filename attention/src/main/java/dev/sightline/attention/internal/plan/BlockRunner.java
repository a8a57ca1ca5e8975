package dev.sightline.attention.internal.plan;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.kernel.ScalarMath;
import dev.sightline.tensor.FloatTensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a few neighbouring blocks of queries of one head, tile of keys by tile of keys
 * (FlashAttention, Dao et al. 2022). Each worker has its own, which holds the tile and the running
 * sums.
 *
 * <p>Several blocks visit a tile together, since all but the first then read its keys and values
 * from the second-level cache.
 */
final class BlockRunner {
  /** From 2 to 16 visiting blocks no difference could be measured. */
  private static final int WORTH_PACKING = 4;

  private final Kernel kernel;
  private final Problem problem;
  private final int width;
  private final int tileKeys;

  /** The columns that a kernel computes, those beyond the value head size included. */
  private final int columns;

  private final float[][] queries;
  private final float[][] output;
  private final float[][] max;
  private final float[][] sum;
  private final int[] run;
  private final float[] scores;
  private final float[] rescale;
  private final float[] bias;
  private final float[] packedKeys;
  private final float[] packedValues;
  private final float[] packedRows;
  private final float[] wideKeys;
  private final float[] wideValues;
  private final float[] wideQueries;
  private final float[] transposed;

  /** Set for each item. */
  private Call call;

  private Sequence sequence;
  private MaskBlocks mask;
  private int head;
  private int firstBlock;
  private int blocks;

  /** Set for each tile: the arrays and offsets of its keys and values. */
  private float[] keys;

  private int keyAt;
  private int keyStride;
  private float[] values;
  private int valueAt;
  private int valueStride;

  @SuppressWarnings("NullAway.Init") // set by run() and load..(), before anything reads them
  BlockRunner(Kernel kernel, Problem problem, int tileKeys, int blocksAtOnce) {
    this.kernel = kernel;
    this.problem = problem;
    this.width = kernel.width();
    this.tileKeys = tileKeys;
    this.columns = Kernel.padded(problem.valueHeadSize());
    this.queries = new float[blocksAtOnce][problem.headSize() * width];
    this.output = new float[blocksAtOnce][columns * width];
    this.max = new float[blocksAtOnce][width];
    this.sum = new float[blocksAtOnce][width];
    this.run = new int[blocksAtOnce];
    this.scores = new float[(tileKeys + Kernel.SPARE_KEYS) * width];
    this.rescale = new float[width];
    this.bias = new float[tileKeys * width];
    this.packedKeys = new float[(tileKeys + Kernel.PANEL) * Kernel.PACKED_STRIDE];
    this.packedValues = new float[tileKeys * columns];
    this.packedRows = new float[kernel.writesRows(columns) ? tileKeys * Kernel.PACKED_STRIDE : 0];
    this.wideKeys = new float[tileKeys * problem.headSize()];
    this.wideValues = new float[tileKeys * columns];
    this.wideQueries = new float[width * problem.headSize()];
    this.transposed = new float[tileKeys * width];
  }

  /** Computes an item, of at most the blocks that this runner has room for. */
  void run(Call call, BlockSchedule.Item item) {
    this.call = call;
    this.sequence = item.sequence();
    this.mask = item.mask();
    this.head = item.head();
    this.firstBlock = item.firstBlock();
    this.blocks = item.blocks();
    for (int b = 0; b < blocks; b++) {
      loadQueries(b);
    }
    boolean sound = isOneTile() ? attendOneTile() : attend(false);
    if (!sound) {
      // A number is not finite, perhaps 0 * infinity of a masked value: leave out weights of 0. The
      // other queries of the item get the same bits again, since the order of sums is the same.
      attend(true);
    }
    if (call.probabilities() != null) {
      for (int b = 0; b < blocks; b++) {
        show(call.probabilities(), b, true);
      }
    }
    if (call.scores() != null) {
      for (int b = 0; b < blocks; b++) {
        show(call.scores(), b, false);
      }
    }
  }

  private int firstRow(int b) {
    return (firstBlock + b) * width;
  }

  private int rows(int b) {
    return Math.min(width, sequence.queries() - firstRow(b));
  }

  private void loadQueries(int b) {
    float factor = problem.scale() * ScalarMath.LOG2_E;
    float[] to = queries[b];
    int rows = rows(b);
    int size = problem.headSize();
    Strides strides = problem.query();
    int from = sequence.query() + head * strides.head() + firstRow(b) * strides.token();
    if (rows < width) {
      Arrays.fill(to, 0f);
    }
    if (call.queries() instanceof Elements.Float32Elements singles) {
      kernel.loadRows(singles.data(), from, strides.token(), rows, size, factor, to);
    } else {
      call.queries().widenRows(from, strides.token(), rows, size, wideQueries, size);
      kernel.loadRows(wideQueries, 0, size, rows, size, factor, to);
    }
  }

  /** A sentence: no running sums, and rows are written from registers. */
  private boolean isOneTile() {
    return sequence.keys() <= tileKeys
        && columns == problem.valueHeadSize()
        && problem.headSize() <= Kernel.PACKED_STRIDE
        && kernel.writesRows(columns);
  }

  private boolean attendOneTile() {
    int count = sequence.keys();
    loadKeys(0, count);
    loadValues(0, count);
    kernel.packRows(keys, keyAt, keyStride, count, problem.headSize(), packedKeys);
    kernel.packRows(values, valueAt, valueStride, count, columns, packedRows);
    boolean sound = true;
    for (int b = 0; b < blocks; b++) {
      Arrays.fill(max[b], Float.NEGATIVE_INFINITY);
      Arrays.fill(sum[b], 0f);
      run[b] = mask.firstRun(firstBlock + b);
      boolean needed = needs(b, 0);
      int first = needed ? mask.firstKey(run[b], 0) : 0;
      int end = needed ? mask.endKey(run[b], 0) : 0;
      if (first < end) {
        kernel.packedScores(queries[b], problem.headSize(), packedKeys, first, end, scores);
        adjust(b, 0, first, end);
        forbid(run[b], 0, first, end);
        kernel.softmax(scores, first, end, max[b], sum[b], rescale);
      }
      divide(b);
      Strides strides = problem.output();
      int to = sequence.output() + head * strides.head() + firstRow(b) * strides.token();
      sound &=
          kernel.weightedRows(
              scores,
              first,
              end,
              packedRows,
              columns,
              rescale,
              rows(b),
              call.output(),
              to,
              strides.token());
    }
    return sound;
  }

  /** Whether the whole output is finite. */
  private boolean attend(boolean careful) {
    for (int b = 0; b < blocks; b++) {
      Arrays.fill(output[b], 0f);
      Arrays.fill(max[b], Float.NEGATIVE_INFINITY);
      Arrays.fill(sum[b], 0f);
      run[b] = mask.firstRun(firstBlock + b);
    }
    for (int tile = nextTile(0); tile < Integer.MAX_VALUE; tile = nextTile(tile + 1)) {
      visit(tile, careful);
    }
    boolean sound = true;
    for (int b = 0; b < blocks; b++) {
      sound &= store(b);
    }
    return sound;
  }

  /** The first tile, at or after the given one, that a block needs. */
  private int nextTile(int from) {
    int next = Integer.MAX_VALUE;
    for (int b = 0; b < blocks; b++) {
      int end = mask.firstRun(firstBlock + b + 1);
      while (run[b] < end && mask.runEnd(run[b]) <= from) {
        run[b]++;
      }
      if (run[b] < end) {
        next = Math.min(next, Math.max(from, mask.runStart(run[b])));
      }
    }
    return next;
  }

  private void visit(int tile, boolean careful) {
    int firstKey = tile * tileKeys;
    int count = Math.min(tileKeys, sequence.keys() - firstKey);
    loadKeys(firstKey, count);
    loadValues(firstKey, count);
    int visitors = 0;
    for (int b = 0; b < blocks; b++) {
      visitors += needs(b, tile) ? 1 : 0;
    }
    boolean shared = visitors >= WORTH_PACKING;
    boolean packed = shared && problem.headSize() <= Kernel.PACKED_STRIDE;
    if (packed) {
      kernel.packRows(keys, keyAt, keyStride, count, problem.headSize(), packedKeys);
    }
    if (shared) {
      kernel.packValues(values, valueAt, valueStride, count, columns, packedValues);
    }
    for (int b = 0; b < blocks; b++) {
      int first = needs(b, tile) ? mask.firstKey(run[b], tile) : 0;
      int end = needs(b, tile) ? mask.endKey(run[b], tile) : 0;
      if (first == end) {
        continue;
      }
      if (packed) {
        kernel.packedScores(queries[b], problem.headSize(), packedKeys, first, end, scores);
      } else {
        products(b, first, end);
      }
      adjust(b, firstKey, first, end);
      forbid(run[b], tile, first, end);
      kernel.softmax(scores, first, end, max[b], sum[b], rescale);
      if (careful) {
        kernel.accumulateWeighted(
            scores, first, end, values, valueAt, valueStride, columns, rescale, output[b]);
      } else if (shared) {
        kernel.packedAccumulate(
            scores, first, end, packedValues, count, columns, rescale, output[b]);
      } else {
        kernel.accumulate(
            scores, first, end, values, valueAt, valueStride, columns, rescale, output[b]);
      }
    }
  }

  private boolean needs(int b, int tile) {
    return run[b] < mask.firstRun(firstBlock + b + 1) && mask.runStart(run[b]) <= tile;
  }

  /** float32 keys are read without a copy. */
  private void loadKeys(int firstKey, int count) {
    Strides strides = problem.key();
    int size = problem.headSize();
    int at = sequence.key() + head / problem.group() * strides.head() + firstKey * strides.token();
    if (call.keys() instanceof Elements.Float32Elements singles) {
      keys = singles.data();
      keyAt = at;
      keyStride = strides.token();
    } else {
      call.keys().widenRows(at, strides.token(), count, size, wideKeys, size);
      keys = wideKeys;
      keyAt = 0;
      keyStride = size;
    }
  }

  /** As keys; columns beyond the value head size stay 0. */
  private void loadValues(int firstKey, int count) {
    Strides strides = problem.value();
    int size = problem.valueHeadSize();
    int at =
        sequence.value() + head / problem.group() * strides.head() + firstKey * strides.token();
    if (call.values() instanceof Elements.Float32Elements singles && columns == size) {
      values = singles.data();
      valueAt = at;
      valueStride = strides.token();
    } else {
      call.values().widenRows(at, strides.token(), count, size, wideValues, columns);
      values = wideValues;
      valueAt = 0;
      valueStride = columns;
    }
  }

  private void products(int b, int first, int end) {
    kernel.scores(queries[b], problem.headSize(), keys, keyAt, keyStride, first, end, scores);
  }

  private void forbid(int maskRun, int tile, int first, int end) {
    if (!mask.full(maskRun)) {
      kernel.forbid(scores, first, end, mask.words(), mask.wordsOffset(maskRun, tile));
    }
  }

  /** Softcap, ALiBi and bias: the steps between the products and the mask. */
  private void adjust(int b, int firstKey, int first, int end) {
    if (problem.softcap() != 0f) {
      kernel.softcap(scores, first, end, problem.softcap() * ScalarMath.LOG2_E);
    }
    float @Nullable [] slopes = problem.alibi();
    if (slopes != null) {
      // rescale is unused until softmax writes it.
      float[] positions = rescale;
      for (int lane = 0; lane < width; lane++) {
        positions[lane] = sequence.keys() - sequence.queries() + firstRow(b) + lane;
      }
      kernel.alibi(scores, first, end, slopes[head] * ScalarMath.LOG2_E, positions, firstKey);
    }
    FloatTensor dense = call.bias();
    if (dense != null) {
      int rows = rows(b);
      int lines = dense.shape().dim(2);
      for (int lane = 0; lane < rows; lane++) {
        int at =
            dense.offset(
                    dense.shape().dim(0) == 1 ? 0 : sequence.maskBatch(),
                    dense.shape().dim(1) == 1 ? 0 : head,
                    lines == 1 ? 0 : firstRow(b) + lane)
                + firstKey;
        for (int key = first; key < end; key++) {
          bias[key * width + lane] = ScalarMath.inLog2(dense.data()[at + key]);
        }
      }
      for (int lane = rows; lane < width; lane++) {
        for (int key = first; key < end; key++) {
          bias[key * width + lane] = 0f;
        }
      }
      kernel.add(scores, first, end, bias);
    }
  }

  /** Divides by the sums and writes rows; whether all are finite. */
  private boolean store(int b) {
    divide(b);
    Strides strides = problem.output();
    int to = sequence.output() + head * strides.head() + firstRow(b) * strides.token();
    return kernel.storeRows(
        output[b], problem.valueHeadSize(), rescale, rows(b), call.output(), to, strides.token());
  }

  /** Sets rescale to what a row's sum is multiplied with: one over its weights and its sink. */
  private void divide(int b) {
    int rows = rows(b);
    for (int lane = 0; lane < rows; lane++) {
      float top = max[b][lane];
      float total = sum[b][lane];
      float share = 1f;
      if (problem.sinks() != null) {
        float sink = problem.sinks()[head] * ScalarMath.LOG2_E;
        float reference = ScalarMath.finite(Math.max(top, sink));
        share = ScalarMath.exp2(top - reference);
        total = total * share + ScalarMath.exp2(sink - reference);
        top = Math.max(top, sink);
      }
      rescale[lane] = total == 0f ? 0f : share / total;
      if (call.logSumExp() != null) {
        call.logSumExp()[sequence.row() + head * problem.rowHeadStride() + firstRow(b) + lane] =
            (total == 0f ? Float.NEGATIVE_INFINITY : top + log2(total)) * ScalarMath.LN_2;
      }
      // From here on the sum is the factor that makes probabilities of weights. One logarithm of
      // maximum and sum would do, but beside scores of -1e9 it loses the sum.
      max[b][lane] = top;
      sum[b][lane] = total == 0f ? 0f : 1 / total;
    }
  }

  private static float log2(float x) {
    return (float) (Math.log(x) / Math.log(2));
  }

  private void show(TileSink observer, int b, boolean weights) {
    int block = firstBlock + b;
    int rows = rows(b);
    for (int r = mask.firstRun(block); r < mask.firstRun(block + 1); r++) {
      for (int tile = mask.runStart(r); tile < mask.runEnd(r); tile++) {
        int first = mask.firstKey(r, tile);
        int end = mask.endKey(r, tile);
        if (first == end) {
          continue;
        }
        int firstKey = tile * tileKeys;
        loadKeys(firstKey, end);
        products(b, first, end);
        adjust(b, firstKey, first, end);
        if (weights) {
          forbid(r, tile, first, end);
          kernel.weights(scores, first, end, max[b]);
        }
        int count = end - first;
        for (int lane = 0; lane < rows; lane++) {
          for (int key = 0; key < count; key++) {
            float x = scores[(first + key) * width + lane];
            transposed[lane * count + key] = weights ? x * sum[b][lane] : x * ScalarMath.LN_2;
          }
        }
        observer.tile(
            sequence.maskBatch(), head, firstRow(b), rows, firstKey + first, count, transposed);
      }
    }
  }
}
