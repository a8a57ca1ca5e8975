package dev.sightline.attention.internal.plan;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
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

  /** A thread that knows whose it is. */
  private static final class Worker extends Thread {
    private final WorkerThreads owner;

    Worker(WorkerThreads owner, int number) {
      super(() -> owner.serve(number), "sightline-attention-" + number);
      this.owner = owner;
      setDaemon(true);
    }
  }

  private final Thread[] threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile int turn;

  /** No further run starts. */
  private volatile boolean closed;

  /** The threads stop; set while no run is going on. */
  private volatile boolean ended;

  private @Nullable Job job;
  private volatile @Nullable Thread caller;

  /** Starts threads; the caller's is one of them. */
  public WorkerThreads(int threads) {
    check(threads);
    this.threads = new Thread[threads - 1];
    for (int i = 0; i < this.threads.length; i++) {
      this.threads[i] = new Worker(this, i + 1);
      this.threads[i].start();
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

  /**
   * Refuses a caller that is in a job of these threads: it would wait for itself. An engine asks
   * before it asks whether it is free, since two observers may come at once.
   */
  void refuseOwnCaller() {
    if (isWorking()) {
      throw new IllegalStateException(
          "an observer cannot run attention on the threads that are calling it;"
              + " give it a plan with workers of its own");
    }
  }

  /**
   * Runs jobs on every worker, each after the one before, and returns when all are done. The caller
   * is in no job of theirs.
   *
   * @throws IllegalStateException if the threads are closed
   */
  void run(Job[] jobs) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the threads of this plan are closed");
      }
      for (Job one : jobs) {
        runOne(one);
      }
    } finally {
      if (closed) {
        end();
      }
      lock.unlock();
    }
  }

  /** Whether the calling thread is in a job of these threads. */
  private boolean isWorking() {
    return lock.isHeldByCurrentThread()
        || (Thread.currentThread() instanceof Worker worker && worker.owner == this);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // its caller holds the lock
  private void runOne(Job job) {
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
      for (int round = 0; turn == seen && !ended; round++) {
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

  /**
   * Ends the threads. A run that is going on is finished first; called in a job, this does not wait
   * for it. Closing twice does nothing more.
   */
  @Override
  public void close() {
    closed = true;
    if (isWorking()) {
      // The run goes on, and the caller that started it ends the threads after it.
      return;
    }
    lock.lock();
    try {
      end();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    ended = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
