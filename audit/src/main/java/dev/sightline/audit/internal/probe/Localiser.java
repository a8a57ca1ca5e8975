package dev.sightline.audit.internal.probe;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.TapGroups;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.Graph;
import dev.sightline.onnx.internal.graph.TapPoint;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds where two runs of the same samples first differ at a token that must not differ: the
 * attention and the head, or the node outside attention. Its session opens when it is first asked:
 * most audits find nothing to look for.
 */
public final class Localiser implements AutoCloseable {
  private final Model model;
  private final List<Site> tapped;
  private @Nullable ModelSession session;

  public Localiser(Model model, List<Site> sites) {
    this.model = model;
    this.tapped = sites.stream().filter(s -> s.attention().taps().contains(Tap.CONTEXT)).toList();
  }

  /**
   * A first difference.
   *
   * @param layer the attention that shows it first; outside attention, the first after the node,
   *     empty if the node is after the last
   * @param head the head that differs most; empty if none can be named
   * @param outside whether no attention makes the difference
   * @param difference the largest difference of a value there; NaN if one is not finite
   * @param operator the operator of the node that makes it; empty if it is not known
   * @param node the name of this node; empty if it is not known
   */
  public record Entry(
      OptionalInt layer,
      OptionalInt head,
      boolean outside,
      double difference,
      String operator,
      String node) {}

  /**
   * Finds the first difference.
   *
   * @param difference how the outputs differ
   * @param rowsMix whether it comes from the other rows of the batch
   * @return empty if nothing that can be read shows it
   */
  public Optional<Entry> first(Difference difference, boolean rowsMix) throws ModelException {
    Difference.Pair pair = difference.pair();
    if (pair == null) {
      return Optional.empty();
    }
    double tolerance = tolerance(difference, pair);
    Set<String> same = new LinkedHashSet<>();
    Batch batch = pair.a().batch();
    for (List<Site> group : TapGroups.of(tapped, batch.joint(), batch.rows(), 1)) {
      RunOutputs a = run(batch, group);
      RunOutputs b = run(pair.b().batch(), group);
      for (Site site : group) {
        if (Double.isNaN(difference.largest())) {
          Optional<Entry> entry = notFinite(site, b);
          if (entry.isPresent()) {
            return entry;
          }
          continue;
        }
        TapPoint point = ParsedModel.of(model).tapPoint(site.attention());
        TapPoint.Place changed = read(site, point, pair, a, b, tolerance);
        if (changed != null) {
          return Optional.of(
              outside(
                  OptionalInt.of(site.layer()),
                  pair,
                  tolerance,
                  rowsMix,
                  same,
                  List.of(changed.tensor())));
        }
        Optional<Entry> entry = differs(site, pair, a, b, tolerance);
        if (entry.isPresent()) {
          return entry;
        }
        if (point.context() != null) {
          same.add(point.context().tensor());
        }
      }
    }
    if (Double.isNaN(difference.largest())) {
      return Optional.empty();
    }
    Entry after =
        outside(OptionalInt.empty(), pair, tolerance, rowsMix, same, List.of(pair.output().name()));
    return after.node().isEmpty() ? Optional.empty() : Optional.of(after);
  }

  /** Runs of equal shapes compute the same sums in the same order. */
  private double tolerance(Difference difference, Difference.Pair pair) {
    boolean exact =
        pair.a().batch().toString().equals(pair.b().batch().toString())
            && !model.quantizesDynamically();
    return exact ? 0 : Math.max(1e-4, Math.min(1, difference.largest()) / 1000);
  }

  /** Where the difference enters between two attentions. */
  private Entry outside(
      OptionalInt layer,
      Difference.Pair pair,
      double tolerance,
      boolean rowsMix,
      Collection<String> same,
      Collection<String> changed)
      throws ModelException {
    Optional<NodeLocaliser.Found> found =
        NodeLocaliser.find(model, pair, tolerance, rowsMix, same, changed);
    String node = found.isEmpty() ? "" : Graph.label(found.get().node());
    if (found.isEmpty() || mayHoldAttention(node)) {
      return new Entry(layer, OptionalInt.empty(), true, tolerance, "", "");
    }
    for (AttentionSite site : model.attention().found()) {
      TapPoint point = ParsedModel.of(model).tapPoint(site);
      if (isOf(point.probabilities(), found.get()) || isOf(point.context(), found.get())) {
        return new Entry(
            OptionalInt.of(site.layer()),
            OptionalInt.empty(),
            false,
            tolerance,
            site.operator(),
            site.node());
      }
    }
    String operator = found.get().node().getOpType();
    return new Entry(
        attentionAfter(found.get().node()), OptionalInt.empty(), true, tolerance, operator, node);
  }

  /** The first attention that is computed after a node; empty if none is. */
  private OptionalInt attentionAfter(NodeProto node) {
    Set<String> before = new HashSet<>();
    for (NodeProto each : ParsedModel.of(model).graph().nodes()) {
      before.add(Graph.label(each));
      if (each.getOutputList().equals(node.getOutputList())) {
        break;
      }
    }
    return model.attention().found().stream()
        .filter(site -> !before.contains(site.node()))
        .mapToInt(AttentionSite::layer)
        .findFirst();
  }

  /** Whether an attention is in the body of a node, where it cannot be read. */
  private boolean mayHoldAttention(String node) {
    return model.attention().rejected().stream()
        .anyMatch(rejected -> rejected.node().equals(node) && rejected.isInBody());
  }

  private static boolean isOf(TapPoint.@Nullable Place place, NodeLocaliser.Found found) {
    return place != null && found.trail().contains(place.tensor());
  }

  /** What an attention reads that differs already: its queries' input or its keys' values. */
  private static TapPoint.@Nullable Place read(
      Site site,
      TapPoint point,
      Difference.Pair pair,
      RunOutputs a,
      RunOutputs b,
      double tolerance) {
    if (site.attention().taps().contains(Tap.HIDDEN)) {
      String hidden = site.attention().output(Tap.HIDDEN);
      if (!(largestByHead(site.queries(), hidden, pair, a, b, 1)[0] <= tolerance)) {
        return point.hidden();
      }
    }
    if (readsValues(site)) {
      String values = site.attention().output(Tap.VALUES);
      int heads = a.output(values).shape().dim(1);
      for (double byHead : largestByHead(site.keys(), values, pair, a, b, heads)) {
        if (!(byHead <= tolerance)) {
          return point.values();
        }
      }
    }
    return null;
  }

  /** Where keys are made of what the queries are made of, that has been compared. */
  private static boolean readsValues(Site site) {
    return !site.isSelf() && site.attention().taps().contains(Tap.VALUES);
  }

  private RunOutputs run(Batch batch, List<Site> group) throws ModelException {
    if (session == null) {
      session =
          model.tappedSession(
              tapped.stream().map(Site::attention).toList(),
              tapped.stream().anyMatch(Localiser::readsValues)
                  ? EnumSet.of(Tap.CONTEXT, Tap.HIDDEN, Tap.VALUES)
                  : EnumSet.of(Tap.CONTEXT, Tap.HIDDEN));
    }
    List<String> names = new ArrayList<>();
    for (Site site : group) {
      names.add(site.attention().output(Tap.CONTEXT));
      if (site.attention().taps().contains(Tap.HIDDEN)) {
        names.add(site.attention().output(Tap.HIDDEN));
      }
      if (readsValues(site)) {
        names.add(site.attention().output(Tap.VALUES));
      }
    }
    return new RunOutputs(batch, session.run(batch.feed(), names));
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }

  /**
   * Anywhere, at padding too: a row without a key breaks there, and spreads from the next layer.
   */
  private static Optional<Entry> notFinite(Site site, RunOutputs run) {
    FloatTensor context = run.output(site.attention().output(Tap.CONTEXT));
    int heads = context.shape().dim(1);
    int perHead = context.shape().dim(2) * context.shape().dim(3);
    for (int i = 0; i < context.data().length; i++) {
      if (!Float.isFinite(context.data()[i])) {
        return Optional.of(entry(site, i / perHead % heads, Double.NaN));
      }
    }
    return Optional.empty();
  }

  private static Optional<Entry> differs(
      Site site, Difference.Pair pair, RunOutputs a, RunOutputs b, double tolerance) {
    String context = site.attention().output(Tap.CONTEXT);
    int heads = a.output(context).shape().dim(1);
    double[] byHead = largestByHead(site.queries(), context, pair, a, b, heads);
    int worst = 0;
    for (int h = 0; h < heads; h++) {
      if (!(byHead[h] <= byHead[worst]) && !Double.isNaN(byHead[worst])) {
        worst = h;
      }
    }
    return byHead[worst] <= tolerance
        ? Optional.empty()
        : Optional.of(entry(site, worst, byHead[worst]));
  }

  private static Entry entry(Site site, int head, double difference) {
    AttentionSite attention = site.attention();
    return new Entry(
        OptionalInt.of(site.layer()),
        OptionalInt.of(head),
        false,
        difference,
        attention.operator(),
        attention.node());
  }

  /** From {@code [B, H, L, D]}, or {@code [B, L, D]} with one head. */
  private static double[] largestByHead(
      TokenAxis axis, String tap, Difference.Pair pair, RunOutputs a, RunOutputs b, int heads) {
    double[] largest = new double[heads];
    if (!axis.isOneStream()) {
      return largest;
    }
    FloatTensor x = a.output(tap);
    FloatTensor y = b.output(tap);
    int size = x.shape().dim(-1);
    int stream = axis.first();
    for (int t = 0; t < a.batch().samples().get(pair.rowA()).length(stream); t++) {
      if (!pair.mustHold(stream, t)) {
        continue;
      }
      for (int h = 0; h < heads; h++) {
        int xAt =
            (pair.rowA() * heads + h) * x.shape().dim(-2)
                + a.batch().position(stream, pair.rowA(), t);
        int yAt =
            (pair.rowB() * heads + h) * y.shape().dim(-2)
                + b.batch().position(stream, pair.rowB(), t);
        for (int d = 0; d < size; d++) {
          double difference = Math.abs(x.data()[xAt * size + d] - y.data()[yAt * size + d]);
          largest[h] = Math.max(largest[h], difference);
        }
      }
    }
    return largest;
  }
}
