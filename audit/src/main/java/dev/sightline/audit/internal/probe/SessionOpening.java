package dev.sightline.audit.internal.probe;

import dev.sightline.onnx.inventory.ModelException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * A session that another thread opens.
 *
 * @param <S> the session
 */
public final class SessionOpening<S> {
  private final FutureTask<S> opening;
  private volatile boolean isWanted = true;

  private SessionOpening(Opener<S> opener) {
    opening =
        new FutureTask<>(() -> {
          if (!isWanted) {
            throw new ModelException("the session is not needed any more");
          }
          return opener.open();
        });
  }

  /** Opens a session. */
  @FunctionalInterface
  public interface Opener<S> {
    /** Returns the session, which is the caller's to close. */
    S open() throws ModelException;
  }

  /** Has another thread open a session. */
  public static <S> SessionOpening<S> start(Executor thread, Opener<S> opener) {
    SessionOpening<S> started = new SessionOpening<>(opener);
    thread.execute(started.opening);
    return started;
  }

  /** Waits for the session. It throws what the opener threw. */
  public S session() throws ModelException {
    try {
      return opening.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ModelException reason -> throw reason;
        case RuntimeException unexpected -> throw unexpected;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException("no session was opened", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelException("interrupted while a session was opened", e);
    }
  }

  /** Opens no session from now on, if it was not begun. */
  public void cancel() {
    isWanted = false;
  }

  /** Whether there is a session that must be closed. */
  public boolean isOpened() {
    return opening.state() == Future.State.SUCCESS;
  }
}
