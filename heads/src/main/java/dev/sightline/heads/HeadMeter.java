package dev.sightline.heads;

import dev.sightline.heads.TokenAggregation.Choice;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.Batch;
import dev.sightline.onnx.HeadMetric;
import dev.sightline.onnx.MeasuredSession;
import dev.sightline.onnx.MeasuredSession.Reading;
import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.OutputProjection;
import dev.sightline.onnx.TokenizedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A model at work that gives, for each sample of a batch, one value per metric, layer and head. */
public final class HeadMeter implements AutoCloseable {
  private final MeasuredSession session;
  private final List<AttentionSite> sites;
  private final List<HeadMetric> metrics;
  private final List<Integer> headsPerLayer;

  /** By metric and layer why there is no data; empty where there is. */
  private final String[][] missing;

  private HeadMeter(
      MeasuredSession session, List<AttentionSite> sites, Set<HeadMetric> metrics, Batch trial) {
    this.session = session;
    this.sites = sites;
    this.metrics = List.copyOf(metrics);
    this.missing = new String[metrics.size()][sites.size()];
    for (int m = 0; m < this.metrics.size(); m++) {
      for (int layer = 0; layer < sites.size(); layer++) {
        missing[m][layer] =
            this.metrics.get(m) == HeadMetric.SPECIAL && !knowsSpecial(trial)
                ? "no tokenizer says which ids are special"
                : whyNot(sites.get(layer), this.metrics.get(m));
      }
    }
    // A layer that shows nothing may not even show how many heads it has.
    headsPerLayer = sites.stream().map(site -> session.heads(site).orElse(1)).toList();
  }

  /**
   * Starts a model.
   *
   * @param trial a few real rows
   * @throws OnnxModelException if it has no attention, or nothing of it can be measured
   */
  public static HeadMeter open(OnnxModel model, Set<HeadMetric> metrics, Batch trial)
      throws OnnxModelException {
    List<AttentionSite> sites = model.attention().found();
    if (sites.isEmpty()) {
      throw new OnnxModelException(
          "no attention was found in "
              + model
              + "; expected a Softmax between two products, or a fused operator");
    }
    MeasuredSession session = model.openMeasured(sites, metrics, trial);
    try {
      HeadMeter meter = new HeadMeter(session, sites, metrics, trial);
      meter.requireAny(model);
      return meter;
    } catch (OnnxModelException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** With a tokenizer every row does, without one none. */
  private static boolean knowsSpecial(Batch batch) {
    return batch.samples().getFirst().streams().getFirst() instanceof TokenizedText text
        && text.knowsSpecial();
  }

  private String whyNot(AttentionSite site, HeadMetric metric) {
    String why = session.whyMissing(site, metric);
    return !why.isEmpty() || session.queryStreams(site).equals(List.of(0))
        ? why
        : "its queries are not the tokens of the data";
  }

  private void requireAny(OnnxModel model) throws OnnxModelException {
    for (String[] ofMetric : missing) {
      for (String reason : ofMetric) {
        if (reason.isEmpty()) {
          return;
        }
      }
    }
    throw new OnnxModelException("nothing can be measured in " + model + ": " + missing[0][0]);
  }

  public List<Integer> headsPerLayer() {
    return headsPerLayer;
  }

  /** The metrics, with what follows the product in which the heads' contributions end. */
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

  /** Tells the statistics which layers have no data. */
  void explain(HeadStatistics statistics) {
    for (int m = 0; m < missing.length; m++) {
      for (int layer = 0; layer < missing[m].length; layer++) {
        if (!missing[m][layer].isEmpty()) {
          statistics.missing(m, layer, missing[m][layer]);
        }
      }
    }
  }

  /** The values of the first rows of a batch, in their order. */
  public List<SampleValues> measure(Batch batch, List<HeadSample> samples)
      throws OnnxModelException {
    TokenLayout layout = TokenLayout.of(batch, 0);
    Map<AttentionSite, Map<HeadMetric, Reading>> readings = session.run(batch);
    List<SampleValues> values = new ArrayList<>();
    for (int row = 0; row < samples.size(); row++) {
      HeadSample sample = samples.get(row);
      List<List<double @Nullable []>> byMetric = new ArrayList<>();
      for (int m = 0; m < metrics.size(); m++) {
        List<double @Nullable []> byLayer = new ArrayList<>();
        Choice.Read read = defined(metrics.get(m), sample.read());
        for (int layer = 0; layer < sites.size(); layer++) {
          Reading reading = reading(readings, layer, m);
          byLayer.add(
              missing[m][layer].isEmpty()
                      && read.tokens() > 0
                      && reading instanceof Reading.Values given
                  ? TokenAggregation.aggregate(
                      given.tensor().data(), headsPerLayer.get(layer), layout, row, read)
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

  private Reading reading(
      Map<AttentionSite, Map<HeadMetric, Reading>> readings, int layer, int metric) {
    Map<HeadMetric, Reading> site = Objects.requireNonNull(readings.get(sites.get(layer)));
    return Objects.requireNonNull(site.get(metrics.get(metric)));
  }

  /** The first token has none before it: its 0 is no attention withheld, and would dilute. */
  private static Choice.Read defined(HeadMetric metric, Choice.Read read) {
    return metric == HeadMetric.PREVIOUS && read.from() == 0
        ? new Choice.Read(1, Math.max(1, read.to()))
        : read;
  }

  @Override
  public void close() {
    session.close();
  }
}
