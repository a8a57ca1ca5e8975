package dev.sightline.heads.internal.run;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.heads.internal.metric.MeasuredSession;
import dev.sightline.heads.internal.metric.MeasuredSession.Reading;
import dev.sightline.heads.internal.metric.RepeatedTokens;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.SampleValues;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.OutputProjection;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs a model on batches and returns one value per sample, metric, layer and head. */
public final class HeadMeter implements AutoCloseable {
  private final MeasuredSession session;
  private final List<AttentionSite> sites;
  private final List<HeadMetric> metrics;
  private final List<Integer> headsPerLayer;

  private final List<TokenStream> streams;

  /** Whether the rows of the trial give every input. */
  private final boolean isGiven;

  /** By metric and layer, the reason why there is no data; empty where there is data. */
  private final String[][] missing;

  private HeadMeter(
      Model model,
      MeasuredSession session,
      List<AttentionSite> sites,
      Set<HeadMetric> metrics,
      Batch trial) {
    this.streams = model.roles().streams();
    this.session = session;
    this.sites = sites;
    this.metrics = List.copyOf(metrics);
    this.isGiven = trial.isGiven();
    this.missing = new String[metrics.size()][sites.size()];
    for (int m = 0; m < this.metrics.size(); m++) {
      for (int layer = 0; layer < sites.size(); layer++) {
        missing[m][layer] = whyNotOfData(this.metrics.get(m), trial);
        if (missing[m][layer].isEmpty()) {
          missing[m][layer] = whyNot(sites.get(layer), this.metrics.get(m));
        }
      }
    }
    // The number of heads of a layer without readings may be unknown.
    headsPerLayer = sites.stream().map(site -> session.heads(site).orElse(1)).toList();
  }

  /**
   * Opens a model with its metrics added to the graph.
   *
   * @param trials as {@link TrialBatch#read} returns them
   * @throws ModelException if the model has no attention, or none that can be measured
   */
  public static HeadMeter open(Model model, Set<HeadMetric> metrics, List<Batch> trials)
      throws ModelException {
    List<AttentionSite> sites = model.attention().found();
    if (sites.isEmpty()) {
      throw new ModelException(
          "no attention was found in "
              + model
              + "; expected a Softmax between two products, or a fused operator");
    }
    MeasuredSession session = MeasuredSession.open(model, sites, metrics, trials, List.of());
    try {
      HeadMeter meter = new HeadMeter(model, session, sites, metrics, trials.getFirst());
      meter.requireAny(model);
      return meter;
    } catch (ModelException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** All rows are alike: they know their special tokens if there is a tokenizer. */
  private static boolean knowsSpecial(Batch batch) {
    return batch.samples().getFirst().streams().stream()
        .anyMatch(tokens -> tokens instanceof TokenizedText text && text.knowsSpecial());
  }

  private static String whyNotOfData(HeadMetric metric, Batch trial) {
    return switch (metric) {
      case SPECIAL ->
          knowsSpecial(trial) ? "" : "without a tokenizer, no id is known to be special";
      case INDUCTION ->
          trial.samples().getFirst().streams().stream().anyMatch(TokenizedText.class::isInstance)
              ? ""
              : "its tokens have no ids that could repeat";
      default -> "";
    };
  }

  private String whyNot(AttentionSite site, HeadMetric metric) {
    String why = session.whyMissing(site, metric);
    if (isGiven && why.isEmpty()) {
      boolean ofIds = metric != HeadMetric.INDUCTION || isOfIds(site);
      return ofIds ? session.whyNoQueries(site) : "its tokens have no ids that could repeat";
    }
    return !why.isEmpty() || session.queryStreams(site).equals(List.of(0))
        ? why
        : "its queries are not the tokens of the data";
  }

  /** Whether its queries are the ids of one sequence. */
  private boolean isOfIds(AttentionSite site) {
    return session
        .queries(site)
        .filter(axis -> axis.isOneStream() && streams.get(axis.first()).isOfIds())
        .isPresent();
  }

  private void requireAny(Model model) throws ModelException {
    for (String[] ofMetric : missing) {
      for (String reason : ofMetric) {
        if (reason.isEmpty()) {
          return;
        }
      }
    }
    throw new ModelException("nothing can be measured in " + model + ": " + missing[0][0]);
  }

  /** What the user should know of the measurements; sentences without a full stop. */
  public List<String> notes() {
    List<String> all =
        sites.stream()
            .filter(site ->
                isGiven && session.queries(site).isEmpty() && session.whyNoQueries(site).isEmpty())
            .map(site -> Integer.toString(site.layer()))
            .toList();
    return all.isEmpty()
        ? List.of()
        : List.of(
            "the queries of layer "
                + String.join(", ", all)
                + " are no input's tokens: all of them count");
  }

  public List<Integer> headsPerLayer() {
    return headsPerLayer;
  }

  /** Returns the metrics. The note names the operator after the output projection, if any. */
  public List<Metric> metrics() {
    return metrics.stream()
        .map(metric ->
            new Metric(metric.id(), metric.unit(), metric.needsProjection() ? before() : ""))
        .toList();
  }

  private String before() {
    Map<String, List<String>> layers = new TreeMap<>();
    for (AttentionSite site : sites) {
      OutputProjection projection = site.projection();
      if (projection != null && !projection.before().isEmpty()) {
        layers
            .computeIfAbsent(projection.before(), b -> new ArrayList<>())
            .add(Integer.toString(site.layer()));
      }
    }
    return layers.entrySet().stream()
        .map(each -> "before " + each.getKey() + " in layer " + String.join(", ", each.getValue()))
        .collect(Collectors.joining("; "));
  }

  /**
   * Returns statistics of no sample, which say what is measured and which layers have no data.
   *
   * @param model that of the meter
   * @param name its name in the statistics
   * @param data the name of the data set
   */
  public HeadStatistics statistics(
      Model model,
      String name,
      TokenAggregation aggregation,
      int maxTokens,
      long seed,
      Shard shard,
      String data)
      throws ModelException {
    Provenance provenance =
        new Provenance(
            name,
            model.sha256(),
            "ONNX Runtime " + ModelSession.runtimeVersion() + ", CPU",
            aggregation,
            maxTokens,
            metrics(),
            headsPerLayer,
            seed);
    HeadStatistics statistics = new HeadStatistics(provenance, shard, data);
    explain(statistics);
    return statistics;
  }

  /** Records in the statistics which layers have no data. */
  private void explain(HeadStatistics statistics) {
    for (int m = 0; m < missing.length; m++) {
      for (int layer = 0; layer < missing[m].length; layer++) {
        if (!missing[m][layer].isEmpty()) {
          statistics.missing(m, layer, missing[m][layer]);
        }
      }
    }
  }

  /** Returns the values of the first rows of a batch, one for each sample, in their order. */
  public List<SampleValues> measure(Batch batch, List<HeadSample> samples) throws ModelException {
    Map<AttentionSite, Map<HeadMetric, Reading>> readings = session.run(batch);
    List<@Nullable TokenLayout> layouts = new ArrayList<>();
    for (int layer = 0; layer < sites.size(); layer++) {
      layouts.add(layout(batch, layer, readings));
    }
    List<SampleValues> values = new ArrayList<>();
    for (int row = 0; row < samples.size(); row++) {
      HeadSample sample = samples.get(row);
      List<List<double @Nullable []>> byMetric = new ArrayList<>();
      for (int m = 0; m < metrics.size(); m++) {
        List<double @Nullable []> byLayer = new ArrayList<>();
        for (int layer = 0; layer < sites.size(); layer++) {
          TokenLayout layout = layouts.get(layer);
          byLayer.add(
              layout != null
                      && missing[m][layer].isEmpty()
                      && reading(readings, layer, m) instanceof Reading.Values given
                  ? values(batch, sample, row, m, layer, layout, given)
                  : null);
        }
        byMetric.add(byLayer);
      }
      values.add(
          new SampleValues(
              sample.id(), sample.weight(), sample.tokens(), sample.read().tokens(), byMetric));
    }
    return values;
  }

  /** The values of a layer's heads; null if the sample has no query that the metric is of. */
  private double @Nullable [] values(
      Batch batch,
      HeadSample sample,
      int row,
      int m,
      int layer,
      TokenLayout layout,
      Reading.Values given) {
    HeadMetric metric = metrics.get(m);
    TokenChoice.Read read = defined(metric, sample.read(layout.tokens(row)));
    int stream = session.queries(sites.get(layer)).map(TokenAxis::first).orElse(0);
    double part = metric == HeadMetric.INDUCTION ? repeated(batch, stream, row, read) : 1;
    return read.tokens() > 0 && part > 0
        ? divided(layout.means(given.tensor().data(), headsPerLayer.get(layer), row, read), part)
        : null;
  }

  /**
   * The real queries of a layer; null if they are none of the batch's tokens, as those of a decoder
   * whose rows are texts.
   */
  private @Nullable TokenLayout layout(
      Batch batch, int layer, Map<AttentionSite, Map<HeadMetric, Reading>> readings)
      throws ModelException {
    AttentionSite site = sites.get(layer);
    Optional<TokenAxis> queries = session.queries(site);
    if (!batch.isGiven()) {
      return queries.filter(axis -> axis.isStream(0)).isPresent() ? TokenLayout.of(batch, 0) : null;
    }
    OptionalInt length = length(layer, readings);
    if (length.isEmpty()) {
      return null;
    }
    if (queries.isEmpty()) {
      return TokenLayout.ofAll(batch.rows(), length.getAsInt());
    }
    TokenLayout layout = TokenLayout.of(batch, queries.get());
    if (layout.width() != length.getAsInt()) {
      throw new ModelException(
          "the attention at "
              + site.node()
              + " has "
              + length.getAsInt()
              + " queries, though in the first rows they were as many as the tokens of '"
              + queries.get().names(batch.joint())
              + "', which are "
              + layout.width()
              + " here; put rows of different lengths first");
    }
    return layout;
  }

  /** How many queries a layer has; empty if nothing of it is measured. */
  private OptionalInt length(int layer, Map<AttentionSite, Map<HeadMetric, Reading>> readings) {
    for (int m = 0; m < metrics.size(); m++) {
      if (reading(readings, layer, m) instanceof Reading.Values given) {
        return OptionalInt.of(given.tensor().shape().dim(2));
      }
    }
    return OptionalInt.empty();
  }

  /** The part of the tokens that are read that occurred before in their sample. */
  private static double repeated(Batch batch, int stream, int row, TokenChoice.Read read) {
    Tokens tokens = batch.samples().get(row).streams().get(stream);
    return (double) RepeatedTokens.count(tokens, read.from(), read.to())
        / Math.max(1, read.tokens());
  }

  private static double[] divided(double[] means, double part) {
    return part == 1 ? means : Arrays.stream(means).map(mean -> mean / part).toArray();
  }

  private Reading reading(
      Map<AttentionSite, Map<HeadMetric, Reading>> readings, int layer, int metric) {
    Map<HeadMetric, Reading> site = Objects.requireNonNull(readings.get(sites.get(layer)));
    return Objects.requireNonNull(site.get(metrics.get(metric)));
  }

  /** The first token has no previous token. Its 0 would lower the mean, so it is left out. */
  private static TokenChoice.Read defined(HeadMetric metric, TokenChoice.Read read) {
    return metric == HeadMetric.PREVIOUS && read.from() == 0
        ? new TokenChoice.Read(1, Math.max(1, read.to()))
        : read;
  }

  @Override
  public void close() {
    session.close();
  }
}
