package dev.sightline.heads.statistics;

import dev.sightline.heads.internal.statistics.Bootstrap;
import dev.sightline.heads.internal.statistics.DoubleDouble;
import dev.sightline.heads.internal.statistics.Moments.State;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.SortedSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Statistics as JSON, one cell after another: the numbers for people, and under {@code state} all
 * that a merge needs, to the bit. Wide numbers are pairs; bootstrap replicates and sketches are
 * base64 of big-endian doubles. The weights of the replicates are the same for all cells that saw
 * every sample, and are written once; the other cells have their own.
 */
final class StatisticsWriter {
  static final String SCHEMA = "sightline.heads";
  static final int VERSION = 1;

  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private final HeadStatistics statistics;
  private final Provenance provenance;
  private final JsonGenerator json;

  private StatisticsWriter(HeadStatistics statistics, JsonGenerator json) {
    this.statistics = statistics;
    this.provenance = statistics.provenance();
    this.json = json;
  }

  static void write(HeadStatistics statistics, OutputStream out) throws IOException {
    // The line break of the machine would make the same state differ between machines.
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    try (JsonGenerator json =
        JsonMapper.shared()
            .writer()
            .with(printer)
            .without(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .createGenerator(out)) {
      StatisticsWriter writer = new StatisticsWriter(statistics, json);
      writer.write();
      json.flush();
    } catch (JacksonException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
    out.write('\n');
    out.flush();
  }

  private void write() {
    json.writeStartObject();
    json.writeStringProperty("schema", SCHEMA);
    json.writeNumberProperty("version", VERSION);
    writeProvenance();
    json.writeArrayPropertyStart("shards");
    statistics.shards().forEach(shard -> json.writeString(shard.toString()));
    json.writeEndArray();
    json.writeArrayPropertyStart("data");
    statistics.data().forEach(json::writeString);
    json.writeEndArray();
    if (!statistics.inputs().isEmpty()) {
      json.writeObjectPropertyStart("inputs");
      statistics.inputs().forEach(json::writeStringProperty);
      json.writeEndObject();
    }
    json.writeNumberProperty("samples", statistics.samples());
    json.writeNumberProperty("tokens", statistics.tokens());
    json.writeStringProperty("idSum", String.format(Locale.ROOT, "%016x", statistics.idSum()));
    json.writeNumberProperty("skipped", statistics.skipped());
    json.writeArrayPropertyStart("skips");
    statistics.skips().forEach(this::writeTally);
    json.writeEndArray();
    json.writeArrayPropertyStart("remarks");
    statistics.remarks().forEach(this::writeTally);
    json.writeEndArray();
    json.writeArrayPropertyStart("missing");
    statistics.missing().forEach(this::writeMissing);
    json.writeEndArray();
    json.writeArrayPropertyStart("findings");
    HeadFinding.of(statistics).forEach(this::writeFinding);
    json.writeEndArray();
    json.writeObjectPropertyStart("replicateWeights");
    for (Weighting weighting : Weighting.values()) {
      writeReplicates(name(weighting), statistics.replicateWeights(weighting));
    }
    json.writeEndObject();
    json.writeArrayPropertyStart("cells");
    for (int m = 0; m < provenance.metrics().size(); m++) {
      for (int layer = 0; layer < provenance.headsPerLayer().size(); layer++) {
        for (int head = 0; head < provenance.headsPerLayer().get(layer); head++) {
          writeCell(m, layer, head);
        }
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** For people and programs; a reader finds it anew. */
  private void writeFinding(HeadFinding finding) {
    json.writeStartObject();
    json.writeStringProperty("kind", finding.kind().id());
    json.writeStringProperty("metric", finding.kind().metric().id());
    json.writeNumberProperty("share", finding.kind().share());
    json.writeBooleanProperty("measured", finding.measured());
    json.writeArrayPropertyStart("heads");
    for (HeadFinding.Head head : finding.heads()) {
      json.writeStartObject();
      json.writeNumberProperty("layer", head.layer());
      json.writeNumberProperty("head", head.head());
      json.writeNumberProperty("value", head.value());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeProvenance() {
    json.writeObjectPropertyStart("provenance");
    json.writeStringProperty("model", provenance.model());
    json.writeStringProperty("modelSha256", provenance.modelSha256());
    json.writeStringProperty("runtime", provenance.runtime());
    json.writeStringProperty("aggregation", provenance.aggregation().text());
    json.writeNumberProperty("maxTokens", provenance.maxTokens());
    json.writeNumberProperty("seed", provenance.seed());
    json.writeNumberProperty("replicates", Bootstrap.REPLICATES);
    json.writeArrayPropertyStart("metrics");
    for (Metric metric : provenance.metrics()) {
      json.writeStartObject();
      json.writeStringProperty("name", metric.name());
      json.writeStringProperty("unit", metric.unit());
      json.writeStringProperty("note", metric.note());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("headsPerLayer");
    provenance.headsPerLayer().forEach(heads -> json.writeNumber(heads));
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeTally(String reason, SkippedSamples skipped) {
    json.writeStartObject();
    json.writeStringProperty("reason", reason);
    json.writeNumberProperty("count", skipped.count());
    json.writeArrayPropertyStart("first");
    skipped.first().forEach(json::writeString);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeMissing(HeadStatistics.Site site, SortedSet<String> reasons) {
    json.writeStartObject();
    json.writeStringProperty("metric", provenance.metrics().get(site.metric()).name());
    json.writeNumberProperty("layer", site.layer());
    json.writeArrayPropertyStart("reasons");
    reasons.forEach(json::writeString);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeCell(int metric, int layer, int head) {
    Cell cell = statistics.state(metric, layer, head);
    CellSummary summary = statistics.cell(metric, layer, head);
    json.writeStartObject();
    json.writeStringProperty("metric", provenance.metrics().get(metric).name());
    json.writeNumberProperty("layer", layer);
    json.writeNumberProperty("head", head);
    json.writeNumberProperty("samples", cell.samples());
    json.writeNumberProperty("notFinite", cell.notFinite());
    json.writeNumberProperty("absent", summary.absent());
    if (summary.reason().isPresent()) {
      json.writeStringProperty("reason", summary.reason().get());
    } else {
      json.writeNullProperty("reason");
    }
    for (Weighting weighting : Weighting.values()) {
      writeEstimate(name(weighting), summary.estimate(weighting));
    }
    writeNumber("min", summary.min());
    writeNumber("max", summary.max());
    json.writeObjectPropertyStart("quantiles");
    summary
        .quantiles()
        .forEach((share, value) -> json.writeNumberProperty(share.toString(), value));
    json.writeEndObject();
    if (cell.samples() == 0) {
      json.writeNullProperty("state");
    } else {
      writeState(cell);
    }
    json.writeEndObject();
  }

  private void writeEstimate(String name, CellSummary.Estimate estimate) {
    json.writeObjectPropertyStart(name);
    writeNumber("mean", estimate.mean());
    writeNumber("deviation", estimate.deviation());
    if (estimate.interval().isPresent()) {
      json.writeArrayPropertyStart("interval95");
      json.writeNumber(estimate.interval().get().low());
      json.writeNumber(estimate.interval().get().high());
      json.writeEndArray();
    } else {
      json.writeNullProperty("interval95");
    }
    json.writeEndObject();
  }

  private void writeNumber(String name, OptionalDouble value) {
    if (value.isPresent()) {
      json.writeNumberProperty(name, value.getAsDouble());
    } else {
      json.writeNullProperty(name);
    }
  }

  private void writeState(Cell cell) {
    json.writeObjectPropertyStart("state");
    for (Weighting weighting : Weighting.values()) {
      Cell.Part part = cell.part(weighting);
      State state = part.moments().state();
      json.writeObjectPropertyStart(name(weighting));
      writeWide("weight", state.weight());
      writeWide("squaredWeight", state.squaredWeight());
      writeWide("mean", state.mean());
      writeWide("m2", state.m2());
      writeReplicates("replicates", part.replicates().sums());
      if (cell.samples() < statistics.samples()) {
        writeReplicates("replicateWeights", part.replicates().weights());
      }
      json.writeEndObject();
    }
    writeBase64("sketch", cell.sketch().toBytes());
    json.writeEndObject();
  }

  static String name(Weighting weighting) {
    return weighting.name().toLowerCase(Locale.ROOT);
  }

  private void writeReplicates(String name, double[] replicates) {
    writeBase64(name, Replicates.toBytes(replicates));
  }

  /** As it is: to look for characters to escape, of which base64 has none, took half the time. */
  private void writeBase64(String name, byte[] bytes) {
    byte[] text = BASE64.encode(bytes);
    json.writeName(name);
    json.writeRawUTF8String(text, 0, text.length);
  }

  private void writeWide(String name, DoubleDouble value) {
    json.writeArrayPropertyStart(name);
    json.writeNumber(value.hi());
    json.writeNumber(value.lo());
    json.writeEndArray();
  }
}
