package dev.sightline.attention;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of a plan on its workers: many queries in blocks, few queries along their keys.
 * Items are taken one after the other by whoever is free.
 */
final class Engine {
  /**
   * Keys of a tile: a multiple of 32 for the bits of a mask and of {@link Kernel#PANEL}. From 96 to
   * 384 it makes no difference that can be told from noise.
   */
  static final int TILE_KEYS = 192;

  /**
   * A tile of keys and values is packed for so many queries at most. Measured at L 2048, GFLOP/s
   * for D 64 and 128: 73 and 79 with 256 queries, 71 and 81 with 512, 80 and 86 with 1024, 74 and
   * 78 with 2048, whose sums no cache holds.
   */
  private static final int MOST_QUERIES_AT_ONCE = 1024;

  /** And for so many at least. */
  private static final int FEWEST_QUERIES_AT_ONCE = 64;

  /** With so many items for each thread none of them waits long for the last. */
  private static final int ITEMS_A_THREAD = 4;

  /**
   * Up to so many queries a sequence is read along its keys. A block of queries would be mostly
   * empty, and reading is all there is to do.
   */
  static final int FEW = 4;

  private final Kernel kernel;
  private final Problem problem;
  private final Workers workers;
  private final RowRunner[] rowRunners;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger nextMerge = new AtomicInteger();
  private final Workers.Job attend = this::attend;
  private final Workers.Job merge = this::merge;

  /** One for each worker, for as many blocks as items have had so far. */
  private BlockRunner[] blockRunners = {};

  private int runnerBlocks;
  private List<Sequence> sequences = List.of();
  private @Nullable Schedule blocks;
  private @Nullable RowSchedule rows;

  /** All sequences as blocks: an observer sees tiles, and few queries have none otherwise. */
  private @Nullable Schedule observed;

  private @Nullable AttentionCall call;

  Engine(@Nullable Provider provider, @Nullable Workers workers, Problem problem) {
    this.kernel = provider == null ? Kernels.kernel() : Kernels.of(provider);
    this.problem = problem;
    this.workers = workers == null ? new Workers(1) : workers;
    this.rowRunners = new RowRunner[this.workers.threads()];
    for (int w = 0; w < rowRunners.length; w++) {
      rowRunners[w] = new RowRunner(kernel.rows(), problem);
    }
  }

  /** What the next runs compute. */
  void schedule(List<Sequence> sequences) {
    this.sequences = sequences;
    List<Sequence> many = sequences.stream().filter(s -> s.queries() > FEW).toList();
    List<Sequence> few = sequences.stream().filter(s -> s.queries() <= FEW).toList();
    blocks = many.isEmpty() ? null : blocks(many);
    rows = few.isEmpty() ? null : RowSchedule.of(problem, few);
    observed = null;
  }

  private Schedule blocks(List<Sequence> some) {
    long queries = 0;
    for (Sequence sequence : some) {
      queries += (long) sequence.queries() * problem.queryHeads();
    }
    long share = queries / ((long) workers.threads() * ITEMS_A_THREAD);
    int atOnce = Math.clamp(share, FEWEST_QUERIES_AT_ONCE, MOST_QUERIES_AT_ONCE);
    int blocksAtOnce = Math.max(1, atOnce / kernel.width());
    Schedule schedule =
        Schedule.of(some, problem.queryHeads(), kernel.width(), TILE_KEYS, blocksAtOnce);
    // A plan of short texts does not set aside what long ones need, one of single queries nothing.
    if (schedule.mostBlocks() > runnerBlocks) {
      runnerBlocks = schedule.mostBlocks();
      blockRunners = new BlockRunner[workers.threads()];
      for (int w = 0; w < blockRunners.length; w++) {
        blockRunners[w] = new BlockRunner(kernel, problem, TILE_KEYS, runnerBlocks);
      }
    }
    return schedule;
  }

  /**
   * Computes.
   *
   * @throws IllegalStateException if another run goes on
   */
  void run(AttentionCall call) {
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this plan is running already; it is for one run at a time, make one for each thread");
    }
    try {
      this.call = call;
      if (observing(call) && observed == null) {
        observed = rows == null ? blocks : blocks(sequences);
      }
      next.set(0);
      nextMerge.set(0);
      workers.run(attend);
      if (rows != null && !observing(call)) {
        workers.run(merge);
      }
    } finally {
      this.call = null;
      busy.set(false);
    }
  }

  private static boolean observing(AttentionCall call) {
    return call.probabilities != null || call.scores != null;
  }

  private void attend(int worker) {
    AttentionCall mine = Objects.requireNonNull(call);
    boolean observing = observing(mine);
    Schedule blocks = observing ? observed : this.blocks;
    RowSchedule rows = observing ? null : this.rows;
    int blockItems = blocks == null ? 0 : blocks.items().size();
    int items = blockItems + (rows == null ? 0 : rows.items());
    for (int i = next.getAndIncrement(); i < items; i = next.getAndIncrement()) {
      if (blocks != null && i < blockItems) {
        blockRunners[worker].run(mine, blocks.items().get(i));
      } else if (rows != null) {
        rowRunners[worker].run(mine, rows, i - blockItems);
      }
    }
  }

  private void merge(int worker) {
    AttentionCall mine = Objects.requireNonNull(call);
    RowSchedule rows = Objects.requireNonNull(this.rows);
    int heads = problem.queryHeads();
    int items = rows.sequences().size() * heads;
    for (int i = nextMerge.getAndIncrement(); i < items; i = nextMerge.getAndIncrement()) {
      int sequence = i / heads;
      for (int row = 0; row < rows.sequences().get(sequence).queries(); row++) {
        rowRunners[worker].merge(mine, rows, sequence, i % heads, row);
      }
    }
  }
}
