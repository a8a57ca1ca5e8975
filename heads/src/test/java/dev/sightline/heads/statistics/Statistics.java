package dev.sightline.heads.statistics;

import dev.sightline.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Statistics of a model of two layers, the first with three heads and the second with one. */
public final class Statistics {
  static final Provenance PROVENANCE =
      new Provenance(
          "model.onnx",
          "0123456789abcdef".repeat(4),
          "a test",
          TokenAggregation.MEAN,
          512,
          List.of(
              new Metric("norm", "", "before LayerNormalization"),
              new Metric("entropy", "nats", "")),
          List.of(3, 1),
          42);

  private Statistics() {}

  static HeadStatistics statistics() {
    return new HeadStatistics(PROVENANCE, Shard.WHOLE, "texts.jsonl");
  }

  /** The same value for every head of every metric. */
  static SampleValues sample(String id, int tokens, double value) {
    double[] three = {value, value, value};
    double[] one = {value};
    return new SampleValues(
        id, 1, tokens, tokens, List.of(List.of(three, one), List.of(three, one)));
  }

  public static String json(HeadStatistics statistics) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    statistics.writeJson(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  static HeadStatistics read(String json) throws DataException {
    return HeadStatistics.read(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "a.json");
  }
}
