package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.onnx.AttentionSite.Tap;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
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
import java.util.Set;

/**
 * A running model that gives, beside or instead of its own outputs, metrics of its heads for every
 * query token. They are reduced inside the graph: what comes out is {@code [B, H, S]}, S counting
 * slots, padded ones included, whose values mean nothing.
 */
public final class MeasuredSession implements AutoCloseable {
  private final OnnxSession session;
  private final List<AttentionSite> sites;
  private final Map<Integer, Map<HeadMetric, String>> missing;
  private final Set<HeadMetric> metrics;
  private final List<ProjectionCheck> projections;
  private final Collection<MetricInputs> pairs;
  private final Set<String> inputs;

  private MeasuredSession(
      OnnxSession session,
      List<AttentionSite> sites,
      Set<HeadMetric> metrics,
      List<ProjectionCheck> projections,
      Plan plan) {
    this.session = session;
    this.sites = sites;
    this.metrics = metrics;
    this.projections = projections;
    this.missing = plan.missing;
    this.pairs = plan.pairs.values();
    this.inputs = plan.nodes.inputs();
  }

  /** A metric of an attention over a batch. */
  public sealed interface Reading {
    /** {@code [B, H, S]}, S counting the query's slots. */
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

  /** What is added to the graph, and what could not be. */
  private static final class Plan {
    final Map<Integer, Map<HeadMetric, String>> missing = new HashMap<>();
    final Map<List<TokenSpan>, MetricInputs> pairs = new LinkedHashMap<>();
    final Taps taps;
    final MetricNodes nodes;

    Plan(String batchInput, long opset) {
      taps = new Taps(batchInput);
      nodes = new MetricNodes(taps.graph(), opset);
    }

    MetricInputs between(TokenSpan queries, TokenSpan keys) {
      return pairs.computeIfAbsent(
          List.of(queries, keys), k -> new MetricInputs(pairs.size(), queries, keys));
    }

    void miss(AttentionSite site, HeadMetric metric, String reason) {
      missing
          .computeIfAbsent(site.layer(), l -> new EnumMap<>(HeadMetric.class))
          .put(metric, reason);
    }
  }

  static MeasuredSession open(
      OnnxModel model, List<AttentionSite> sites, Set<HeadMetric> metrics, Batch trial)
      throws OnnxModelException {
    Map<String, FloatTensor> look = look(model, sites, metrics, trial);
    Plan plan = new Plan(model.batchInput(), model.opset());
    List<ProjectionCheck> checks = new ArrayList<>();
    for (AttentionSite site : sites) {
      FloatTensor output = look.get(site.output(Tap.ATTENTION_OUTPUT));
      FloatTensor rebuilt = look.get(site.output(Tap.REBUILT_OUTPUT));
      String whyNot = site.whyNoProjection();
      if (output != null && rebuilt != null) {
        ProjectionCheck check = ProjectionCheck.of(site, output, rebuilt);
        checks.add(check);
        whyNot = check.why();
      }
      add(plan, model, site, metrics, spans(model, site, look, trial), whyNot);
    }
    ModelProto parsed = model.proto();
    OnnxSession session =
        OnnxSession.openKeepingMemory(model, plan.taps.appendedTo(model.bytes(), parsed));
    return new MeasuredSession(
        session, List.copyOf(sites), EnumSet.copyOf(metrics), List.copyOf(checks), plan);
  }

  /** Runs the trial for the shapes of the attentions and the truth of their projections. */
  private static Map<String, FloatTensor> look(
      OnnxModel model, List<AttentionSite> sites, Set<HeadMetric> metrics, Batch trial)
      throws OnnxModelException {
    Set<Tap> taps = EnumSet.of(Tap.PROBABILITIES);
    if (metrics.stream().anyMatch(HeadMetric::needsProjection)) {
      taps.add(Tap.ATTENTION_OUTPUT);
      taps.add(Tap.REBUILT_OUTPUT);
    }
    List<String> outputs = new ArrayList<>();
    for (AttentionSite site : sites) {
      taps.stream().filter(site.taps()::contains).forEach(tap -> outputs.add(site.output(tap)));
    }
    try (OnnxSession session = model.openTapped(sites, taps)) {
      return outputs.isEmpty() ? Map.of() : session.run(trial, outputs);
    }
  }

  private static Optional<List<TokenSpan>> spans(
      OnnxModel model, AttentionSite site, Map<String, FloatTensor> look, Batch trial) {
    FloatTensor probabilities = look.get(site.output(Tap.PROBABILITIES));
    if (probabilities == null || probabilities.shape().rank() != 4) {
      return Optional.empty();
    }
    int streams = model.roles().streams().size();
    Shape shape = probabilities.shape();
    boolean self = site.source() == AttentionSite.Source.SELF;
    boolean cross = site.source() == AttentionSite.Source.CROSS;
    // Of two streams of one width a decoder's is the later one.
    return TokenSpan.of(shape.dim(2), trial, streams, cross ? streams - 1 : -1, -1)
        .flatMap(queries ->
            TokenSpan.of(
                    shape.dim(3),
                    trial,
                    streams,
                    self ? queries.first() : -1,
                    cross ? queries.first() : -1)
                .map(keys -> List.of(queries, keys)));
  }

  private static void add(
      Plan plan,
      OnnxModel model,
      AttentionSite site,
      Set<HeadMetric> metrics,
      Optional<List<TokenSpan>> spans,
      String whyNoProjection) {
    String probabilities = null;
    String context = null;
    ProjectionNodes projection = null;
    String weights = null;
    for (HeadMetric metric : metrics) {
      String why = whyNot(site, metric, spans, whyNoProjection, model.opset());
      if (!why.isEmpty()) {
        plan.miss(site, metric, why);
        continue;
      }
      if (!metric.isOfContext()) {
        if (probabilities == null) {
          probabilities = plan.taps.probabilities(site, model.tapPoint(site));
        }
        if (metric == HeadMetric.ENTROPY) {
          plan.nodes.entropy(
              site,
              probabilities,
              plan.taps.logProbabilities(site, model.tapPoint(site), model.graph()));
          continue;
        }
        TokenSpan none = new TokenSpan(0, -1);
        List<TokenSpan> both = spans.orElse(List.of(none, none)); // for what needs no tokens
        MetricInputs given = plan.between(both.getFirst(), both.getLast());
        plan.nodes.ofProbabilities(site, metric, probabilities, given);
        continue;
      }
      if (context == null) {
        context = plan.taps.context(site, model.tapPoint(site));
      }
      if (!metric.needsProjection()) {
        plan.nodes.outputNorm(site, context);
        continue;
      }
      if (projection == null || weights == null) {
        ProjectionPoint point =
            Objects.requireNonNull(model.tapPoint(site).projection().point(), "checked above");
        projection =
            new ProjectionNodes(plan.taps.graph(), point, "sightline.projection." + site.layer());
        weights = projection.weights();
      }
      if (metric == HeadMetric.CONTRIBUTION_NORM) {
        plan.nodes.contributionNorm(site, context, projection, weights);
      } else {
        plan.nodes.signedShare(
            site, context, projection, weights, projection.withoutBias(Taps.BATCH));
      }
    }
  }

  private static String whyNot(
      AttentionSite site,
      HeadMetric metric,
      Optional<List<TokenSpan>> spans,
      String whyNoProjection,
      long opset) {
    if (!site.taps().contains(Tap.PROBABILITIES)) {
      return site.whyNotReadable();
    }
    if (metric.isOfContext()) {
      if (!site.taps().contains(Tap.CONTEXT)) {
        return "what its heads read could not be laid out";
      }
      return metric.needsProjection() ? whyNoProjection : "";
    }
    if (metric == HeadMetric.ENTROPY || metric == HeadMetric.MAX_PROB) {
      return "";
    }
    if (spans.isEmpty()) {
      return "its probabilities fit no tokens of the batch";
    }
    boolean self = spans.get().getFirst().equals(spans.get().getLast());
    if (metric.isOfSelfAttention() && !self) {
      return "its queries and keys are not the same tokens";
    }
    return MetricNodes.looksUp(metric) && opset < 11
        ? "opset " + opset + " has no GatherElements; expected 11 or later"
        : "";
  }

  /** How well each projection that was found rebuilds its layer's output. */
  public List<ProjectionCheck> projections() {
    return projections;
  }

  /** Runs a batch for the metrics alone. */
  public Map<AttentionSite, Map<HeadMetric, Reading>> run(Batch batch) throws OnnxModelException {
    return run(batch, List.of()).readings();
  }

  /**
   * Runs a batch.
   *
   * @param outputs those of the model's own outputs to fetch as well
   */
  public Measured run(Batch batch, Collection<String> outputs) throws OnnxModelException {
    Map<String, RawTensor> feed = new HashMap<>(batch.feed());
    pairs.forEach(pair -> pair.feed(batch, inputs, feed));
    Set<String> names = new LinkedHashSet<>(outputs);
    for (AttentionSite site : sites) {
      for (HeadMetric metric : metrics) {
        if (!missing.getOrDefault(site.layer(), Map.of()).containsKey(metric)) {
          names.add(MetricNodes.output(site, metric));
        }
      }
    }
    Map<String, FloatTensor> run = names.isEmpty() ? Map.of() : session.run(feed, names);
    Map<AttentionSite, Map<HeadMetric, Reading>> readings = new LinkedHashMap<>();
    for (AttentionSite site : sites) {
      Map<HeadMetric, Reading> here = new EnumMap<>(HeadMetric.class);
      for (HeadMetric metric : metrics) {
        String why = missing.getOrDefault(site.layer(), Map.of()).get(metric);
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
    FloatTensor tensor = Objects.requireNonNull(run.get(MetricNodes.output(site, metric)));
    int part = MetricNodes.part(metric);
    if (part < 0) {
      return tensor;
    }
    Shape shape = tensor.shape();
    int parts = shape.dim(3);
    float[] values = new float[tensor.data().length / parts];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.data()[i * parts + part];
    }
    return FloatTensor.of(Shape.of(shape.dim(0), shape.dim(1), shape.dim(2)), values);
  }

  @Override
  public void close() {
    session.close();
  }
}
