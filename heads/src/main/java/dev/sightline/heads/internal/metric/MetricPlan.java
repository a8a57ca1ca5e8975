package dev.sightline.heads.internal.metric;

import dev.sightline.data.Batch;
import dev.sightline.data.TokenSpan;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.ProjectionNodes;
import dev.sightline.onnx.internal.graph.ProjectionPoint;
import dev.sightline.onnx.internal.graph.TapPoint;
import dev.sightline.onnx.internal.graph.Taps;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is added to a graph for metrics of its heads, and why the rest is not. A trial decides: its
 * shapes tell which tokens an attention is between, its numbers which weights and values are its
 * own.
 */
final class MetricPlan {
  private final Model model;
  private final Set<HeadMetric> metrics;
  private final Batch trial;
  private final Map<Integer, TokenSpan> queries = new HashMap<>();
  private final Map<Integer, Integer> heads = new HashMap<>();
  private final Map<Integer, Map<HeadMetric, String>> missing = new HashMap<>();
  private final Map<List<TokenSpan>, MetricInputs> pairs = new LinkedHashMap<>();
  private final List<ProjectionCheck> projections = new ArrayList<>();
  private final Map<Integer, ProjectionNodes> weights = new HashMap<>();
  private final Taps taps;
  private final MetricNodes nodes;
  private Map<String, FloatTensor> look;

  private MetricPlan(
      Model model, Set<HeadMetric> metrics, Batch trial, Map<String, FloatTensor> look) {
    this.model = model;
    this.metrics = metrics;
    this.trial = trial;
    this.look = look;
    taps = new Taps(model.batchInput());
    nodes = new MetricNodes(taps.graph(), model.opset());
  }

  static MetricPlan of(Model model, List<AttentionSite> sites, Set<HeadMetric> metrics, Batch trial)
      throws ModelException {
    MetricPlan plan = new MetricPlan(model, metrics, trial, look(model, sites, metrics, trial));
    sites.forEach(plan::add);
    plan.look = Map.of(); // tensors as large as the trial's probabilities
    return plan;
  }

  private static Map<String, FloatTensor> look(
      Model model, List<AttentionSite> sites, Set<HeadMetric> metrics, Batch trial)
      throws ModelException {
    Set<Tap> taps = EnumSet.of(Tap.PROBABILITIES);
    if (metrics.stream().anyMatch(HeadMetric::needsProjection)) {
      taps.add(Tap.ATTENTION_OUTPUT);
      taps.add(Tap.REBUILT_OUTPUT);
    }
    if (metrics.contains(HeadMetric.VALUE_WEIGHTED)) {
      taps.add(Tap.VALUES);
      taps.add(Tap.CONTEXT);
    }
    List<String> outputs = new ArrayList<>();
    for (AttentionSite site : sites) {
      taps.stream().filter(site.taps()::contains).forEach(tap -> outputs.add(site.output(tap)));
    }
    try (ModelSession session = model.tappedSession(sites, taps)) {
      return outputs.isEmpty() ? Map.of() : session.run(trial.feed(), outputs);
    }
  }

  private @Nullable FloatTensor seen(AttentionSite site, Tap tap) {
    return look.get(site.output(tap));
  }

  /** The tokens that its queries are, and those that its keys are. */
  private Optional<List<TokenSpan>> spans(AttentionSite site) {
    FloatTensor probabilities = seen(site, Tap.PROBABILITIES);
    if (probabilities == null || probabilities.shape().rank() != 4) {
      return Optional.empty();
    }
    int streams = model.roles().streams().size();
    Shape shape = probabilities.shape();
    boolean self = site.source() == AttentionSite.Source.SELF;
    boolean cross = site.source() == AttentionSite.Source.CROSS;
    heads.put(site.layer(), shape.dim(1));
    // Of two streams of one width a decoder's is the later one.
    Optional<TokenSpan> span =
        TokenSpan.of(shape.dim(2), trial, streams, cross ? streams - 1 : -1, -1);
    span.ifPresent(found -> queries.put(site.layer(), found));
    return span.flatMap(found ->
        TokenSpan.of(
                shape.dim(3), trial, streams, self ? found.first() : -1, cross ? found.first() : -1)
            .map(keys -> List.of(found, keys)));
  }

  private void add(AttentionSite site) {
    Optional<List<TokenSpan>> spans = spans(site);
    String whyNoProjection = whyNoProjection(site);
    Set<HeadMetric> here = EnumSet.noneOf(HeadMetric.class);
    for (HeadMetric metric : metrics) {
      String why = whyNot(site, metric, spans, whyNoProjection);
      if (why.isEmpty()) {
        here.add(metric);
      } else {
        missing
            .computeIfAbsent(site.layer(), l -> new EnumMap<>(HeadMetric.class))
            .put(metric, why);
      }
    }
    addOfProbabilities(site, here, spans);
    addOfContext(site, here);
  }

  private void addOfProbabilities(
      AttentionSite site, Set<HeadMetric> here, Optional<List<TokenSpan>> spans) {
    if (here.stream().allMatch(HeadMetric::isOfContext)) {
      return;
    }
    TapPoint point = model.tapPoint(site);
    String probabilities = taps.probabilities(site, point);
    TokenSpan none = new TokenSpan(0, -1);
    List<TokenSpan> both = spans.orElse(List.of(none, none)); // for what needs no tokens
    MetricInputs given =
        pairs.computeIfAbsent(
            both, k -> new MetricInputs(pairs.size(), both.getFirst(), both.getLast()));
    for (HeadMetric metric : here) {
      if (metric == HeadMetric.ENTROPY) {
        nodes.entropy(site, probabilities, taps.logProbabilities(site, point, model.graph()));
      } else if (metric == HeadMetric.VALUE_WEIGHTED) {
        FloatTensor values = Objects.requireNonNull(seen(site, Tap.VALUES), "checked above");
        nodes.valueWeighted(
            site, probabilities, taps.values(site, point), values.shape().dim(1), projection(site));
      } else if (!metric.isOfContext()) {
        nodes.ofProbabilities(site, metric, probabilities, heads(site).orElse(0), given);
      }
    }
  }

  private void addOfContext(AttentionSite site, Set<HeadMetric> here) {
    if (here.stream().noneMatch(HeadMetric::isOfContext)) {
      return;
    }
    String context = taps.context(site, model.tapPoint(site));
    if (here.contains(HeadMetric.OUTPUT_NORM)) {
      nodes.outputNorm(site, context);
    }
    if (here.contains(HeadMetric.CONTRIBUTION_NORM)) {
      nodes.contributionNorm(site, context, projection(site));
    }
    if (here.contains(HeadMetric.SIGNED_SHARE)) {
      nodes.signedShare(site, context, projection(site));
    }
  }

  private ProjectionNodes projection(AttentionSite site) {
    ProjectionPoint point =
        Objects.requireNonNull(model.tapPoint(site).projection().point(), "checked above");
    return weights.computeIfAbsent(
        site.layer(), layer -> new ProjectionNodes(taps.graph(), point, taps.batch()));
  }

  private String whyNoProjection(AttentionSite site) {
    FloatTensor output = seen(site, Tap.ATTENTION_OUTPUT);
    FloatTensor rebuilt = seen(site, Tap.REBUILT_OUTPUT);
    if (output == null || rebuilt == null) {
      return site.whyNoProjection();
    }
    ProjectionCheck check = ProjectionCheck.of(site, output, rebuilt);
    projections.add(check);
    return check.why();
  }

  /** Why a metric is no data; empty if it is. */
  private String whyNot(
      AttentionSite site,
      HeadMetric metric,
      Optional<List<TokenSpan>> spans,
      String whyNoProjection) {
    if (!site.taps().contains(Tap.PROBABILITIES)) {
      return site.whyNotReadable();
    }
    if (metric.isOfContext() || metric == HeadMetric.VALUE_WEIGHTED) {
      if (!site.taps().contains(Tap.CONTEXT)) {
        return "what its heads read could not be laid out";
      }
      String why = metric.needsProjection() ? whyNoProjection : "";
      return why.isEmpty() && metric == HeadMetric.VALUE_WEIGHTED ? whyNoValues(site) : why;
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
    int since = MetricNodes.since(metric);
    return model.opset() < since
        ? "opset " + model.opset() + " cannot look it up; expected " + since + " or later"
        : "";
  }

  private String whyNoValues(AttentionSite site) {
    FloatTensor values = seen(site, Tap.VALUES);
    FloatTensor probabilities = seen(site, Tap.PROBABILITIES);
    FloatTensor context = seen(site, Tap.CONTEXT);
    return values == null || probabilities == null || context == null
        ? "its values could not be laid out"
        : ValueCheck.why(probabilities, values, context);
  }

  /** Whether a metric of an attention is no data, and why; null if there is some. */
  @Nullable String missing(AttentionSite site, HeadMetric metric) {
    return missing.getOrDefault(site.layer(), Map.of()).get(metric);
  }

  List<ProjectionCheck> projections() {
    return projections;
  }

  /** The tokens that its queries are; empty if they fit none. */
  Optional<TokenSpan> queries(AttentionSite site) {
    return Optional.ofNullable(queries.get(site.layer()));
  }

  /** How many heads it has; empty if it cannot be read. */
  OptionalInt heads(AttentionSite site) {
    Integer count = heads.get(site.layer());
    return count == null ? OptionalInt.empty() : OptionalInt.of(count);
  }

  /** What the graph is told about the tokens of a batch. */
  Collection<MetricInputs> pairs() {
    return pairs.values();
  }

  /** The inputs that the graph has besides the model's. */
  Set<String> inputs() {
    return nodes.inputs();
  }

  /** Returns the model's bytes with the added nodes appended. */
  byte[] appended() {
    return taps.appendedTo(model.bytes(), model.proto());
  }
}
