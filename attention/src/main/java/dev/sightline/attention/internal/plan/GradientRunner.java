package dev.sightline.attention.internal.plan;

import dev.sightline.attention.internal.kernel.GradientKernel;
import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.kernel.RowPanels;
import dev.sightline.attention.internal.kernel.ScalarMath;
import dev.sightline.attention.internal.plan.GradientSchedule.Item;
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
 * <p>Tiles that the mask empties are skipped. Each worker has a runner of its own, which holds a
 * head's queries, the tile, and the sums over queries.
 */
final class GradientRunner {
  private static final int TILE_KEYS = GradientSchedule.TILE_KEYS;

  /** The queries whose products are summed in registers, before a sum is stored. */
  private static final int QUERIES_AT_ONCE = 128;

  /** The queries that are loaded at once: a thread needs no more memory for longer texts. */
  private static final int LOADED_QUERIES = 512;

  private final Kernel kernel;
  private final GradientKernel gradients;
  private final Problem problem;
  private final int width;

  /** Columns of the gradients of queries. */
  private final int queryColumns;

  private final int keyStride;
  private final int valueStride;

  private final GradientQueries queries;

  /** Of each loaded block, the run of tiles that is next. */
  private final int[] run;

  private final float[] keys;
  private final float[] values;
  private final float[] keyPanels;
  private final RowPanels keySums;
  private final RowPanels valueSums;

  /** Of the blocks that visit a tile together: block, keys [first, end), tiles, offsets of rows. */
  private final int[] visitor;

  private final int[] first;
  private final int[] end;
  private final float[][] weights;
  private final float[][] products;
  private final int[] rows;

  private final float[] capped;
  private final float[] positions;
  private final float[] ones;

  /** Set for each item. */
  private GradientCall call;

  private Item item;
  private boolean careful;

  /** The loaded blocks of a part: the first, and how many. */
  private int loadedFrom;

  private int loadedBlocks;

  @SuppressWarnings("NullAway.Init") // set by run(), before anything reads them
  GradientRunner(Kernel kernel, Problem problem, int mostBlocks, int mostTiles) {
    this.kernel = kernel;
    this.gradients = kernel.gradients();
    this.problem = problem;
    this.width = kernel.width();
    int size = problem.headSize();
    int valueSize = problem.valueHeadSize();
    this.queryColumns = Kernel.padded(size);
    this.keyStride = Math.max(Kernel.PACKED_STRIDE, queryColumns);
    this.valueStride = Math.max(Kernel.PACKED_STRIDE, valueSize);
    int loaded = Math.min(mostBlocks, LOADED_QUERIES / width);
    this.queries = new GradientQueries(kernel, problem, loaded);
    this.run = new int[loaded];
    this.keys = new float[(TILE_KEYS + Kernel.PANEL) * keyStride];
    this.values = new float[(TILE_KEYS + Kernel.PANEL) * valueStride];
    this.keyPanels = new float[TILE_KEYS * queryColumns];
    int mostKeys = Math.multiplyExact(mostTiles, TILE_KEYS);
    this.keySums = new RowPanels(mostKeys, size, width);
    this.valueSums = new RowPanels(mostKeys, valueSize, width);
    int visitors = Math.max(1, QUERIES_AT_ONCE / width);
    this.visitor = new int[visitors];
    this.first = new int[visitors];
    this.end = new int[visitors];
    this.weights = new float[visitors][(TILE_KEYS + Kernel.SPARE_KEYS) * width];
    this.products = new float[visitors][(TILE_KEYS + Kernel.SPARE_KEYS) * width];
    this.rows = new int[visitors];
    this.capped = new float[problem.softcap() == 0f ? 0 : TILE_KEYS * width];
    this.positions = new float[width];
    this.ones = new float[width];
    Arrays.fill(ones, 1f);
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
    for (int key = 0; key < count; key++, at += k.token()) {
      keySums.get(key, problem.scale(), call.keyGradient(), at, problem.headSize());
    }
    Strides v = problem.value();
    at = item.sequence().value() + item.keyHead() * v.head() + firstKey * v.token();
    for (int key = 0; key < count; key++, at += v.token()) {
      valueSums.get(key, 1f, call.valueGradient(), at, problem.valueHeadSize());
    }
  }

  /** Whether all gradients are finite. */
  private boolean differentiate() {
    keySums.clear();
    valueSums.clear();
    boolean sound = true;
    for (Part part : item.parts()) {
      int blocks = part.gradients().length;
      for (loadedFrom = 0; loadedFrom < blocks; loadedFrom += run.length) {
        loadedBlocks = Math.min(run.length, blocks - loadedFrom);
        for (int b = 0; b < loadedBlocks; b++) {
          queries.load(call, item.sequence(), part, loadedFrom, b);
          Arrays.fill(part.gradients()[loadedFrom + b], 0f);
          run[b] = part.mask().firstRun(part.firstBlock() + loadedFrom + b);
        }
        for (int tile = item.firstTile(); tile < item.endTile(); tile++) {
          visit(part, tile);
        }
      }
      for (float[] block : part.gradients()) {
        sound &= kernel.settle(block);
      }
    }
    sound &= keySums.settle(kernel);
    sound &= valueSums.settle(kernel);
    return sound;
  }

  private void visit(Part part, int tile) {
    MaskBlocks mask = part.mask();
    boolean loaded = false;
    int visitors = 0;
    for (int b = 0; b < loadedBlocks; b++) {
      int lastRun = mask.firstRun(part.firstBlock() + loadedFrom + b + 1);
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
      float[] to = part.gradients()[loadedFrom + b];
      if (careful) {
        kernel.accumulateWeighted(
            products[n], first[n], end[n], keys, 0, keyStride, queryColumns, ones, to);
      } else {
        kernel.packedAccumulate(
            products[n], first[n], end[n], keyPanels, count, queryColumns, ones, to);
      }
      rows[n] = b * width;
    }
    int at = (tile - item.firstTile()) * TILE_KEYS;
    sum(weights, visitors, low, high, queries.gradientRows, valueSums, at);
    sum(products, visitors, low, high, queries.queryRows, keySums, at);
  }

  private void clear(float[] tile, int low, int first, int end, int high) {
    Arrays.fill(tile, low * width, first * width, 0f);
    Arrays.fill(tile, end * width, high * width, 0f);
  }

  private void sum(
      float[][] tiles, int blocks, int low, int high, RowPanels from, RowPanels sums, int at) {
    if (careful) {
      gradients.accumulateRowsWeighted(tiles, blocks, low, high, from, rows, sums, at);
    } else {
      gradients.accumulateRows(tiles, blocks, low, high, from, rows, sums, at);
    }
  }

  /** The probabilities and the gradients of the scores of one visitor. */
  private void scoreGradients(Part part, int tile, int n) {
    int b = visitor[n];
    int from = first[n];
    int until = end[n];
    float[] scores = weights[n];
    products(queries.queries[b], problem.headSize(), keys, keyStride, from, until, scores);
    float cap = problem.softcap() * ScalarMath.LOG2_E;
    if (cap != 0f) {
      kernel.softcap(scores, from, until, cap);
      System.arraycopy(scores, from * width, capped, from * width, (until - from) * width);
    }
    float @Nullable [] slopes = problem.alibi();
    if (slopes != null) {
      Sequence sequence = item.sequence();
      int firstRow = (part.firstBlock() + loadedFrom + b) * width;
      for (int lane = 0; lane < width; lane++) {
        positions[lane] = sequence.keys() - sequence.queries() + firstRow + lane;
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
        queries.outputGradients[b],
        problem.valueHeadSize(),
        values,
        valueStride,
        from,
        until,
        slopesOfScores);
    gradients.scoreGradients(
        scores, slopesOfScores, from, until, queries.logSumExp[b], queries.shares[b]);
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
}
