package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions and tokenizers: closed while they work, twice, and used after. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionLifeTest {
  private static final Map<String, RawTensor> FEED =
      Map.of(
          "input_ids",
          RawTensor.of(ElementType.INT64, Shape.of(1, 2), TensorBytes.of(new long[] {1, 2})));

  /** A cast after a loop of {@code rounds} rounds, each a node. */
  private static Model counting(long rounds) throws ModelException {
    GraphBuilder graph = new GraphBuilder("counting");
    GraphBuilder body = graph.body("body");
    body.scalarInput("i", ElementType.INT64);
    body.scalarInput("go", ElementType.BOOL);
    body.scalarInput("flag", ElementType.BOOL);
    body.output("on", "go", ElementType.BOOL);
    body.output("flipped", body.node("Not", "flag"), ElementType.BOOL);
    String ids = graph.input("input_ids", ElementType.INT64, "b", "s");
    String yes = graph.boolScalar(true);
    graph.op("Loop", graph.longScalar(rounds), yes, yes).with("body", body);
    graph.output("y", graph.cast(ids, ElementType.FLOAT32), ElementType.FLOAT32, "b", "s");
    return Model.parse(graph.model(17, "sightline-test"), "counting");
  }

  @Test
  void aSessionThatRuns_endsItsRun_whenItIsClosed() throws Exception {
    ModelSession session = counting(1L << 62).session();
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      CountDownLatch started = new CountDownLatch(1);
      Future<?> run =
          other.submit(() -> {
            started.countDown();
            return session.run(FEED, List.of("y"));
          });
      started.await();
      Thread.sleep(200); // into the loop; closed before it, the run would be refused
      session.close();
      assertThat(run.isDone() || waits(run)).isTrue();
      assertThatThrownBy(run::get)
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("was closed while it ran");
    }
  }

  private static boolean waits(Future<?> run) throws InterruptedException {
    for (int i = 0; i < 100 && !run.isDone(); i++) {
      Thread.sleep(10);
    }
    return run.isDone();
  }

  /** Runs that end by themselves while the session is closed: each finishes or is refused. */
  @Test
  void closedAtAnyMoment_noRunReadsFreedMemory() throws Exception {
    Model model = counting(200);
    for (int round = 0; round < 40; round++) {
      ModelSession session = model.session();
      try (ExecutorService others = Executors.newFixedThreadPool(2)) {
        List<Future<Integer>> runs =
            List.of(
                others.submit(() -> untilClosed(session)),
                others.submit(() -> untilClosed(session)));
        LockSupport.parkNanos(1 + 50_000 * round);
        session.close();
        session.close();
        for (Future<Integer> each : runs) {
          assertThat(each.get()).isNotNegative();
        }
      }
    }
  }

  private static int untilClosed(ModelSession session) {
    for (int runs = 0; ; runs++) {
      try {
        assertThat(Objects.requireNonNull(session.run(FEED, List.of("y")).get("y")).data())
            .containsExactly(1f, 2f);
      } catch (IllegalStateException | ModelException e) {
        assertThat(e).hasMessageContaining("closed");
        return runs;
      }
    }
  }

  @Test
  void aClosedSession_refusesToRun() throws ModelException {
    ModelSession session = counting(3).session();
    session.close();
    assertThatCode(session::close).doesNotThrowAnyException();
    assertThatThrownBy(() -> session.run(FEED, List.of("y")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this session is closed");
  }

  @Test
  void aClosedTokenizer_refusesToEncode_alsoFromAnotherThread() throws Exception {
    byte[] json;
    try (InputStream in = SessionLifeTest.class.getResourceAsStream("/tiny-gpt-tokenizer.json")) {
      json = Objects.requireNonNull(in).readAllBytes();
    }
    for (int round = 0; round < 10; round++) {
      Tokenizer tokenizer = Tokenizer.parse(json, "tiny");
      try (ExecutorService other = Executors.newSingleThreadExecutor()) {
        Future<?> encoding =
            other.submit(() -> {
              while (true) {
                try {
                  assertThat(tokenizer.encode("hello world", 10).length()).isPositive();
                } catch (IllegalStateException e) {
                  assertThat(e).hasMessage("this tokenizer is closed");
                  return;
                }
              }
            });
        Thread.sleep(2);
        tokenizer.close();
        tokenizer.close();
        encoding.get();
      }
    }
  }

  /** What the names promise: these types were refused, or fed as another. */
  @Test
  void aValueThatTheTypeOfAnInputCannotHold_isRefused() throws IOException {
    for (ElementType type : List.of(ElementType.INT8, ElementType.UINT16, ElementType.UINT64)) {
      GraphBuilder graph = new GraphBuilder("typed");
      String given = graph.input("input_ids", type, "b", "s");
      graph.output("y", graph.cast(given, ElementType.FLOAT32), ElementType.FLOAT32, "b", "s");
      Model model = Model.parse(graph.model(17, "sightline-test"), "typed");
      try (ModelSession session = model.session()) {
        assertThat(Objects.requireNonNull(session.run(FEED, List.of("y")).get("y")).data())
            .containsExactly(1f, 2f);
        RawTensor negative =
            RawTensor.of(ElementType.INT64, Shape.of(1, 2), TensorBytes.of(new long[] {1, -129}));
        assertThatThrownBy(() -> session.run(Map.of("input_ids", negative), List.of("y")))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("takes 'input_ids' as " + type + ", which cannot hold -129");
      }
    }
  }
}
