package dev.sightline.attention;

import dev.sightline.attention.internal.plan.WorkerThreads;

/**
 * Threads that several plans share, as the layers of a model do. The calling thread is one of them.
 * One run goes on at a time, the others wait. The caller closes them.
 */
public final class Workers implements AutoCloseable {
  final WorkerThreads threads;

  /**
   * Starts threads.
   *
   * @param threads how many threads compute, the caller's among them, 1 to 1024
   * @throws IllegalArgumentException if the number is out of range
   */
  public Workers(int threads) {
    this.threads = new WorkerThreads(threads);
  }

  /** {@return how many threads compute, the caller's among them} */
  public int threads() {
    return threads.count();
  }

  /**
   * Ends the threads. A run that is going on is finished first, and later runs are refused. Closing
   * twice does nothing more.
   */
  @Override
  public void close() {
    threads.close();
  }
}
