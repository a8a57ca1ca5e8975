package dev.sightline.heads.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadFinding.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules, on attention that was made to look in a certain way. */
class HeadFindingTest {
  private static final int LAYERS = 2;
  private static final int HEADS = 3;
  private static final List<HeadMetric> METRICS =
      List.of(
          HeadMetric.OUTPUT_NORM,
          HeadMetric.FIRST_TOKEN,
          HeadMetric.SPECIAL,
          HeadMetric.PREVIOUS,
          HeadMetric.INDUCTION);

  /** A row of attention for each query, {@code [T, T]}. */
  private interface Attention {
    double weight(int layer, int head, int query, int key);
  }

  /** Statistics of samples of T tokens, of which the last is special and those after T/2 repeat. */
  private static HeadStatistics measured(
      int tokens, int samples, double[] norms, Attention attention) {
    Provenance provenance =
        new Provenance(
            "m",
            "0123456789abcdef".repeat(4),
            "r",
            TokenAggregation.MEAN,
            512,
            METRICS.stream().map(metric -> new Metric(metric.id(), metric.unit(), "")).toList(),
            List.of(HEADS, HEADS),
            42);
    HeadStatistics statistics = new HeadStatistics(provenance, Shard.WHOLE, "d");
    for (int s = 0; s < samples; s++) {
      List<List<double @Nullable []>> values = new ArrayList<>();
      for (HeadMetric metric : METRICS) {
        List<double @Nullable []> layers = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
          double[] heads = new double[HEADS];
          for (int head = 0; head < HEADS; head++) {
            heads[head] =
                metric == HeadMetric.OUTPUT_NORM
                    ? norms[layer * HEADS + head] * (1 + s / 100.0)
                    : mean(metric, tokens, layer, head, attention);
          }
          layers.add(heads);
        }
        values.add(layers);
      }
      statistics.add(new SampleValues("s" + s, 1, tokens, tokens, values));
    }
    return statistics;
  }

  private static double mean(
      HeadMetric metric, int tokens, int layer, int head, Attention attention) {
    double sum = 0;
    int queries = 0;
    for (int q = 0; q < tokens; q++) {
      int key =
          switch (metric) {
            case FIRST_TOKEN -> 0;
            case SPECIAL -> tokens - 1;
            case PREVIOUS -> q - 1;
            case INDUCTION -> q - tokens / 2 + 1;
            default -> throw new IllegalArgumentException(metric.id());
          };
      boolean defined = metric == HeadMetric.INDUCTION ? q >= tokens / 2 : key >= 0;
      if (defined) {
        sum += attention.weight(layer, head, q, key);
        queries++;
      }
    }
    return sum / queries;
  }

  private static HeadFinding find(HeadStatistics statistics, Kind kind) {
    return HeadFinding.of(statistics).stream()
        .filter(finding -> finding.kind() == kind)
        .findFirst()
        .orElseThrow();
  }

  private static double[] norms(double first) {
    return new double[] {first, 2, 3, 4, 5, 6};
  }

  @Test
  void eachKind_isFoundWhereItWasMade_andNowhereElse() {
    int tokens = 40;
    HeadStatistics statistics =
        measured(
            tokens,
            5,
            norms(0.02),
            (layer, head, q, k) -> {
              int looked =
                  switch (layer * HEADS + head) {
                    case 0 -> q - 1;
                    case 1 -> 0;
                    case 2 -> tokens - 1;
                    case 3 -> q - tokens / 2 + 1;
                    default -> -1;
                  };
              return looked < 0 ? 1.0 / tokens : k == looked ? 0.9 : 0.1 / (tokens - 1);
            });
    assertThat(places(find(statistics, Kind.PREVIOUS_TOKEN))).containsExactly("0.0");
    assertThat(places(find(statistics, Kind.FIRST_TOKEN_SINK))).containsExactly("0.1");
    assertThat(places(find(statistics, Kind.SPECIAL_TOKEN))).containsExactly("0.2");
    assertThat(places(find(statistics, Kind.INDUCTION))).containsExactly("1.0");
    HeadFinding dead = find(statistics, Kind.DEAD);
    assertThat(places(dead)).containsExactly("0.0");
    assertThat(dead.heads().getFirst().value()).isBetween(0.006, 0.007);
  }

  private static List<String> places(HeadFinding finding) {
    assertThat(finding.measured()).isTrue();
    return finding.heads().stream().map(head -> head.layer() + "." + head.head()).toList();
  }

  @Test
  void evenAttention_overShortTexts_isNoSink() {
    HeadStatistics even = measured(2, 5, norms(1), (layer, head, q, k) -> 0.5);
    assertThat(find(even, Kind.FIRST_TOKEN_SINK).heads()).isEmpty();
    assertThat(find(even, Kind.SPECIAL_TOKEN).heads()).isEmpty();
    assertThat(find(even, Kind.DEAD).heads()).isEmpty();
    assertThat(find(even, Kind.FIRST_TOKEN_SINK).closest().orElseThrow().value()).isEqualTo(0.5);
  }

  @Test
  void whatIsNotMeasured_isSaidToBeSo_andIsNoHead() {
    Provenance provenance =
        new Provenance(
            "m",
            "0123456789abcdef".repeat(4),
            "r",
            TokenAggregation.MEAN,
            512,
            List.of(new Metric("entropy", "nats", "")),
            List.of(2),
            42);
    List<HeadFinding> findings = HeadFinding.of(new HeadStatistics(provenance, Shard.WHOLE, "d"));
    assertThat(findings).hasSize(Kind.values().length);
    assertThat(findings).noneMatch(HeadFinding::measured);
    assertThat(findings).allMatch(finding -> finding.heads().isEmpty());
  }

  @Test
  void json_hasTheFindings_andIsReadAgainToTheSameBytes() throws IOException {
    HeadStatistics statistics = measured(40, 3, norms(0.02), (layer, head, q, k) -> 1.0 / 40);
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    statistics.writeJson(first);
    String json = first.toString(StandardCharsets.UTF_8);
    assertThat(json).contains("\"findings\"", "\"kind\" : \"dead\"");
    ByteArrayOutputStream second = new ByteArrayOutputStream();
    HeadStatistics.read(new java.io.ByteArrayInputStream(first.toByteArray()), "x")
        .writeJson(second);
    assertThat(second.toString(StandardCharsets.UTF_8)).isEqualTo(json);
  }
}
