package dev.sightline.attention.internal.plan;

import dev.sightline.attention.internal.kernel.Kernel;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of a plan on its threads: many queries in blocks, few queries along their keys. A
 * free thread takes the next item.
 */
public final class Engine {
  /**
   * Keys of a tile: a multiple of 32 for the bits of a mask and of {@link Kernel#PANEL}. From 96 to
   * 384 no difference could be measured.
   */
  public static final int TILE_KEYS = 192;

  /**
   * The most queries for which a tile of keys and values is packed once. Measured at L 2048,
   * GFLOP/s for D 64 and 128: 73 and 79 with 256 queries, 71 and 81 with 512, 80 and 86 with 1024,
   * 74 and 78 with 2048, whose sums no cache holds.
   */
  private static final int MOST_QUERIES_AT_ONCE = 1024;

  /** The fewest. */
  private static final int FEWEST_QUERIES_AT_ONCE = 64;

  /** With this many items for each thread no thread waits long for the last item. */
  private static final int ITEMS_A_THREAD = 4;

  /**
   * A sequence of at most this many queries is computed along its keys. A block of queries would be
   * mostly empty, and the work is bound by reading.
   */
  public static final int FEW = 4;

  private final Kernel kernel;
  private final Problem problem;
  private final WorkerThreads workers;
  private final RowRunner[] rowRunners;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger nextMerge = new AtomicInteger();

  /** Made once, since a run allocates nothing. */
  private final WorkerThreads.Job[] attendOnly = {this::attend};

  private final WorkerThreads.Job[] attendAndMerge = {attendOnly[0], this::merge};

  /** One for each worker, with room for the most blocks that an item has had so far. */
  private BlockRunner[] blockRunners = {};

  private int runnerBlocks;
  private List<Sequence> sequences = List.of();
  private @Nullable BlockSchedule blocks;
  private @Nullable RowSchedule rows;

  /** All sequences as blocks, for observers: few queries have no tiles otherwise. */
  private @Nullable BlockSchedule observed;

  private @Nullable Call call;

  public Engine(Kernel kernel, WorkerThreads workers, Problem problem) {
    this.kernel = kernel;
    this.problem = problem;
    this.workers = workers;
    this.rowRunners = new RowRunner[workers.count()];
    for (int w = 0; w < rowRunners.length; w++) {
      rowRunners[w] = new RowRunner(kernel.rows(), problem);
    }
  }

  /** Sets the sequences that the next runs compute. */
  public void schedule(List<Sequence> sequences) {
    this.sequences = sequences;
    List<Sequence> many = sequences.stream().filter(s -> s.queries() > FEW).toList();
    List<Sequence> few = sequences.stream().filter(s -> s.queries() <= FEW).toList();
    blocks = many.isEmpty() ? null : blocks(many);
    rows = few.isEmpty() ? null : RowSchedule.of(problem, few);
    observed = null;
  }

  private BlockSchedule blocks(List<Sequence> some) {
    long queries = 0;
    for (Sequence sequence : some) {
      queries += (long) sequence.queries() * problem.queryHeads();
    }
    long share = queries / ((long) workers.count() * ITEMS_A_THREAD);
    int atOnce = Math.clamp(share, FEWEST_QUERIES_AT_ONCE, MOST_QUERIES_AT_ONCE);
    int blocksAtOnce = Math.max(1, atOnce / kernel.width());
    BlockSchedule schedule =
        BlockSchedule.of(some, problem.queryHeads(), kernel.width(), TILE_KEYS, blocksAtOnce);
    // A plan of short texts needs less working memory than one of long texts.
    if (schedule.mostBlocks() > runnerBlocks) {
      runnerBlocks = schedule.mostBlocks();
      blockRunners = new BlockRunner[workers.count()];
      for (int w = 0; w < blockRunners.length; w++) {
        blockRunners[w] = new BlockRunner(kernel, problem, TILE_KEYS, runnerBlocks);
      }
    }
    return schedule;
  }

  /**
   * Computes a call.
   *
   * @throws IllegalStateException if another run is going on, or the caller is in a run of the same
   *     threads
   */
  public void run(Call call) {
    workers.refuseOwnCaller();
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this plan is running already; it is for one run at a time, make one for each thread");
    }
    try {
      this.call = call;
      if (call.isObserved() && observed == null) {
        observed = rows == null ? blocks : blocks(sequences);
      }
      next.set(0);
      nextMerge.set(0);
      workers.run(rows == null ? attendOnly : attendAndMerge);
    } finally {
      this.call = null;
      busy.set(false);
    }
  }

  private void attend(int worker) {
    Call mine = Objects.requireNonNull(call);
    boolean observing = mine.isObserved();
    BlockSchedule blocks = observing ? observed : this.blocks;
    // Along the keys too when observed: merging replaces the output of the blocks, so that an
    // observer does not change a bit of it.
    RowSchedule rows = this.rows;
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
    Call mine = Objects.requireNonNull(call);
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
