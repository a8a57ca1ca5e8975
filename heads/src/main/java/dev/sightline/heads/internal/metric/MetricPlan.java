package dev.sightline.heads.internal.metric;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TapGroups;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.ProjectionNodes;
import dev.sightline.onnx.internal.graph.ProjectionPoint;
import dev.sightline.onnx.internal.graph.TapPoint;
import dev.sightline.onnx.internal.graph.Taps;
import dev.sightline.onnx.internal.model.ParsedModel;
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
  private final List<Batch> trials;
  private final Map<Integer, SiteAxes> axes = new HashMap<>();
  private final Map<Integer, Integer> heads = new HashMap<>();
  private final Map<Integer, Map<HeadMetric, String>> missing = new HashMap<>();
  private final Map<List<TokenAxis>, MetricInputs> pairs = new LinkedHashMap<>();
  private final List<ProjectionCheck> projections = new ArrayList<>();
  private final Map<Integer, ProjectionNodes> weights = new HashMap<>();
  private final Taps taps;
  private final MetricNodes nodes;
  private Map<String, FloatTensor> look = Map.of();

  /** By the name of an attention's probabilities, their shape in the trials after the first. */
  private final Map<String, List<Shape>> laterShapes = new HashMap<>();

  private MetricPlan(Model model, Set<HeadMetric> metrics, List<Batch> trials) {
    this.model = model;
    this.metrics = metrics;
    this.trial = trials.getFirst();
    this.trials = trials;
    taps = ParsedModel.of(model).taps();
    nodes = new MetricNodes(taps.graph(), model.opset());
  }

  /**
   * Plans.
   *
   * @param trials of rows of other lengths each; all but the lengths is read from the first
   */
  static MetricPlan of(
      Model model, List<AttentionSite> sites, Set<HeadMetric> metrics, List<Batch> trials)
      throws ModelException {
    MetricPlan plan = new MetricPlan(model, metrics, List.copyOf(trials));
    plan.addAll(sites);
    return plan;
  }

  /**
   * A few at a time, since of each the trial's probabilities are read. The last attention comes
   * first: ONNX Runtime takes up the outputs of a graph from the last to the first, so that it
   * reduces the probabilities of a layer when it has just made them, while a core still holds them.
   */
  private void addAll(List<AttentionSite> sites) throws ModelException {
    Set<Tap> taps = EnumSet.of(Tap.PROBABILITIES);
    if (metrics.stream().anyMatch(HeadMetric::needsProjection)) {
      taps.add(Tap.ATTENTION_OUTPUT);
      taps.add(Tap.REBUILT_OUTPUT);
    }
    if (metrics.contains(HeadMetric.VALUE_WEIGHTED)) {
      taps.add(Tap.VALUES);
      taps.add(Tap.CONTEXT);
    }
    try (ModelSession session = model.tappedSession(sites, taps)) {
      for (List<AttentionSite> group :
          TapGroups.of(sites.reversed(), trial.joint(), trial.rows(), 1)) {
        List<String> outputs = new ArrayList<>();
        for (AttentionSite site : group) {
          taps.stream().filter(site.taps()::contains).forEach(tap -> outputs.add(site.output(tap)));
        }
        look = outputs.isEmpty() ? Map.of() : session.run(trial.feed(), outputs);
        readLaterShapes(session, group);
        group.forEach(this::add);
      }
    } finally {
      look = Map.of();
    }
  }

  private void readLaterShapes(ModelSession session, List<AttentionSite> group)
      throws ModelException {
    List<String> probabilities =
        group.stream()
            .filter(site -> site.taps().contains(Tap.PROBABILITIES))
            .map(site -> site.output(Tap.PROBABILITIES))
            .toList();
    for (Batch later : trials.subList(1, probabilities.isEmpty() ? 1 : trials.size())) {
      session
          .run(later.feed(), probabilities)
          .forEach((name, tensor) ->
              laterShapes.computeIfAbsent(name, n -> new ArrayList<>()).add(tensor.shape()));
    }
  }

  private @Nullable FloatTensor seen(AttentionSite site, Tap tap) {
    return look.get(site.output(tap));
  }

  /** The tokens that its queries are, and those that its keys are. */
  private SiteAxes axes(AttentionSite site) {
    FloatTensor probabilities = seen(site, Tap.PROBABILITIES);
    if (probabilities == null || probabilities.shape().rank() != 4) {
      return SiteAxes.NONE;
    }
    heads.put(site.layer(), probabilities.shape().dim(1));
    List<Shape> shapes = new ArrayList<>(List.of(probabilities.shape()));
    shapes.addAll(laterShapes.getOrDefault(site.output(Tap.PROBABILITIES), List.of()));
    SiteAxes read = SiteAxes.of(site, trials, shapes, !model.roles().maskedStreams().isEmpty());
    axes.put(site.layer(), read);
    return read;
  }

  private void add(AttentionSite site) {
    SiteAxes axes = axes(site);
    String whyNoProjection = whyNoProjection(site);
    Set<HeadMetric> here = EnumSet.noneOf(HeadMetric.class);
    for (HeadMetric metric : metrics) {
      String why = whyNot(site, metric, axes, whyNoProjection);
      if (why.isEmpty()) {
        here.add(metric);
      } else {
        missing
            .computeIfAbsent(site.layer(), l -> new EnumMap<>(HeadMetric.class))
            .put(metric, why);
      }
    }
    addOfProbabilities(site, here, axes);
    addOfContext(site, here);
  }

  private void addOfProbabilities(AttentionSite site, Set<HeadMetric> here, SiteAxes axes) {
    if (here.stream().allMatch(HeadMetric::isOfContext)) {
      return;
    }
    TapPoint point = ParsedModel.of(model).tapPoint(site);
    String probabilities = taps.probabilities(site, point);
    TokenAxis none = new TokenAxis(0, 0, -1);
    // Without tokens for what needs none.
    TokenAxis.Pair pair =
        axes.pair().orElse(new TokenAxis.Pair(none, axes.keys().orElse(none), false));
    MetricInputs given =
        pairs.computeIfAbsent(
            List.of(pair.queries(), pair.keys()),
            k -> new MetricInputs(pairs.size(), pair.queries(), pair.keys()));
    for (HeadMetric metric : here) {
      if (metric == HeadMetric.ENTROPY) {
        nodes.entropy(
            site, probabilities, taps.logProbabilities(site, point, ParsedModel.of(model).graph()));
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
    String context = taps.context(site, ParsedModel.of(model).tapPoint(site));
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
        Objects.requireNonNull(
            ParsedModel.of(model).tapPoint(site).projection().point(), "checked above");
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
    projections.addFirst(check);
    return check.why();
  }

  /** Why a metric is no data; empty if it is. */
  private String whyNot(
      AttentionSite site, HeadMetric metric, SiteAxes axes, String whyNoProjection) {
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
    boolean ofKeys = metric == HeadMetric.PADDING || metric == HeadMetric.SPECIAL;
    if (ofKeys ? axes.keys().isEmpty() : axes.pair().isEmpty()) {
      return trial.isGiven() ? axes.whyNoTokens() : "its probabilities fit no tokens of the batch";
    }
    if (metric.isOfSelfAttention() && !axes.pair().orElseThrow().isSelf()) {
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
  Optional<TokenAxis> queries(AttentionSite site) {
    return axes.getOrDefault(site.layer(), SiteAxes.NONE).queries();
  }

  /** Why it is not known which of its queries are padding; empty if it is. */
  String whyNoQueries(AttentionSite site) {
    return axes.getOrDefault(site.layer(), SiteAxes.NONE).whyNoQueries();
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

  /** Returns the model with the added nodes. */
  ModelProto graph() {
    return ParsedModel.of(model).with(taps.graph().graph());
  }
}
