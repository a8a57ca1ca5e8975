package dev.sightline.web.internal.mask;

import dev.sightline.mask.MaskSyntaxException;
import dev.sightline.web.internal.http.HttpProblem;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Answers questions about masks on two threads, each within a time: an expression of a few
 * characters can ask about more cells than can be counted in a useful time.
 */
public final class Questions implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int MOST_WAITING = 32;

  private final Duration limit;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          1,
          TimeUnit.MINUTES,
          new ArrayBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().daemon().name("question-", 0).factory());

  /**
   * Starts the threads.
   *
   * @param limit the longest that one question may take, its wait included
   */
  public Questions(Duration limit) {
    this.limit = limit;
  }

  /**
   * Answers a question.
   *
   * @throws HttpProblem if it has no answer, or none within the time
   */
  public <T> T ask(Callable<T> question) {
    Future<T> answer;
    try {
      answer = threads.submit(question);
    } catch (RejectedExecutionException e) {
      throw new HttpProblem(503, "too many questions are waiting; ask again in a moment");
    }
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HttpProblem(
          422,
          "this was not decided within "
              + limit.toSeconds()
              + " s; ask about fewer tokens, or on the command line with --time-limit");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HttpProblem(503, "the server stops");
    } catch (ExecutionException e) {
      throw problem(Objects.requireNonNullElse(e.getCause(), e));
    } finally {
      answer.cancel(true);
    }
  }

  private static RuntimeException problem(Throwable cause) {
    return switch (cause) {
      case HttpProblem problem -> problem;
      case MaskSyntaxException syntax ->
          new HttpProblem(422, String.valueOf(syntax.getMessage()), syntax.offset());
      case IllegalArgumentException wrong ->
          new HttpProblem(422, String.valueOf(wrong.getMessage()));
      case OutOfMemoryError full ->
          new HttpProblem(422, "this takes more memory than the server has; ask about less");
      case StackOverflowError deep -> new HttpProblem(422, "this mask is nested too deep");
      default -> new IllegalStateException("a question about a mask failed", cause);
    };
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
