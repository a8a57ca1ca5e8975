package dev.sightline.report;

import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.SampleValues;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statistics that no model gave. */
final class HeadsFixtures {
  /** Texts of five and ten tokens in turn. */
  static final int TOKENS = 5;

  private HeadsFixtures() {}

  /** The value of a head in a sample; null where its layer delivers none. */
  interface Values {
    @Nullable Double value(int metric, int layer, int head, int sample);
  }

  static Provenance provenance(String text, List<Metric> metrics, List<Integer> heads) {
    return new Provenance(
        text, "0123456789abcdef".repeat(4), text, TokenAggregation.MEAN, 512, metrics, heads, 42);
  }

  static HeadStatistics statistics(
      List<Metric> metrics, List<Integer> heads, int samples, Values values) {
    return filled(
        new HeadStatistics(provenance("model.onnx", metrics, heads), Shard.WHOLE, "texts.jsonl"),
        samples,
        values);
  }

  static HeadStatistics filled(HeadStatistics statistics, int samples, Values values) {
    List<Integer> heads = statistics.provenance().headsPerLayer();
    for (int s = 0; s < samples; s++) {
      List<List<double @Nullable []>> all = new ArrayList<>();
      for (int m = 0; m < statistics.provenance().metrics().size(); m++) {
        List<double @Nullable []> layers = new ArrayList<>();
        for (int layer = 0; layer < heads.size(); layer++) {
          double[] row = new double[heads.get(layer)];
          boolean delivered = true;
          for (int head = 0; head < row.length; head++) {
            Double value = values.value(m, layer, head, s);
            delivered &= value != null;
            row[head] = value == null ? 0 : value;
          }
          layers.add(delivered ? row : null);
        }
        all.add(layers);
      }
      int tokens = s % 2 == 0 ? TOKENS : 2 * TOKENS;
      statistics.add(new SampleValues("sample " + s, 1, tokens, tokens, all));
    }
    return statistics;
  }

  static List<Metric> known(int most) {
    return Arrays.stream(HeadMetric.values())
        .limit(most)
        .map(metric -> new Metric(metric.id(), metric.unit(), ""))
        .toList();
  }

  static List<Integer> heads(int layers, int heads) {
    return Collections.nCopies(layers, heads);
  }
}
