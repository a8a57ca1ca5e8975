package dev.sightline.heads.statistics;

import dev.sightline.data.DataException;
import dev.sightline.data.internal.row.JsonFields;
import dev.sightline.heads.internal.statistics.Bootstrap;
import dev.sightline.heads.internal.statistics.DoubleDouble;
import dev.sightline.heads.internal.statistics.Moments;
import dev.sightline.heads.internal.statistics.QuantileSketch;
import dev.sightline.tensor.internal.Quoted;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Statistics from JSON, one cell after another, so that a file costs the memory of its statistics.
 * Only the state is read; the numbers for people follow from it. The file may come from anyone:
 * every size is bounded before it is used, and nothing of it names a class.
 */
final class StatisticsReader {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final int MAX_BASE64 = 100_000;
  private static final int MAX_SHARDS = 1_000_000;

  private static final int MAX_HEAD_BYTES = 1 << 24;
  private static final int MAX_CELL_BYTES = 1 << 18;

  private final JsonParser json;
  private final Allowance allowance;
  private final ObjectNode head = JsonNodeFactory.instance.objectNode();
  private @Nullable HeadStatistics statistics;

  private StatisticsReader(JsonParser json, Allowance allowance) {
    this.json = json;
    this.allowance = allowance;
  }

  static HeadStatistics read(InputStream in, String name) throws DataException {
    Allowance allowance = new Allowance(in, MAX_HEAD_BYTES);
    try (JsonParser json = JSON.createParser(allowance)) {
      return new StatisticsReader(json, allowance).read();
    } catch (JacksonException e) {
      throw new DataException("'" + name + "' is not JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new DataException("'" + name + "' holds no statistics: " + e.getMessage(), e);
    }
  }

  private HeadStatistics read() {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("it is not a JSON object");
    }
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      json.nextToken();
      if (name.equals("cells")) {
        statistics = head();
        cells(statistics);
      } else {
        JsonNode value = json.readValueAsTree();
        head.set(name, value);
      }
    }
    if (json.nextToken() != null) {
      throw new IllegalArgumentException("something follows the JSON object");
    }
    if (statistics == null) {
      // Says first what the head lacks, and that may be all of it.
      head();
      throw new IllegalArgumentException("it has no \"cells\"");
    }
    return statistics;
  }

  private HeadStatistics head() {
    JsonFields fields = new JsonFields("", head);
    String schema = fields.text("schema");
    if (!schema.equals(StatisticsWriter.SCHEMA)) {
      throw new IllegalArgumentException(
          "its schema is '" + Quoted.shortened(schema) + "', not " + StatisticsWriter.SCHEMA);
    }
    long version = fields.whole("version");
    if (version != StatisticsWriter.VERSION) {
      throw new IllegalArgumentException(
          "its version is " + version + ", and this program reads " + StatisticsWriter.VERSION);
    }
    Provenance provenance = provenance(fields.object("provenance"));
    List<Shard> shards = new ArrayList<>();
    for (JsonNode shard : fields.array("shards", MAX_SHARDS)) {
      shards.add(Shard.parse(JsonFields.string("a shard", shard)));
    }
    if (shards.isEmpty()) {
      throw new IllegalArgumentException("it names no shard");
    }
    List<String> data = new ArrayList<>();
    fields
        .array("data", HeadStatistics.MAX_DATA)
        .forEach(name -> data.add(JsonFields.string("a data set", name)));
    String idSum = fields.text("idSum");
    if (!idSum.matches("[0-9a-f]{16}")) {
      throw new IllegalArgumentException(
          "\"idSum\" is 16 hexadecimal digits, not '" + Quoted.shortened(idSum) + "'");
    }
    HeadStatistics read =
        new HeadStatistics(
            provenance,
            shards,
            data,
            fields.count("samples"),
            fields.count("tokens"),
            Long.parseUnsignedLong(idSum, 16));
    read.recordInputs(inputs(head.path("inputs")));
    JsonFields weights = fields.object("replicateWeights");
    for (Weighting weighting : Weighting.values()) {
      read.restoreWeights(weighting, replicates(weights, StatisticsWriter.name(weighting)));
    }
    tallies("skips", fields, read.skipTallies());
    tallies("remarks", fields, read.remarkTallies());
    for (JsonNode missing : fields.array("missing", (int) Provenance.MAX_CELLS)) {
      JsonFields of = new JsonFields("missing", missing);
      int metric = provenance.metric(of.text("metric"));
      int layer = of.below("layer", provenance.headsPerLayer().size());
      for (JsonNode reason : of.array("reasons", 100)) {
        read.missing(metric, layer, JsonFields.string("a reason", reason));
      }
    }
    return read;
  }

  private static Map<String, String> inputs(JsonNode node) {
    Map<String, String> inputs = new HashMap<>();
    for (Map.Entry<String, JsonNode> input : node.properties()) {
      inputs.put(input.getKey(), JsonFields.string("an input", input.getValue()));
    }
    return inputs;
  }

  private static void tallies(String name, JsonFields fields, Skips into) {
    for (JsonNode tally : fields.array(name, Skips.MAX_REASONS)) {
      JsonFields of = new JsonFields(name, tally);
      List<String> first = new ArrayList<>();
      of.array("first", Skips.NAMED).forEach(n -> first.add(JsonFields.string("an id", n)));
      into.add(of.text("reason"), of.count("count"), first);
    }
  }

  private static Provenance provenance(JsonFields fields) {
    long replicates = fields.whole("replicates");
    if (replicates != Bootstrap.REPLICATES) {
      throw new IllegalArgumentException(
          "it has " + replicates + " replicates, not " + Bootstrap.REPLICATES);
    }
    List<Metric> metrics = new ArrayList<>();
    for (JsonNode metric : fields.array("metrics", Provenance.MAX_METRICS)) {
      JsonFields of = new JsonFields("metrics", metric);
      metrics.add(new Metric(of.text("name"), of.text("unit"), of.text("note")));
    }
    List<Integer> heads = new ArrayList<>();
    for (JsonNode layer : fields.array("headsPerLayer", Provenance.MAX_LAYERS)) {
      if (!layer.isInt()) {
        throw new IllegalArgumentException(
            "heads per layer are whole numbers, not " + JsonFields.quoted(layer));
      }
      heads.add(layer.asInt());
    }
    return new Provenance(
        fields.text("model"),
        fields.text("modelSha256"),
        fields.text("runtime"),
        TokenAggregation.parse(fields.text("aggregation")),
        (int) Math.min(fields.count("maxTokens"), Integer.MAX_VALUE),
        metrics,
        heads,
        fields.whole("seed"));
  }

  private void cells(HeadStatistics into) {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new IllegalArgumentException("\"cells\" is not an array");
    }
    Provenance provenance = into.provenance();
    Set<List<Integer>> seen = new HashSet<>();
    allowance.grant(MAX_CELL_BYTES);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      allowance.grant(MAX_CELL_BYTES);
      JsonNode node = json.readValueAsTree();
      JsonFields fields = new JsonFields("cells", node);
      int metric = provenance.metric(fields.text("metric"));
      int layer = fields.below("layer", provenance.headsPerLayer().size());
      int head = fields.below("head", provenance.headsPerLayer().get(layer));
      if (!seen.add(List.of(metric, layer, head))) {
        throw new IllegalArgumentException(
            "it has the cell of layer " + layer + ", head " + head + " twice");
      }
      into.restore(metric, layer, head, cell(fields, into));
    }
    long cells =
        (long) provenance.metrics().size()
            * provenance.headsPerLayer().stream().mapToInt(heads -> heads).sum();
    if (seen.size() != cells) {
      throw new IllegalArgumentException("it has " + seen.size() + " cells of " + cells);
    }
  }

  private static Cell cell(JsonFields fields, HeadStatistics of) {
    long samples = fields.count("samples");
    long notFinite = fields.count("notFinite");
    if (Math.addExact(samples, notFinite) > of.samples()) {
      throw new IllegalArgumentException(
          "a cell has more samples than the " + of.samples() + " there are");
    }
    Map<Weighting, Cell.Part> parts = new EnumMap<>(Weighting.class);
    if (samples == 0) {
      return new Cell(
          0,
          notFinite,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          parts,
          new QuantileSketch());
    }
    JsonFields state = fields.object("state");
    for (Weighting weighting : Weighting.values()) {
      JsonFields part = state.object(StatisticsWriter.name(weighting));
      Moments moments =
          new Moments(
              new Moments.State(
                  wide(part, "weight"),
                  wide(part, "squaredWeight"),
                  wide(part, "mean"),
                  wide(part, "m2")));
      double[] weights =
          samples == of.samples()
              ? of.replicateWeights(weighting)
              : replicates(part, "replicateWeights");
      parts.put(
          weighting,
          new Cell.Part(moments, Replicates.of(weights, replicates(part, "replicates"))));
    }
    return new Cell(
        samples,
        notFinite,
        fields.number("min"),
        fields.number("max"),
        parts,
        QuantileSketch.ofBytes(base64(state, "sketch")));
  }

  private static double[] replicates(JsonFields fields, String name) {
    return Replicates.ofBytes(base64(fields, name));
  }

  private static byte[] base64(JsonFields fields, String name) {
    String text = fields.text(name);
    if (text.length() > MAX_BASE64) {
      throw new IllegalArgumentException(
          "\"" + name + "\" has " + text.length() + " characters, more than " + MAX_BASE64);
    }
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + name + "\" is not base64: " + e.getMessage(), e);
    }
  }

  /** Two numbers, the second no more than the rounding of the first. */
  private static DoubleDouble wide(JsonFields fields, String name) {
    double[] parts = fields.pair(name);
    if (!Double.isFinite(parts[0]) || parts[0] + parts[1] != parts[0]) {
      throw fields.wrong(name, "a finite number and the rest of its rounding");
    }
    return new DoubleDouble(parts[0], parts[1]);
  }
}
