package dev.sightline.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.data.DataException;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.Statistics;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that give every input of a model, which no text could fill. */
class GivenRowsTest {
  private static final int WIDTH = 4;
  private static final int HEADS = 2;
  private static final int LEARNED = 3;
  private static final Set<HeadMetric> METRICS =
      Set.of(HeadMetric.ENTROPY, HeadMetric.PADDING, HeadMetric.SELF);

  @TempDir private Path folder;

  /** A row: vectors, some of which are padding. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Given(int queries, boolean[] real, float[] states, float[] query) {
    static Given of(Random random, int queries, boolean... real) {
      return new Given(
          queries, real, numbers(random, real.length * WIDTH), numbers(random, queries * WIDTH));
    }

    String json() {
      return "{\"context\": "
          + rows(states)
          + ", \"context_mask\": "
          + Arrays.toString(real)
          + ", \"query\": "
          + rows(query)
          + "}";
    }

    private static String rows(float[] values) {
      List<String> rows = new ArrayList<>();
      for (int at = 0; at < values.length; at += WIDTH) {
        rows.add(Arrays.toString(Arrays.copyOfRange(values, at, at + WIDTH)));
      }
      return rows.toString();
    }
  }

  private static float[] numbers(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /**
   * Three attentions: the context to itself, the queries to the context, and three learned tokens
   * to the context.
   *
   * @param masked whether padding of the context is masked
   * @param batch the axis of rows, a name or 1
   */
  private static Model model(boolean masked, String batch) throws ModelException {
    GraphBuilder graph = new GraphBuilder("given");
    Random random = new Random(7);
    String context =
        graph.input("context", ElementType.FLOAT32, batch, "tokens", Integer.toString(WIDTH));
    String mask = graph.input("context_mask", ElementType.BOOL, batch, "tokens");
    String query =
        graph.input("query", ElementType.FLOAT32, batch, "asked", Integer.toString(WIDTH));
    String seen = masked ? graph.node("Unsqueeze", mask, graph.longs(1, 2)) : "";
    String self = attention(graph, random, context, context, seen);
    String cross = attention(graph, random, query, self, seen);
    String learned =
        graph.node(
            "Add",
            graph.floats(
                "learned",
                ElementType.FLOAT32,
                numbers(random, LEARNED * WIDTH),
                1,
                LEARNED,
                WIDTH),
            graph.slice(query, 1, 0, 1));
    String read = attention(graph, random, learned, self, seen);
    graph.output("a", cross, ElementType.FLOAT32, batch, "asked", "4");
    graph.output("b", read, ElementType.FLOAT32, batch, "3", "4");
    return Model.parse(graph.model(17, "test"), masked ? "masked" : "unmasked");
  }

  private static String attention(
      GraphBuilder graph, Random random, String queries, String keys, String seen) {
    String q = heads(graph, random, queries, 0, 2, 1, 3);
    String k = heads(graph, random, keys, 0, 2, 3, 1);
    String v = heads(graph, random, keys, 0, 2, 1, 3);
    String scores = graph.node("MatMul", q, k);
    if (!seen.isEmpty()) {
      scores = graph.node("Where", seen, scores, graph.scalar(Double.NEGATIVE_INFINITY));
    }
    String read = graph.node("MatMul", graph.softmax(scores), v);
    String joined = graph.reshape(graph.transpose(read, 0, 2, 1, 3), 0, 0, WIDTH);
    return graph.node("MatMul", joined, weights(graph, random));
  }

  private static String heads(GraphBuilder graph, Random random, String x, long... order) {
    String projected = graph.node("MatMul", x, weights(graph, random));
    return graph.transpose(graph.reshape(projected, 0, 0, HEADS, WIDTH / HEADS), order);
  }

  private static String weights(GraphBuilder graph, Random random) {
    return graph.floats(
        graph.fresh("w"), ElementType.FLOAT32, numbers(random, WIDTH * WIDTH), WIDTH, WIDTH);
  }

  private static List<Given> rows(int count) {
    Random random = new Random(3);
    List<Given> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean[] real = new boolean[4 + i % 3];
      Arrays.fill(real, i % 2, real.length - i % 4 / 2, true); // padding on either side, or none
      rows.add(Given.of(random, 1 + i % 2 * 4, real));
    }
    return rows;
  }

  private Path file(List<Given> rows) throws IOException {
    return Files.write(folder.resolve("rows.jsonl"), rows.stream().map(Given::json).toList());
  }

  private static HeadRun run(Model model) {
    return HeadRun.of(model).metrics(METRICS);
  }

  /**
   * The mean over rows of what each head's rows of probabilities come to, from the model itself.
   */
  private static double[] expected(
      Model model, List<Given> rows, int layer, String metric, boolean last) throws ModelException {
    List<AttentionSite> sites = model.attention().found();
    String output = sites.get(layer).output(AttentionSite.Tap.PROBABILITIES);
    double[] sums = new double[HEADS];
    try (ModelSession session =
        model.tappedSession(sites, Set.of(AttentionSite.Tap.PROBABILITIES))) {
      for (Given row : rows) {
        FloatTensor p = Objects.requireNonNull(session.run(feed(row), List.of(output)).get(output));
        int queries = p.shape().dim(2);
        int keys = p.shape().dim(3);
        for (int head = 0; head < HEADS; head++) {
          List<Double> values = new ArrayList<>();
          for (int q = 0; q < queries; q++) {
            double value = 0;
            for (int k = 0; k < keys; k++) {
              double each = p.data()[(head * queries + q) * keys + k];
              value +=
                  metric.equals("padding")
                      ? row.real[k] ? 0 : each
                      : each > 0 ? -each * Math.log(each) : 0;
            }
            if (layer > 0 || row.real[q]) { // padding asks in the first layer alone
              values.add(value);
            }
          }
          sums[head] +=
              last
                  ? values.getLast()
                  : values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }
      }
    }
    return Arrays.stream(sums).map(sum -> sum / rows.size()).toArray();
  }

  private static Map<String, RawTensor> feed(Given row) {
    byte[] bits = new byte[row.real.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (byte) (row.real[i] ? 1 : 0);
    }
    return Map.of(
        "context", floats(row.states, row.real.length),
        "context_mask",
            RawTensor.of(ElementType.BOOL, Shape.of(1, bits.length), TensorBytes.of(bits)),
        "query", floats(row.query, row.queries));
  }

  private static RawTensor floats(float[] values, int tokens) {
    return RawTensor.of(ElementType.FLOAT32, Shape.of(1, tokens, WIDTH), TensorBytes.of(values));
  }

  private static double mean(HeadStatistics statistics, String metric, int layer, int head) {
    return statistics
        .cell(statistics.provenance().metric(metric), layer, head)
        .macro()
        .mean()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"true, batch, MEAN", "false, batch, MEAN", "false, 1, MEAN", "false, batch, LAST"})
  void statisticsAreThoseOfTheProbabilities_withoutPaddingQueries(
      boolean masked, String batch, TokenAggregation how) throws IOException {
    Model model = model(masked, batch);
    List<Given> rows = rows(24);
    List<String> notes = new ArrayList<>();

    HeadStatistics statistics =
        run(model)
            .aggregation(how)
            .listener(
                new HeadRun.Listener() {
                  @Override
                  public void note(String note) {
                    notes.add(note);
                  }
                })
            .run(file(rows));

    assertThat(statistics.samples()).isEqualTo(24);
    assertThat(statistics.provenance().maxTokens()).isEqualTo(Integer.MAX_VALUE);
    assertThat(notes)
        .containsExactly("the queries of layer 2 are no input's tokens: all of them count");
    assertThat(statistics.missingLayers().stream().map(each -> each.layer() + ": " + each.reason()))
        .containsExactly(
            "1: its queries and keys are not the same tokens",
            "2: its queries are no input's tokens");
    for (int layer = 0; layer < 3; layer++) {
      for (String metric : List.of("entropy", "padding")) {
        double[] expected = expected(model, rows, layer, metric, how == TokenAggregation.LAST);
        for (int head = 0; head < HEADS; head++) {
          double mean = mean(statistics, metric, layer, head);
          assertThat(mean)
              .as("%s of %d, %d", metric, layer, head)
              .isCloseTo(expected[head], within(1e-5));
          if (metric.equals("padding")) {
            assertThat(mean == 0).isEqualTo(masked);
          }
        }
      }
    }
  }

  @Test
  void interruptedRuns_andShards_giveTheStatisticsOfOneRun() throws IOException {
    Model model = model(false, "batch");
    Path file = file(rows(530));
    HeadStatistics whole = run(model).run(file);
    Path checkpoint = folder.resolve("checkpoint");
    assertThatThrownBy(() ->
            run(model)
                .checkpoint(checkpoint)
                .listener(
                    new HeadRun.Listener() {
                      @Override
                      public void progress(long samples, double fraction) {
                        if (samples > 515) {
                          throw new IllegalStateException("killed");
                        }
                      }
                    })
                .run(file))
        .hasMessage("killed");

    HeadStatistics resumed = run(model).checkpoint(checkpoint).run(file);

    assertThat(json(resumed)).isEqualTo(json(whole));
    HeadStatistics one = run(model).shard(Shard.parse("1/2")).run(file);
    HeadStatistics two = run(model).shard(Shard.parse("2/2")).run(file);
    HeadStatistics merged = one.merge(two);
    assertThat(mean(merged, "padding", 0, 1)).isCloseTo(mean(whole, "padding", 0, 1), within(1e-7));
  }

  private static String json(HeadStatistics statistics) throws IOException {
    return Statistics.json(statistics);
  }

  @Test
  void rowsOfNoUse_arePassedOver_byFieldAndWithWhatIsExpected() throws IOException {
    List<Given> rows = rows(2);
    String good = rows.getFirst().json();
    Path file =
        Files.write(
            folder.resolve("bad.jsonl"),
            List.of(
                good,
                good.replace("\"query\"", "\"queries\""),
                good.replace("[true, ", "["),
                "{\"text\": \"a\"}",
                rows.getLast().json()));

    HeadStatistics statistics = run(model(true, "batch")).run(file);

    assertThat(statistics.samples()).isEqualTo(2);
    assertThat(statistics.skips().toString())
        .contains("it has no 'query', float32 [asked, 4]")
        .contains("its inputs do not fit each other")
        .contains("it has no 'context', float32 [tokens, 4]");
    Model model = model(true, "batch");
    assertThatThrownBy(() -> run(model).strict(true).run(file))
        .isInstanceOf(DataException.class)
        .hasMessage("line 2: it has no 'query', float32 [asked, 4]");
    assertThatThrownBy(() -> run(model).maxTokens(9).run(file))
        .hasMessageContaining("rows for 'masked' give every input, and are never cut");
    assertThatThrownBy(() -> run(model).aggregation(TokenAggregation.SPAN).run(file))
        .hasMessageContaining("line 1: a row of inputs has no span");
  }

  @Test
  void lengthsThatAreEqualByChance_areToldApartByOtherRows_orSaid() throws IOException {
    Random random = new Random(5);
    Given equal = Given.of(random, LEARNED, true, true, false); // as many as the learned tokens
    Given other = Given.of(random, LEARNED, true, true, false, false, false);
    Model model = model(false, "batch");

    HeadStatistics both = run(model).run(file(List.of(equal, other)));

    double[] expected = expected(model, List.of(equal, other), 2, "entropy", false);
    assertThat(mean(both, "entropy", 2, 0)).isCloseTo(expected[0], within(1e-5));
    Path alike = file(List.of(equal, equal));
    assertThatThrownBy(() -> run(model).run(alike))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(
            "its queries fit several inputs of one length, of which some may be padded");
  }
}
