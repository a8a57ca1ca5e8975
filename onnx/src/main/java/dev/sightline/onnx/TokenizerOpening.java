package dev.sightline.onnx;

import dev.sightline.onnx.inventory.ModelException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Reads a model while another thread reads its tokenizer, which takes as long. */
final class TokenizerOpening {
  private TokenizerOpening() {}

  /** Reads one of the two. */
  @FunctionalInterface
  interface Opener<T> {
    T open() throws ModelException;
  }

  /**
   * Reads both.
   *
   * @throws ModelException if one of them cannot be read: that of the model if neither can
   */
  static LoadedModel beside(Opener<Model> model, Opener<Tokenizer> tokenizer)
      throws ModelException {
    FutureTask<Tokenizer> reading = new FutureTask<>(tokenizer::open);
    Thread thread = Thread.ofPlatform().daemon().name("tokenizer").start(reading);
    boolean done = false;
    try {
      Model read = model.open();
      LoadedModel both = LoadedModel.of(read, get(reading));
      done = true;
      return both;
    } finally {
      if (!done) {
        closeIfRead(thread, reading);
      }
    }
  }

  private static Tokenizer get(FutureTask<Tokenizer> reading) throws ModelException {
    try {
      return reading.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ModelException reason) {
        throw reason;
      }
      if (e.getCause() instanceof RuntimeException unexpected) {
        throw unexpected;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("no tokenizer was read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelException("interrupted while the tokenizer was read", e);
    }
  }

  /** Of two reasons why there is nothing the model's is told. */
  private static void closeIfRead(Thread thread, FutureTask<Tokenizer> reading) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (reading.state() == Future.State.SUCCESS) {
      reading.resultNow().close();
    }
  }
}
