package dev.sightline.attention;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.plan.Engine;
import dev.sightline.attention.internal.plan.Problem;
import dev.sightline.attention.internal.plan.Sequence;
import dev.sightline.attention.internal.plan.WorkerThreads;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of texts that are being generated, and the attention of their newest tokens.
 * Each batch row has its own length. Token i of a row is query i and key i of a mask over {@code
 * [B, Hq, longest, longest]}, as if the whole text were computed at once. Tokens that have not been
 * appended yet contribute nothing, so the results are those of the whole text only if the mask is
 * causal. Rotary or other position encoding of keys is up to the caller.
 *
 * <p>{@link Attention#cache} makes one. It is for one thread at a time: a call during another one
 * is refused with an IllegalStateException, and so is one after {@link #close}. Its memory doubles
 * when it is full, up to the longest length.
 */
public final class KeyValueCache implements AutoCloseable {
  private static final int FIRST_CAPACITY = 64;

  /** Of the mask of one call, which is made cell by cell. */
  private static final int MOST_CELLS = Integer.MAX_VALUE - 8;

  private final int batch;
  private final int queryHeads;
  private final int keyHeads;
  private final int headSize;
  private final int valueHeadSize;
  private final int longest;
  private final BoundMask mask;
  private final Kernel kernel;
  private final Problem problem;
  private final WorkerThreads threads;
  private final boolean ownsThreads;
  private final int[] lengths;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile boolean closed;
  private int capacity;
  private float[] keys;
  private float[] values;

  /** The engine of the last call, for as long as the strides are the same. */
  private @Nullable Engine engine;

  private int engineQueries;
  private int engineCapacity;

  KeyValueCache(
      AttentionShape shape,
      Kernel kernel,
      Problem problem,
      BoundMask mask,
      WorkerThreads threads,
      boolean ownsThreads) {
    this.batch = shape.batch();
    this.queryHeads = shape.queryHeads();
    this.keyHeads = shape.keyHeads();
    this.headSize = shape.headSize();
    this.valueHeadSize = shape.valueHeadSize();
    this.longest = shape.keys();
    this.mask = mask;
    this.kernel = kernel;
    this.problem = problem;
    this.threads = threads;
    this.ownsThreads = ownsThreads;
    this.lengths = new int[batch];
    this.capacity = Math.min(FIRST_CAPACITY, longest);
    this.keys = new float[batch * keyHeads * capacity * headSize];
    this.values = new float[batch * keyHeads * capacity * valueHeadSize];
  }

  /**
   * Returns the number of tokens of a batch row.
   *
   * @param row the batch row
   * @return its number of tokens
   * @throws IllegalArgumentException if there is no such row
   */
  public int length(int row) {
    return lengths[checkRow(row)];
  }

  /**
   * Appends tokens to each batch row.
   *
   * @param newKeys {@code [B, Hkv, n, D]}
   * @param newValues {@code [B, Hkv, n, Dv]}
   * @param counts for each row the number of tokens it takes, from the first; n is the largest
   * @throws IllegalArgumentException if an array has not the size of its shape, or a row would be
   *     longer than the longest text; then no row has changed
   * @throws IllegalStateException if another call is going on, or the cache is closed
   */
  public void append(float[] newKeys, float[] newValues, int... counts) {
    alone(() -> appendAlone(newKeys, newValues, counts));
  }

  /** Two threads at once would leave lengths and contents that do not belong together. */
  private void alone(Runnable call) {
    if (closed) {
      throw new IllegalStateException("this cache is closed");
    }
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this cache is in use already; it is for one thread at a time, make one for each");
    }
    try {
      call.run();
    } finally {
      busy.set(false);
    }
  }

  private void appendAlone(float[] newKeys, float[] newValues, int[] counts) {
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

  /**
   * Removes the tokens of a batch row from a length on, as after a draft that was not accepted.
   *
   * @param row the batch row
   * @param length the number of tokens to keep
   * @throws IllegalArgumentException if there is no such row, or it has fewer tokens
   * @throws IllegalStateException if another call is going on, or the cache is closed
   */
  public void truncate(int row, int length) {
    alone(() -> truncateAlone(row, length));
  }

  private void truncateAlone(int row, int length) {
    if (length < 0 || length > lengths[checkRow(row)]) {
      throw new IllegalArgumentException(
          "row " + row + " has " + lengths[row] + " tokens and cannot be cut to " + length);
    }
    lengths[row] = length;
  }

  /**
   * Computes attention of the newest tokens of each batch row.
   *
   * @param queries {@code [B, Hq, n, D]}; the first counts[b] queries of row b are those of its
   *     last counts[b] tokens, which have been appended before
   * @param output {@code [B, Hq, n, Dv]}, overwritten; queries beyond a count are not written
   * @param counts for each row the number of its queries; n is the largest
   * @throws IllegalArgumentException if an array has not the size of its shape, or a row has fewer
   *     tokens than queries
   * @throws IllegalStateException if another call is going on, or the cache or its threads are
   *     closed
   */
  public void attend(float[] queries, float[] output, int... counts) {
    alone(() -> attendAlone(queries, output, counts));
  }

  private void attendAlone(float[] queries, float[] output, int[] counts) {
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
    ready.run(AttentionCall.of(queries, keys, values, output).tensors);
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

  /** The mask of the new queries alone: tiles are made of whole masks. */
  private BoundMask excerpt(int b, int first, int count) {
    int heads = mask.mask().heads() == 1 ? 1 : queryHeads;
    MaskShape shape = new MaskShape(1, heads, count, lengths[b]);
    if ((long) heads * count * lengths[b] > MOST_CELLS) {
      throw new IllegalArgumentException(
          "row "
              + b
              + ": "
              + count
              + " queries over "
              + lengths[b]
              + " keys are too many for one call with a cache; attend to fewer queries at a time");
    }
    boolean[] cells = new boolean[(int) shape.cells()];
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
      ready = new Engine(kernel, threads, problem.headsFirst(n, capacity));
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

  /**
   * Ends the threads that the cache started; {@link Workers} that it was given stay open. A call
   * that is going on finishes. Closing twice does nothing more.
   */
  @Override
  public void close() {
    closed = true;
    if (ownsThreads) {
      threads.close();
    }
  }

  private static void checkSize(String what, int is, long expected) {
    if (is != expected) {
      throw new IllegalArgumentException(
          "the " + what + " have " + is + " elements, but " + expected + " are expected");
    }
  }
}
