package dev.sightline.fuzz;

import dev.sightline.data.DataException;
import dev.sightline.heads.statistics.HeadDifference;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.SampleValues;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.report.HeadsReport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** heads.json: refused, or merged, compared, written and shown as any other. */
class HeadsFuzzTest implements Target {
  private static final int LONGEST_MESSAGE = 3000;

  private final HeadStatistics other = statistics("b.jsonl", 7, 0.5);
  private final JsonNode document =
      JsonMutations.MAPPER.readTree(json(statistics("a.jsonl", 12, 0)));

  HeadsFuzzTest() throws IOException {}

  private static HeadStatistics statistics(String data, int samples, double shift) {
    Provenance provenance =
        new Provenance(
            "model.onnx",
            "0123456789abcdef".repeat(4),
            "fuzz",
            TokenAggregation.MEAN,
            512,
            List.of(new Metric("norm", "", "a note"), new Metric("entropy", "nats", "")),
            List.of(3, 1),
            42);
    HeadStatistics all = new HeadStatistics(provenance, Shard.WHOLE, data);
    Random random = new Random(samples);
    for (int s = 0; s < samples; s++) {
      double[] three = {random.nextGaussian() + shift, random.nextDouble(), 5 + s};
      double[] one = {random.nextDouble() - shift};
      all.add(
          new SampleValues(
              data + s,
              1 + s % 3,
              4 + s,
              3 + s,
              List.of(List.of(three, one), List.of(three, one))));
    }
    all.skip("bad", "it is empty");
    all.remark("odd", "it was cut");
    return all;
  }

  private static byte[] json(HeadStatistics statistics) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    statistics.writeJson(out);
    return out.toByteArray();
  }

  @Test
  void documents() throws Exception {
    Fuzzing.run("heads", this);
  }

  @Override
  public byte[] make(Random random) {
    return JsonMutations.of(document, random);
  }

  @Override
  public String file(byte[] input) {
    return "heads.json";
  }

  @Override
  public String run(byte[] input) throws IOException {
    HeadStatistics read;
    try {
      read = HeadStatistics.read(new ByteArrayInputStream(input), "heads.json");
    } catch (DataException e) {
      Fuzzing.requireShort(e, LONGEST_MESSAGE);
      return "refused";
    }
    HeadsReport.page(read);
    read.writeCsv(Writer.nullWriter());
    HeadStatistics again = HeadStatistics.read(new ByteArrayInputStream(json(read)), "again");
    if (!Arrays.equals(json(again), json(read))) {
      throw new AssertionError("it is not the same after it was written and read");
    }
    try {
      read.merge(other).writeJson(OutputStream.nullOutputStream());
      other.merge(read).writeCsv(Writer.nullWriter());
    } catch (IllegalArgumentException e) {
      return "of another run";
    }
    try {
      HeadDifference difference = read.diff(other, Weighting.MACRO, Map.of());
      difference.writeCsv(Writer.nullWriter());
      HeadsReport.page(read, other, "a", "b", difference);
    } catch (IllegalArgumentException e) {
      return "merged";
    }
    return "compared";
  }
}
