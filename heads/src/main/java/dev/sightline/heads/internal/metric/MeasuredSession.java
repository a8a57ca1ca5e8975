package dev.sightline.heads.internal.metric;

import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.Model;
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

  private MeasuredSession(
      RuntimeSession session, List<AttentionSite> sites, Set<HeadMetric> metrics, MetricPlan plan) {
    this.session = session;
    this.sites = sites;
    this.metrics = metrics;
    this.plan = plan;
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
   * @param outputs those of the model's own outputs that were asked for
   */
  public record Measured(
      Map<AttentionSite, Map<HeadMetric, Reading>> readings, Map<String, FloatTensor> outputs) {}

  public static MeasuredSession open(
      Model model, List<AttentionSite> sites, Set<HeadMetric> metrics, Batch trial)
      throws ModelException {
    return open(model, sites, metrics, List.of(trial));
  }

  /**
   * Opens a model.
   *
   * @param trials rows of other lengths each, which tell what the axes of attentions count
   */
  public static MeasuredSession open(
      Model model, List<AttentionSite> sites, Set<HeadMetric> metrics, List<Batch> trials)
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
    RuntimeSession session =
        RuntimeSession.start(ParsedModel.of(model), plan.graph(), Use.KEEPING_MEMORY);
    return new MeasuredSession(session, List.copyOf(sites), EnumSet.copyOf(metrics), plan);
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

  /** Runs a batch for the metrics alone. */
  public Map<AttentionSite, Map<HeadMetric, Reading>> run(Batch batch) throws ModelException {
    return run(batch, List.of()).readings();
  }

  /**
   * Runs a batch.
   *
   * @param outputs those of the model's own outputs to fetch as well
   */
  public Measured run(Batch batch, Collection<String> outputs) throws ModelException {
    Map<String, RawTensor> feed = new HashMap<>(batch.feed());
    plan.pairs().forEach(pair -> pair.feed(batch, plan.inputs(), feed));
    Set<String> names = new LinkedHashSet<>(outputs);
    for (AttentionSite site : sites) {
      for (HeadMetric metric : metrics) {
        if (plan.missing(site, metric) == null) {
          names.add(MetricNodes.output(site, metric));
        }
      }
    }
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
    Map<String, FloatTensor> own = new LinkedHashMap<>();
    outputs.forEach(output -> own.put(output, Objects.requireNonNull(run.get(output))));
    return new Measured(readings, own);
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
