package dev.sightline.attention.internal.plan;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that stay awake between the layers of a model. The calling thread is one of them.
 * Plans may share them: one run goes on at a time, the others wait.
 *
 * <p>An idle worker spins for some 50 microseconds before it sleeps: waking a thread costs 5 to 50
 * microseconds, and attention over a batch of short sentences takes 400.
 */
public final class WorkerThreads implements AutoCloseable {
  private static final int MOST_THREADS = 1024;
  private static final int SPIN_ROUNDS = 1 << 12;

  /** The work of a run. */
  @FunctionalInterface
  interface Job {
    /** Called once by every worker, with its number from 0. */
    void work(int worker);
  }

  private final Thread[] threads;
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile int turn;
  private volatile boolean closed;
  private @Nullable Job job;
  private volatile @Nullable Thread caller;

  /** Starts threads; the caller's is one of them. */
  public WorkerThreads(int threads) {
    check(threads);
    this.threads = new Thread[threads - 1];
    for (int i = 0; i < this.threads.length; i++) {
      int worker = i + 1;
      this.threads[i] =
          Thread.ofPlatform()
              .name("sightline-attention-" + worker)
              .daemon()
              .start(() -> serve(worker));
    }
  }

  /** Refuses a number of threads below 1 or above 1024. */
  public static void check(int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "the number of threads must be between 1 and " + MOST_THREADS + ", but is " + threads);
    }
  }

  /** The number of threads that compute, the caller's among them. */
  public int count() {
    return threads.length + 1;
  }

  /** Runs a job on every worker and returns when all are done. */
  synchronized void run(Job job) {
    if (closed) {
      throw new IllegalStateException("the threads of this plan are closed");
    }
    if (threads.length == 0) {
      job.work(0);
      return;
    }
    this.job = job;
    caller = Thread.currentThread();
    failure.set(null);
    running.set(threads.length);
    turn++;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    try {
      job.work(0);
    } finally {
      for (int round = 0; running.get() > 0; round++) {
        pause(round);
      }
      this.job = null;
    }
    Throwable failed = failure.get();
    if (failed instanceof Error error) {
      throw error;
    }
    if (failed instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private void serve(int worker) {
    int seen = 0;
    while (true) {
      for (int round = 0; turn == seen && !closed; round++) {
        pause(round);
      }
      if (turn == seen) {
        return;
      }
      seen = turn;
      Job mine = job;
      try {
        if (mine != null) {
          mine.work(worker);
        }
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
      } finally {
        if (running.decrementAndGet() == 0) {
          LockSupport.unpark(caller);
        }
      }
    }
  }

  /** Sleeping is safe: an unpark that came before it makes it return at once. */
  private void pause(int round) {
    if (round < SPIN_ROUNDS) {
      Thread.onSpinWait();
    } else {
      LockSupport.park(this);
    }
  }

  /** Ends the threads. A run that is going on is finished first. */
  @Override
  public synchronized void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
