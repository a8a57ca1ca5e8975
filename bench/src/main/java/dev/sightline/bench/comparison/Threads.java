package dev.sightline.bench.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** The threads that a probe runs on; the calling thread is one of them. */
final class Threads implements AutoCloseable {
  private final int threads;
  private final ExecutorService others;

  Threads(int threads) {
    this.threads = threads;
    this.others =
        Executors.newFixedThreadPool(
            Math.max(1, threads - 1), Thread.ofPlatform().daemon().name("probe-", 0).factory());
  }

  int threads() {
    return threads;
  }

  /** Runs the task once on every thread, with the number of the thread, and waits for all. */
  void run(IntConsumer task) {
    List<Future<?>> running = new ArrayList<>();
    for (int i = 1; i < threads; i++) {
      int number = i;
      running.add(others.submit(() -> task.accept(number)));
    }
    task.accept(0);
    for (Future<?> one : running) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a probe failed", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while a probe was running", e);
      }
    }
  }

  @Override
  public void close() {
    others.shutdownNow();
  }
}
