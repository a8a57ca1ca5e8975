package dev.sightline.attention.internal.plan;

import dev.sightline.attention.internal.kernel.GradientKernel;
import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.kernel.ScalarMath;
import dev.sightline.attention.internal.plan.GradientSchedule.Item;
import dev.sightline.attention.internal.plan.GradientSchedule.Merge;
import dev.sightline.attention.internal.plan.GradientSchedule.Part;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass of a stretch of keys, tile by tile (FlashAttention-2, Dao 2023, algorithm 2).
 * Probabilities P are computed again from the scores and the log-sum-exp of the forward pass. With
 * the gradient dO of the output O:
 *
 * <pre>
 * dV = P^T dO    dP = dO V^T    dS = P * (dP - rowsum(dO * O))    dQ = scale dS K    dK = scale dS^T Q
 * </pre>
 *
 * <p>Tiles that the mask empties are skipped. Each worker has a runner of its own, which holds the
 * tile, the sums over queries, and a head's queries and gradients of outputs in both orders.
 */
final class GradientRunner {
  private static final int TILE_KEYS = GradientSchedule.TILE_KEYS;

  /** The queries whose products are summed in registers, before a sum is stored. */
  private static final int QUERIES_AT_ONCE = 64;

  private final Kernel kernel;
  private final GradientKernel gradients;
  private final Problem problem;
  private final int width;

  /** Columns of rows and sums: head sizes rounded up to the width. */
  private final int keyColumns;

  private final int valueColumns;

  /** Columns of the gradients of queries. */
  private final int queryColumns;

  private final int keyStride;
  private final int valueStride;

  private final float[][] queries;
  private final float[][] outputGradients;
  private final float[] queryRows;
  private final float[] gradientRows;
  private final float[][] logSumExp;
  private final float[][] shares;
  private final int[] run;

  private final float[] keys;
  private final float[] values;
  private final float[] keyPanels;
  private final float[] keySums;
  private final float[] valueSums;

  /** Of the blocks that visit a tile together: block, keys [first, end), tiles, offsets of rows. */
  private final int[] visitor;

  private final int[] first;
  private final int[] end;
  private final float[][] weights;
  private final float[][] products;
  private final int[] queryRowsAt;
  private final int[] gradientRowsAt;

  private final float[] capped;
  private final float[] positions;
  private final float[] ones;
  private final float[] merged;

  /** Set for each item. */
  private GradientCall call;

  private Item item;
  private boolean careful;

  @SuppressWarnings("NullAway.Init") // set by run(), before anything reads them
  GradientRunner(Kernel kernel, Problem problem, int mostBlocks, int mostTiles) {
    this.kernel = kernel;
    this.gradients = kernel.gradients();
    this.problem = problem;
    this.width = kernel.width();
    int size = problem.headSize();
    int valueSize = problem.valueHeadSize();
    this.keyColumns = Math.ceilDiv(size, width) * width;
    this.valueColumns = Math.ceilDiv(valueSize, width) * width;
    this.queryColumns = Kernel.padded(size);
    this.keyStride = Math.max(Kernel.PACKED_STRIDE, queryColumns);
    this.valueStride = Math.max(Kernel.PACKED_STRIDE, valueSize);
    this.queries = new float[mostBlocks][size * width];
    this.outputGradients = new float[mostBlocks][valueSize * width];
    this.queryRows = new float[Math.multiplyExact(mostBlocks * width, keyColumns)];
    this.gradientRows = new float[Math.multiplyExact(mostBlocks * width, valueColumns)];
    this.logSumExp = new float[mostBlocks][width];
    this.shares = new float[mostBlocks][width];
    this.run = new int[mostBlocks];
    this.keys = new float[(TILE_KEYS + Kernel.PANEL) * keyStride];
    this.values = new float[(TILE_KEYS + Kernel.PANEL) * valueStride];
    this.keyPanels = new float[TILE_KEYS * queryColumns];
    this.keySums = new float[mostTiles * TILE_KEYS * keyColumns];
    this.valueSums = new float[mostTiles * TILE_KEYS * valueColumns];
    int visitors = Math.max(1, QUERIES_AT_ONCE / width);
    this.visitor = new int[visitors];
    this.first = new int[visitors];
    this.end = new int[visitors];
    this.weights = new float[visitors][(TILE_KEYS + Kernel.SPARE_KEYS) * width];
    this.products = new float[visitors][(TILE_KEYS + Kernel.SPARE_KEYS) * width];
    this.queryRowsAt = new int[visitors];
    this.gradientRowsAt = new int[visitors];
    this.capped = new float[problem.softcap() == 0f ? 0 : TILE_KEYS * width];
    this.positions = new float[width];
    this.ones = new float[width];
    Arrays.fill(ones, 1f);
    this.merged = new float[queryColumns * width];
  }

  void run(GradientCall call, Item item) {
    this.call = call;
    this.item = item;
    this.careful = false;
    if (!differentiate()) {
      // As in the forward pass: a number is not finite, perhaps 0 * infinity of a masked key.
      this.careful = true;
      differentiate();
    }
    int firstKey = item.firstTile() * TILE_KEYS;
    int count = Math.min(item.tiles() * TILE_KEYS, item.sequence().keys() - firstKey);
    Strides k = problem.key();
    int at = item.sequence().key() + item.keyHead() * k.head() + firstKey * k.token();
    store(
        keySums, keyColumns, problem.headSize(), problem.scale(), call.keyGradient(), at, k, count);
    Strides v = problem.value();
    at = item.sequence().value() + item.keyHead() * v.head() + firstKey * v.token();
    store(valueSums, valueColumns, problem.valueHeadSize(), 1f, call.valueGradient(), at, v, count);
  }

  private static void store(
      float[] sums, int columns, int size, float factor, float[] to, int at, Strides s, int keys) {
    for (int key = 0; key < keys; key++) {
      for (int d = 0; d < size; d++) {
        to[at + key * s.token() + d] = sums[key * columns + d] * factor;
      }
    }
  }

  /** Whether all gradients are finite. */
  private boolean differentiate() {
    Arrays.fill(keySums, 0f);
    Arrays.fill(valueSums, 0f);
    boolean sound = true;
    for (Part part : item.parts()) {
      int blocks = part.gradients().length;
      for (int b = 0; b < blocks; b++) {
        load(part, b);
        Arrays.fill(part.gradients()[b], 0f);
        run[b] = part.mask().firstRun(part.firstBlock() + b);
      }
      for (int tile = item.firstTile(); blocks > 0 && tile < item.endTile(); tile++) {
        visit(part, tile);
      }
      for (float[] block : part.gradients()) {
        sound &= kernel.settle(block);
      }
    }
    sound &= kernel.settle(keySums);
    sound &= kernel.settle(valueSums);
    return sound;
  }

  private int firstRow(Part part, int b) {
    return (part.firstBlock() + b) * width;
  }

  /** Loads a block of queries, with what belongs to its rows. Rows that do not exist are zeros. */
  private void load(Part part, int b) {
    Sequence sequence = item.sequence();
    int row = firstRow(part, b);
    int rows = Math.min(width, sequence.queries() - row);
    int size = problem.headSize();
    int valueSize = problem.valueHeadSize();
    int queryAt = b * width * keyColumns;
    int gradientAt = b * width * valueColumns;
    if (rows < width) {
      Arrays.fill(queries[b], 0f);
      Arrays.fill(outputGradients[b], 0f);
      Arrays.fill(queryRows, queryAt, queryAt + width * keyColumns, 0f);
      Arrays.fill(gradientRows, gradientAt, gradientAt + width * valueColumns, 0f);
      // A probability of 0 for any score.
      Arrays.fill(logSumExp[b], Float.POSITIVE_INFINITY);
      Arrays.fill(shares[b], 0f);
    }
    Strides q = problem.query();
    Strides o = problem.output();
    int from = sequence.query() + part.head() * q.head() + row * q.token();
    int outputFrom = sequence.output() + part.head() * o.head() + row * o.token();
    int sumsFrom = sequence.row() + part.head() * problem.rowHeadStride() + row;
    for (int lane = 0; lane < rows; lane++) {
      int to = queryAt + lane * keyColumns;
      call.forward().queries().widen(from + lane * q.token(), queryRows, to, size);
      int at = outputFrom + lane * o.token();
      to = gradientAt + lane * valueColumns;
      System.arraycopy(call.outputGradient(), at, gradientRows, to, valueSize);
      shares[b][lane] = dot(call.outputGradient(), call.forward().output(), at, valueSize);
      logSumExp[b][lane] = call.logSumExp()[sumsFrom + lane] / ScalarMath.LN_2;
    }
    float factor = problem.scale() * ScalarMath.LOG2_E;
    kernel.loadRows(queryRows, queryAt, keyColumns, rows, size, factor, queries[b]);
    kernel.loadRows(
        gradientRows, gradientAt, valueColumns, rows, valueSize, 1f, outputGradients[b]);
  }

  /** Four sums, since one addition would wait for the other. */
  private static float dot(float[] x, float[] y, int at, int count) {
    float a = 0f;
    float b = 0f;
    float c = 0f;
    float e = 0f;
    int i = at;
    for (; i < at + count - 3; i += 4) {
      a += x[i] * y[i];
      b += x[i + 1] * y[i + 1];
      c += x[i + 2] * y[i + 2];
      e += x[i + 3] * y[i + 3];
    }
    for (; i < at + count; i++) {
      a += x[i] * y[i];
    }
    return a + b + (c + e);
  }

  private void visit(Part part, int tile) {
    MaskBlocks mask = part.mask();
    boolean loaded = false;
    int visitors = 0;
    for (int b = 0; b < part.gradients().length; b++) {
      int lastRun = mask.firstRun(part.firstBlock() + b + 1);
      while (run[b] < lastRun && mask.runEnd(run[b]) <= tile) {
        run[b]++;
      }
      if (run[b] == lastRun || mask.runStart(run[b]) > tile) {
        continue;
      }
      first[visitors] = mask.firstKey(run[b], tile);
      end[visitors] = mask.endKey(run[b], tile);
      if (first[visitors] == end[visitors]) {
        continue;
      }
      visitor[visitors++] = b;
      if (!loaded) {
        loadTile(tile);
        loaded = true;
      }
      if (visitors == visitor.length) {
        add(part, tile, visitors);
        visitors = 0;
      }
    }
    if (visitors > 0) {
      add(part, tile, visitors);
    }
  }

  private void loadTile(int tile) {
    Sequence sequence = item.sequence();
    int firstKey = tile * TILE_KEYS;
    int count = Math.min(TILE_KEYS, sequence.keys() - firstKey);
    Strides k = problem.key();
    Strides v = problem.value();
    int at = sequence.key() + item.keyHead() * k.head() + firstKey * k.token();
    Call forward = call.forward();
    forward.keys().widenRows(at, k.token(), count, problem.headSize(), keys, keyStride);
    at = sequence.value() + item.keyHead() * v.head() + firstKey * v.token();
    forward.values().widenRows(at, v.token(), count, problem.valueHeadSize(), values, valueStride);
    kernel.packValues(keys, 0, keyStride, count, queryColumns, keyPanels);
  }

  /** Adds what some blocks of queries and the tile's keys give each other. */
  private void add(Part part, int tile, int visitors) {
    int low = TILE_KEYS;
    int high = 0;
    for (int n = 0; n < visitors; n++) {
      low = Math.min(low, first[n]);
      high = Math.max(high, end[n]);
    }
    low = low / GradientKernel.KEYS * GradientKernel.KEYS;
    high = Math.ceilDiv(high, GradientKernel.KEYS) * GradientKernel.KEYS;
    int count = Math.min(TILE_KEYS, item.sequence().keys() - tile * TILE_KEYS);
    for (int n = 0; n < visitors; n++) {
      int b = visitor[n];
      scoreGradients(part, tile, n);
      clear(weights[n], low, first[n], end[n], high);
      clear(products[n], low, first[n], end[n], high);
      float[] to = part.gradients()[b];
      if (careful) {
        kernel.accumulateWeighted(
            products[n], first[n], end[n], keys, 0, keyStride, queryColumns, ones, to);
      } else {
        kernel.packedAccumulate(
            products[n], first[n], end[n], keyPanels, count, queryColumns, ones, to);
      }
      queryRowsAt[n] = b * width * keyColumns;
      gradientRowsAt[n] = b * width * valueColumns;
    }
    int at = (tile - item.firstTile()) * TILE_KEYS;
    sum(weights, visitors, low, high, gradientRows, gradientRowsAt, valueColumns, valueSums, at);
    sum(products, visitors, low, high, queryRows, queryRowsAt, keyColumns, keySums, at);
  }

  private void clear(float[] tile, int low, int first, int end, int high) {
    Arrays.fill(tile, low * width, first * width, 0f);
    Arrays.fill(tile, end * width, high * width, 0f);
  }

  private void sum(
      float[][] tiles,
      int blocks,
      int low,
      int high,
      float[] rows,
      int[] rowsAt,
      int columns,
      float[] sums,
      int firstSum) {
    int at = firstSum * columns;
    if (careful) {
      gradients.accumulateRowsWeighted(tiles, blocks, low, high, rows, rowsAt, columns, sums, at);
    } else {
      gradients.accumulateRows(tiles, blocks, low, high, rows, rowsAt, columns, sums, at);
    }
  }

  /** The probabilities and the gradients of the scores of one visitor. */
  private void scoreGradients(Part part, int tile, int n) {
    int b = visitor[n];
    int from = first[n];
    int until = end[n];
    float[] scores = weights[n];
    products(queries[b], problem.headSize(), keys, keyStride, from, until, scores);
    float cap = problem.softcap() * ScalarMath.LOG2_E;
    if (cap != 0f) {
      kernel.softcap(scores, from, until, cap);
      System.arraycopy(scores, from * width, capped, from * width, (until - from) * width);
    }
    float @Nullable [] slopes = problem.alibi();
    if (slopes != null) {
      Sequence sequence = item.sequence();
      for (int lane = 0; lane < width; lane++) {
        positions[lane] = sequence.keys() - sequence.queries() + firstRow(part, b) + lane;
      }
      float slope = slopes[part.head()] * ScalarMath.LOG2_E;
      kernel.alibi(scores, from, until, slope, positions, tile * TILE_KEYS);
    }
    if (!part.mask().full(run[b])) {
      int words = part.mask().wordsOffset(run[b], tile);
      kernel.forbid(scores, from, until, part.mask().words(), words);
    }
    float[] slopesOfScores = products[n];
    products(
        outputGradients[b],
        problem.valueHeadSize(),
        values,
        valueStride,
        from,
        until,
        slopesOfScores);
    gradients.scoreGradients(scores, slopesOfScores, from, until, logSumExp[b], shares[b]);
    if (cap != 0f) {
      // The derivative of cap * tanh(x / cap) is 1 - tanh^2. A masked score may be anything.
      for (int i = from * width; i < until * width; i++) {
        float tanh = capped[i] / cap;
        slopesOfScores[i] = slopesOfScores[i] == 0f ? 0f : slopesOfScores[i] * (1 - tanh * tanh);
      }
    }
  }

  private void products(
      float[] lanes, int size, float[] rows, int stride, int from, int until, float[] to) {
    if (stride == Kernel.PACKED_STRIDE) {
      kernel.packedScores(lanes, size, rows, from, until, to);
    } else {
      kernel.scores(lanes, size, rows, 0, stride, from, until, to);
    }
  }

  /** Adds the parts of a head's gradients, and writes them as rows. */
  void merge(GradientCall call, Merge merge) {
    Sequence sequence = merge.sequence();
    Strides q = problem.query();
    Arrays.fill(positions, problem.scale());
    for (int row = 0; row < sequence.queries(); row += width) {
      int block = row / width;
      Arrays.fill(merged, 0f);
      for (Part part : merge.parts()) {
        if (block >= part.firstBlock() && block < part.endBlock()) {
          float[] gradients = part.gradients()[block - part.firstBlock()];
          for (int i = 0; i < merged.length; i++) {
            merged[i] += gradients[i];
          }
        }
      }
      int rows = Math.min(width, sequence.queries() - row);
      int to = sequence.query() + merge.head() * q.head() + row * q.token();
      kernel.storeRows(
          merged, problem.headSize(), positions, rows, call.queryGradient(), to, q.token());
    }
  }
}
