package dev.sightline.attention.internal.plan;

import dev.sightline.attention.internal.kernel.Kernel;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Runs the backward pass of a plan on its threads. A free thread takes the next item. */
public final class GradientEngine {
  private final WorkerThreads workers;
  private final GradientSchedule schedule;
  private final GradientRunner[] runners;
  private final QueryGradientMerger[] mergers;
  private final boolean allKeys;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger nextMerge = new AtomicInteger();

  /** Made once, since a run allocates nothing. */
  private final WorkerThreads.Job[] jobs = {this::items, this::merges};

  private @Nullable GradientCall call;

  /** With the sequences that the runs compute, of keys in all. */
  public GradientEngine(
      Kernel kernel, WorkerThreads workers, Problem problem, List<Sequence> sequences, long keys) {
    this.workers = workers;
    int columns = Kernel.padded(problem.headSize());
    this.schedule = GradientSchedule.of(sequences, problem, kernel.width(), columns);
    this.runners = new GradientRunner[workers.count()];
    this.mergers = new QueryGradientMerger[workers.count()];
    for (int w = 0; w < runners.length; w++) {
      mergers[w] = new QueryGradientMerger(kernel, problem);
      runners[w] = new GradientRunner(kernel, problem, schedule.mostBlocks(), schedule.mostTiles());
    }
    long covered = 0;
    for (Sequence sequence : sequences) {
      covered += sequence.keys();
    }
    this.allKeys = covered == keys;
  }

  /**
   * Computes gradients.
   *
   * @throws IllegalStateException if another run is going on, or the caller is in a run of the same
   *     threads
   */
  public void run(GradientCall call) {
    workers.refuseOwnCaller();
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this plan is running already; it is for one run at a time, make one for each thread");
    }
    try {
      this.call = call;
      next.set(0);
      nextMerge.set(0);
      if (!allKeys) {
        // A text without queries has keys that no item owns.
        Arrays.fill(call.keyGradient(), 0f);
        Arrays.fill(call.valueGradient(), 0f);
      }
      workers.run(jobs);
    } finally {
      this.call = null;
      busy.set(false);
    }
  }

  private void items(int worker) {
    GradientCall mine = Objects.requireNonNull(call);
    List<GradientSchedule.Item> items = schedule.items();
    for (int i = next.getAndIncrement(); i < items.size(); i = next.getAndIncrement()) {
      runners[worker].run(mine, items.get(i));
    }
  }

  private void merges(int worker) {
    GradientCall mine = Objects.requireNonNull(call);
    List<GradientSchedule.Merge> merges = schedule.merges();
    for (int i = nextMerge.getAndIncrement(); i < merges.size(); i = nextMerge.getAndIncrement()) {
      mergers[worker].merge(mine, merges.get(i));
    }
  }
}
