package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of texts that are being generated, and the attention of their newest tokens.
 * Each row of the batch has its own length. Token i of a row is query i and key i of a mask over
 * {@code [B, Hq, longest, longest]}, as if the text were computed at once; of what the mask allows,
 * tokens that are not there yet contribute nothing, so a mask that looks ahead gives other results
 * than the whole text would. The rotary or other position encoding of keys is the caller's.
 *
 * <p>For one thread at a time. Memory doubles when it is full, up to the longest length.
 */
public final class KeyValueCache {
  private static final int FIRST_CAPACITY = 64;

  private final AttentionShape shape;
  private final int batch;
  private final int queryHeads;
  private final int keyHeads;
  private final int headSize;
  private final int valueHeadSize;
  private final int longest;
  private final BoundMask mask;
  private final AttentionOptions options;
  private final int[] lengths;
  private int capacity;
  private float[] keys;
  private float[] values;

  /** The engine of the last call, for as long as the strides are the same. */
  private @Nullable Engine engine;

  private int engineQueries;
  private int engineCapacity;

  private KeyValueCache(Mask mask, AttentionShape shape, AttentionOptions options) {
    this.shape = shape;
    this.batch = shape.batch();
    this.queryHeads = shape.queryHeads();
    this.keyHeads = shape.keyHeads();
    this.headSize = shape.headSize();
    this.valueHeadSize = shape.valueHeadSize();
    this.longest = shape.keys();
    this.mask = mask.over(new MaskShape(batch, queryHeads, longest, longest));
    this.options = options;
    this.lengths = new int[batch];
    this.capacity = Math.min(FIRST_CAPACITY, longest);
    this.keys = new float[batch * keyHeads * capacity * headSize];
    this.values = new float[batch * keyHeads * capacity * valueHeadSize];
  }

  /**
   * An empty cache.
   *
   * @param mask what may attend to what in a text of the longest length
   * @param shape the sizes of the longest text: as many queries as keys
   * @param options heads lie first; a layout is not an option here
   */
  public static KeyValueCache of(Mask mask, AttentionShape shape, AttentionOptions options) {
    if (shape.queries() != shape.keys()) {
      throw new IllegalArgumentException(
          "a cache is for texts of one length, as many queries as keys, but the shape is " + shape);
    }
    if (options.layout() != Layout.HEADS_FIRST) {
      throw new IllegalArgumentException(
          "a cache takes tensors with heads first, but the layout given is " + options.layout());
    }
    return new KeyValueCache(mask, shape, options);
  }

  /** The number of tokens of a row. */
  public int length(int row) {
    return lengths[checkRow(row)];
  }

  /**
   * Appends tokens to each row.
   *
   * @param newKeys {@code [B, Hkv, n, D]}
   * @param newValues {@code [B, Hkv, n, Dv]}
   * @param counts how many of the n tokens each row takes, from the first; n is the greatest
   * @throws IllegalArgumentException if a row would be longer than the longest; then no row has
   *     changed
   */
  public void append(float[] newKeys, float[] newValues, int... counts) {
    int n = checkCounts(counts);
    checkSize("keys", newKeys.length, (long) batch * keyHeads * n * headSize);
    checkSize("values", newValues.length, (long) batch * keyHeads * n * valueHeadSize);
    int needed = 0;
    for (int b = 0; b < batch; b++) {
      if (counts[b] > longest - lengths[b]) {
        throw new IllegalArgumentException(
            "row "
                + b
                + " has "
                + lengths[b]
                + " tokens and cannot take "
                + counts[b]
                + " more: the longest text is "
                + longest);
      }
      needed = Math.max(needed, lengths[b] + counts[b]);
    }
    if (needed > capacity) {
      int larger = (int) Math.min(longest, Math.max(2L * capacity, needed));
      keys = grown(keys, headSize, larger);
      values = grown(values, valueHeadSize, larger);
      capacity = larger;
    }
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < keyHeads; h++) {
        int from = (b * keyHeads + h) * n;
        int to = (b * keyHeads + h) * capacity + lengths[b];
        System.arraycopy(newKeys, from * headSize, keys, to * headSize, counts[b] * headSize);
        System.arraycopy(
            newValues, from * valueHeadSize, values, to * valueHeadSize, counts[b] * valueHeadSize);
      }
      lengths[b] += counts[b];
    }
  }

  private float[] grown(float[] old, int size, int larger) {
    float[] grown = new float[batch * keyHeads * larger * size];
    for (int row = 0; row < batch * keyHeads; row++) {
      int used = lengths[row / keyHeads] * size;
      System.arraycopy(old, row * capacity * size, grown, row * larger * size, used);
    }
    return grown;
  }

  /** Forgets the tokens of a row from a length on, as after a draft that was not accepted. */
  public void truncate(int row, int length) {
    if (length < 0 || length > lengths[checkRow(row)]) {
      throw new IllegalArgumentException(
          "row " + row + " has " + lengths[row] + " tokens and cannot be cut to " + length);
    }
    lengths[row] = length;
  }

  /**
   * Attention of the newest tokens of each row.
   *
   * @param queries {@code [B, Hq, n, D]}; row b's first counts[b] queries are those of its last
   *     counts[b] tokens, which have been appended before
   * @param output {@code [B, Hq, n, Dv]}; rows beyond a count keep what they hold
   * @param counts the number of queries of each row; n is the greatest
   */
  public void attend(float[] queries, float[] output, int... counts) {
    int n = checkCounts(counts);
    checkSize("queries", queries.length, (long) batch * queryHeads * n * headSize);
    checkSize("output", output.length, (long) batch * queryHeads * n * valueHeadSize);
    List<Sequence> sequences = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      if (counts[b] > lengths[b]) {
        throw new IllegalArgumentException(
            "row "
                + b
                + " has "
                + lengths[b]
                + " tokens, but "
                + counts[b]
                + " queries were given");
      }
      if (counts[b] > 0) {
        sequences.add(sequence(b, counts[b], n));
      }
    }
    if (sequences.isEmpty()) {
      return;
    }
    Engine ready = engine(n);
    ready.schedule(sequences);
    ready.run(
        AttentionCall.of(Elements.of(queries), Elements.of(keys), Elements.of(values), output));
  }

  private Sequence sequence(int b, int count, int n) {
    int first = lengths[b] - count;
    boolean few = count <= Engine.FEW;
    return new Sequence(
        few ? mask : excerpt(b, first, count),
        few ? b : 0,
        few ? first : 0,
        count,
        lengths[b],
        b * queryHeads * n * headSize,
        b * keyHeads * capacity * headSize,
        b * keyHeads * capacity * valueHeadSize,
        b * queryHeads * n * valueHeadSize,
        0);
  }

  /** The mask of a few new rows: tiles are made of whole masks, and most of this one is history. */
  private BoundMask excerpt(int b, int first, int count) {
    int heads = mask.mask().heads() == 1 ? 1 : queryHeads;
    MaskShape shape = new MaskShape(1, heads, count, lengths[b]);
    boolean[] cells = new boolean[Math.toIntExact(shape.cells())];
    for (int h = 0; h < heads; h++) {
      int from = h * count - first;
      mask.rows(
          b,
          h,
          first,
          first + count,
          (query, bounds, runs) -> {
            int at = (from + query) * lengths[b];
            for (int run = 0; run < runs; run++) {
              int end = Math.min(bounds[2 * run + 1], lengths[b]);
              if (bounds[2 * run] < end) {
                Arrays.fill(cells, at + bounds[2 * run], at + end, true);
              }
            }
          });
    }
    return BooleanMask.toMask(Polarity.TRUE_ATTENDS, shape, cells)
        .over(new MaskShape(1, queryHeads, count, lengths[b]));
  }

  private Engine engine(int n) {
    Engine ready = engine;
    if (ready == null || engineQueries != n || engineCapacity != capacity) {
      ready = options.engine(options.problem(shape, n, capacity));
      engine = ready;
      engineQueries = n;
      engineCapacity = capacity;
    }
    return ready;
  }

  private int checkRow(int row) {
    if (row < 0 || row >= batch) {
      throw new IllegalArgumentException("row " + row + " is out of range: there are " + batch);
    }
    return row;
  }

  private int checkCounts(int[] counts) {
    if (counts.length != batch) {
      throw new IllegalArgumentException(
          "there must be a count for each of the "
              + batch
              + " rows, but there are "
              + counts.length);
    }
    int most = 0;
    for (int count : counts) {
      if (count < 0) {
        throw new IllegalArgumentException("a count must not be negative, but is " + count);
      }
      most = Math.max(most, count);
    }
    return most;
  }

  private static void checkSize(String what, int is, long expected) {
    if (is != expected) {
      throw new IllegalArgumentException(
          "the " + what + " have " + is + " elements, but " + expected + " are expected");
    }
  }
}
