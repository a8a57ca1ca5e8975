package dev.sightline.onnx.internal.session;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The time from the making of a native object to its end. Uses may overlap; the end waits for those
 * that are going on and refuses later ones, since native code that reads freed memory takes the
 * whole process with it.
 */
public final class Lifetime {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final String what;
  private volatile boolean closing;
  private boolean ended;

  /**
   * Begins it.
   *
   * @param what the object in a message, such as {@code this session}
   */
  public Lifetime(String what) {
    this.what = what;
  }

  /** What a use does; it may throw one kind of checked exception. */
  @FunctionalInterface
  public interface Use<T, E extends Exception> {
    /** Uses the object. */
    T run() throws E;
  }

  /**
   * Uses the object.
   *
   * @throws IllegalStateException if it is closed
   */
  public <T, E extends Exception> T use(Use<T, E> use) throws E {
    lock.readLock().lock();
    try {
      if (closing) {
        throw new IllegalStateException(what + " is closed");
      }
      return use.run();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Whether the end has come or is waited for. */
  boolean isClosing() {
    return closing;
  }

  /**
   * Ends the object, once.
   *
   * @param stop asks the uses that are going on to end soon
   * @param free frees it, after they have ended
   */
  void end(Runnable stop, Runnable free) {
    closing = true;
    stop.run();
    lock.writeLock().lock();
    try {
      if (!ended) {
        ended = true;
        free.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Ends the object, once, after the uses that are going on. */
  public void end(Runnable free) {
    end(() -> {}, free);
  }
}
