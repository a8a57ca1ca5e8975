package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.Mask;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Plans, their threads and caches: closed while they run, twice, and used after. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PlanLifeTest {
  private static final AttentionShape SHAPE = AttentionShape.of(1, 2, 64, 16);
  private static final float[] X = Numbers.normal(new Random(1), SHAPE.querySize());

  @Test
  void aClosedPlan_refusesToRun_alsoOnThreadsThatStayOpen() {
    try (Workers workers = new Workers(2)) {
      AttentionPlan plan = Attention.under(Mask.causal()).workers(workers).plan(SHAPE);
      plan.close();
      assertThatCode(plan::close).doesNotThrowAnyException();
      assertThatThrownBy(() -> plan.run(X, X, X, new float[X.length]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this plan is closed");
      try (AttentionPlan other = Attention.under(Mask.causal()).workers(workers).plan(SHAPE)) {
        assertThatCode(() -> other.run(X, X, X, new float[X.length])).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void closedThreads_refuseARun_whateverTheirNumber() {
    for (int threads : new int[] {1, 3}) {
      Workers workers = new Workers(threads);
      AttentionPlan plan = Attention.under(Mask.causal()).workers(workers).plan(SHAPE);
      workers.close();
      workers.close();
      assertThatThrownBy(() -> plan.run(X, X, X, new float[X.length]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("threads of this plan are closed");
    }
  }

  /** Closed from another thread in the middle: the run finishes with all its bits. */
  @Test
  void aPlanClosedWhileItRuns_finishesThatRun() throws Exception {
    for (int threads : new int[] {1, 3}) {
      float[] expected = new float[X.length];
      try (AttentionPlan plan = Attention.under(Mask.causal()).plan(SHAPE)) {
        plan.run(X, X, X, expected);
      }
      AttentionPlan plan = Attention.under(Mask.causal()).threads(threads).plan(SHAPE);
      CountDownLatch running = new CountDownLatch(1);
      CountDownLatch closing = new CountDownLatch(1);
      float[] output = new float[X.length];
      AttentionCall call =
          AttentionCall.of(X, X, X, output)
              .withProbabilities((b, h, i, n, j, m, t) -> {
                running.countDown();
                await(closing);
              });
      try (ExecutorService two = Executors.newFixedThreadPool(2)) {
        Future<?> run = two.submit(() -> plan.run(call));
        running.await();
        Future<?> close =
            two.submit(() -> {
              closing.countDown();
              plan.close();
            });
        run.get();
        close.get();
      }
      assertThat(output).isEqualTo(expected);
      assertThatThrownBy(() -> plan.run(call)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void closedByItsOwnObserver_theRunFinishes_andItsThreadsEnd() throws Exception {
    for (int threads : new int[] {1, 3}) {
      AttentionPlan plan = Attention.under(Mask.causal()).threads(threads).plan(SHAPE);
      AtomicInteger tiles = new AtomicInteger();
      plan.run(
          AttentionCall.of(X, X, X, new float[X.length])
              .withProbabilities((b, h, i, n, j, m, t) -> {
                tiles.incrementAndGet();
                plan.close();
              }));
      assertThat(tiles.get()).isGreaterThan(2);
      assertThatThrownBy(() -> plan.run(X, X, X, new float[X.length]))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  /** It would wait for itself. */
  @Test
  void anObserver_cannotRunAPlanOnTheThreadsThatCallIt() {
    for (int threads : new int[] {1, 3}) {
      try (Workers workers = new Workers(threads)) {
        AttentionPlan outer = Attention.under(Mask.causal()).workers(workers).plan(SHAPE);
        AttentionPlan another = Attention.under(Mask.causal()).workers(workers).plan(SHAPE);
        for (AttentionPlan inner : List.of(outer, another)) {
          AttentionCall call =
              AttentionCall.of(X, X, X, new float[X.length])
                  .withProbabilities(
                      (b, h, i, n, j, m, t) -> inner.run(X, X, X, new float[X.length]));
          assertThatThrownBy(() -> outer.run(call))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("on the threads that are calling it");
          assertThatCode(() -> outer.run(X, X, X, new float[X.length])).doesNotThrowAnyException();
        }
      }
    }
  }

  @Test
  void anOutputThatIsAnInput_isRefused() {
    float[] x = X.clone();
    try (AttentionPlan plan = Attention.under(Mask.causal()).plan(SHAPE)) {
      assertThatThrownBy(() -> plan.run(x, X, X, x)).hasMessageContaining("array of the queries");
      assertThatThrownBy(() -> plan.run(X, x, X, x)).hasMessageContaining("array of the keys");
      assertThatThrownBy(() -> plan.run(X, X, x, x)).hasMessageContaining("array of the values");
    }
  }

  @Test
  void optionsThatAreNoNumbers_areRefused() {
    Attention options = Attention.under(Mask.causal());
    assertThatThrownBy(() -> options.alibi(1f, Float.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> options.alibi(Float.POSITIVE_INFINITY)).hasMessageContaining("finite");
    assertThatThrownBy(() -> options.sinks(Float.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> options.sinks(Float.POSITIVE_INFINITY)).hasMessageContaining("finite");
    assertThatCode(() -> options.sinks(Float.NEGATIVE_INFINITY)).doesNotThrowAnyException();
  }

  /** Each call of one thread is refused while another thread is in a call, whichever it is. */
  @Test
  void aCache_refusesASecondThread_andWorksOn() throws Exception {
    AttentionShape longest = new AttentionShape(1, 2, 2, 4096, 4096, 16, 16);
    float[] some = Numbers.normal(new Random(2), 2 * 16 * 512);
    try (KeyValueCache cache = Attention.under(Mask.causal()).cache(longest)) {
      cache.append(some, some, 512);
      AtomicInteger refused = new AtomicInteger();
      AtomicInteger done = new AtomicInteger();
      try (ExecutorService four = Executors.newFixedThreadPool(4)) {
        Callable<Void> work =
            () -> {
              for (int i = 0; i < 30; i++) {
                try {
                  cache.attend(some, new float[some.length], 512);
                  done.incrementAndGet();
                } catch (IllegalStateException e) {
                  assertThat(e).hasMessageContaining("one thread at a time");
                  refused.incrementAndGet();
                  Thread.sleep(1);
                }
              }
              return null;
            };
        for (Future<Void> one : four.invokeAll(Collections.nCopies(4, work))) {
          one.get();
        }
      }
      assertThat(refused.get()).isPositive();
      assertThat(done.get() + refused.get()).isEqualTo(120);
      assertThat(cache.length(0)).isEqualTo(512);
    }
  }

  @Test
  void aClosedCache_refusesEveryCall() {
    KeyValueCache cache =
        Attention.under(Mask.causal()).cache(new AttentionShape(1, 1, 1, 8, 8, 4, 4));
    float[] one = {1, 2, 3, 4};
    cache.append(one, one, 1);
    cache.close();
    cache.close();
    for (Consumer<KeyValueCache> call :
        List.<Consumer<KeyValueCache>>of(
            c -> c.append(one, one, 1),
            c -> c.attend(one, new float[4], 1),
            c -> c.truncate(0, 0))) {
      assertThatThrownBy(() -> call.accept(cache))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this cache is closed");
    }
    assertThat(cache.length(0)).isOne();
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nothing closed the plan");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
