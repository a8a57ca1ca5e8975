package dev.sightline.heads.internal.metric;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.OutputPart;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A running model that gives, beside or instead of its own outputs, metrics of its heads for every
 * query token. They are reduced inside the graph: what comes out is {@code [B, H, S]}, S counting
 * positions, padded ones included, whose values mean nothing.
 */
public final class MeasuredSession implements AutoCloseable {
  private final RuntimeSession session;
  private final List<AttentionSite> sites;
  private final Set<HeadMetric> metrics;
  private final MetricPlan plan;

  /** The model's own outputs that each run gives as well. */
  private final List<String> own;

  /** All that each run computes. */
  private final Set<String> names;

  private MeasuredSession(
      RuntimeSession session,
      List<AttentionSite> sites,
      Set<HeadMetric> metrics,
      MetricPlan plan,
      List<String> own,
      Set<String> names) {
    this.session = session;
    this.sites = sites;
    this.metrics = metrics;
    this.plan = plan;
    this.own = own;
    this.names = names;
  }

  /** A metric of an attention over a batch. */
  public sealed interface Reading {
    /** {@code [B, H, S]}, S counting the positions of the queries. */
    record Values(FloatTensor tensor) implements Reading {}

    /** Why there are none. */
    record NoData(String reason) implements Reading {}
  }

  /**
   * What a run gave.
   *
   * @param readings for each attention, in the order that they were asked for, each metric
   * @param outputs the model's own outputs that the session was opened with
   */
  public record Measured(
      Map<AttentionSite, Map<HeadMetric, Reading>> readings, Map<String, FloatTensor> outputs) {}

  /** Opens the part of a model that metrics of its heads are made of. */
  public static MeasuredSession open(
      Model model, List<AttentionSite> sites, Set<HeadMetric> metrics, Batch trial)
      throws ModelException {
    return open(model, sites, metrics, List.of(trial), List.of());
  }

  /**
   * Opens the part of a model that metrics of its heads, and some of its own outputs, are made of.
   * What follows the last attention takes a quarter of the time of a small model.
   *
   * @param trials rows of other lengths each, which tell what the axes of attentions count
   * @param own the model's own outputs that each run gives as well
   */
  public static MeasuredSession open(
      Model model,
      List<AttentionSite> sites,
      Set<HeadMetric> metrics,
      List<Batch> trials,
      List<String> own)
      throws ModelException {
    if (sites.isEmpty() || metrics.isEmpty()) {
      throw new IllegalArgumentException(
          sites.size()
              + " attentions and "
              + metrics.size()
              + " metrics; expected at least one of each");
    }
    sites.forEach(ParsedModel.of(model)::requireOwn);
    MetricPlan plan = MetricPlan.of(model, sites, metrics, trials);
    Set<String> names = names(plan, sites, metrics, own);
    ModelProto graph = names.isEmpty() ? plan.graph() : OutputPart.of(plan.graph(), names);
    RuntimeSession session = RuntimeSession.start(ParsedModel.of(model), graph, Use.KEEPING_MEMORY);
    return new MeasuredSession(
        session, List.copyOf(sites), EnumSet.copyOf(metrics), plan, List.copyOf(own), names);
  }

  private static Set<String> names(
      MetricPlan plan,
      List<AttentionSite> sites,
      Collection<HeadMetric> metrics,
      Collection<String> own) {
    Set<String> names = new LinkedHashSet<>(own);
    for (AttentionSite site : sites) {
      for (HeadMetric metric : metrics) {
        if (plan.missing(site, metric) == null) {
          names.add(MetricNodes.output(site, metric));
        }
      }
    }
    return names;
  }

  /** How well each projection that was found rebuilds its layer's output. */
  public List<ProjectionCheck> projections() {
    return List.copyOf(plan.projections());
  }

  /**
   * The streams of the batch whose positions an attention's queries count, in order: the S of
   * {@code [B, H, S]} is their widths together. Empty if its queries fit no tokens of the trial, or
   * it cannot be read.
   */
  public List<Integer> queryStreams(AttentionSite site) {
    return plan.queries(site).map(TokenAxis::streams).orElse(List.of());
  }

  /** The tokens that an attention's queries are; empty if they are no input's. */
  public Optional<TokenAxis> queries(AttentionSite site) {
    return plan.queries(site);
  }

  /** Why it is not known which of an attention's queries are padding; empty if it is. */
  public String whyNoQueries(AttentionSite site) {
    return plan.whyNoQueries(site);
  }

  /** Why a metric of an attention is no data in every run; empty if there is some. */
  public String whyMissing(AttentionSite site, HeadMetric metric) {
    return Objects.requireNonNullElse(plan.missing(site, metric), "");
  }

  /** The number of an attention's heads on the trial; empty if it cannot be read. */
  public OptionalInt heads(AttentionSite site) {
    return plan.heads(site);
  }

  /** Runs a batch and returns the metrics alone. */
  public Map<AttentionSite, Map<HeadMetric, Reading>> run(Batch batch) throws ModelException {
    return measure(batch).readings();
  }

  /** Runs a batch. */
  public Measured measure(Batch batch) throws ModelException {
    Map<String, RawTensor> feed = new HashMap<>(batch.feed());
    plan.pairs().forEach(pair -> pair.feed(batch, plan.inputs(), feed));
    Map<String, FloatTensor> run = names.isEmpty() ? Map.of() : session.run(feed, names);
    Map<AttentionSite, Map<HeadMetric, Reading>> readings = new LinkedHashMap<>();
    for (AttentionSite site : sites) {
      Map<HeadMetric, Reading> here = new EnumMap<>(HeadMetric.class);
      for (HeadMetric metric : metrics) {
        String why = plan.missing(site, metric);
        here.put(
            metric,
            why == null ? new Reading.Values(values(run, site, metric)) : new Reading.NoData(why));
      }
      readings.put(site, here);
    }
    Map<String, FloatTensor> outputs = new LinkedHashMap<>();
    own.forEach(output -> outputs.put(output, Objects.requireNonNull(run.get(output))));
    return new Measured(readings, outputs);
  }

  private static FloatTensor values(
      Map<String, FloatTensor> run, AttentionSite site, HeadMetric metric) {
    return Objects.requireNonNull(run.get(MetricNodes.output(site, metric)));
  }

  @Override
  public void close() {
    session.close();
  }
}
