package dev.sightline.repair.internal.plan;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.data.Pooling;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.AttentionEdit;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.internal.graph.NodeOutputs;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.repair.internal.graph.ModelTensors;
import dev.sightline.repair.internal.graph.Nodes;
import dev.sightline.repair.internal.graph.PooledTokens;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pooling over real tokens in a model: in the place of the one that it has, or as a new output of
 * length 1. What a graph pools is found by its values in a run without padding, where a pooling
 * that counts padding is a right one: a tensor {@code [B, D]} that is the mean, the first, the last
 * or the largest of the rows of another one {@code [B, S, D]}.
 */
public final class TokenPooling implements FurtherEdit {
  /** As close as two sums of a few hundred float16 numbers come. */
  private static final double CLOSE = 2e-3;

  /** Nodes from a pooling to an output; more than a dense layer and a norm have. */
  private static final int MOST_TENSORS = 150;

  private static final String OUTPUT = "sentence_embedding";

  private static final List<Pooling> WAYS =
      List.of(Pooling.MEAN, Pooling.FIRST, Pooling.LAST, Pooling.MAX, Pooling.WEIGHTED_MEAN);

  private final Model model;
  private final Pooling pooling;
  private final @Nullable String addedMask;
  private final Place place;
  private String pooledTensor = "";

  private TokenPooling(Model model, Pooling pooling, @Nullable String addedMask, Place place) {
    this.model = model;
    this.pooling = pooling;
    this.addedMask = addedMask;
    this.place = place;
  }

  /**
   * Where a model pools.
   *
   * @param hidden its tokens, {@code [B, S, D]}
   * @param pooled what it makes of them; null where it has no pooling yet
   * @param was how it does, without padding; null where it has none
   * @param axes how many axes the pooled tensor has
   * @param projected whether weights are applied before it is an output
   * @param output the output that follows from it, or the name of a new one
   */
  record Place(
      String hidden,
      @Nullable String pooled,
      @Nullable Pooling was,
      int axes,
      boolean projected,
      String output) {}

  /**
   * Finds where a model pools.
   *
   * @param pooling a pooling over real tokens
   * @param fails whether an audit shows that the pooling is wrong
   * @throws IllegalArgumentException with the reason, if none can be replaced and none be added
   */
  public static TokenPooling of(
      Model model,
      List<Sample> samples,
      long padId,
      @Nullable String addedMask,
      Pooling pooling,
      boolean fails)
      throws ModelException {
    if (model.roles().streams().isEmpty()) {
      throw new IllegalArgumentException("the model reads no tokens, so there is nothing to pool");
    }
    TokenStream stream = model.roles().streams().getFirst();
    if (!stream.marksPadding() && addedMask == null) {
      throw new IllegalArgumentException(
          "nothing says which tokens are padding; --add-input attention_mask adds an input that"
              + " does");
    }
    Sample sample =
        samples.stream().max((a, b) -> Integer.compare(a.length(0), b.length(0))).orElseThrow();
    List<Place> places = new PoolingSearch(model, sample, padId).places();
    Optional<Place> there =
        places.stream()
            .filter(place -> fails || !place.projected || place.was == pooling)
            .findFirst();
    if (there.isPresent()) {
      return new TokenPooling(model, pooling, addedMask, there.get());
    }
    if (fails) {
      throw new IllegalArgumentException(
          "its pooled output is no pooling of token vectors in the graph that is known");
    }
    Place added = added(model, sample, padId);
    return new TokenPooling(model, pooling, addedMask, added);
  }

  private static Place added(Model model, Sample sample, long padId) throws ModelException {
    Batch batch = Batch.of(model.roles(), rows(model, sample), padId);
    ParsedModel parsed = ParsedModel.of(model);
    try (RuntimeSession session = RuntimeSession.start(parsed, parsed.proto(), Use.UNFUSED)) {
      Map<String, FloatTensor> run = session.run(batch.feed(), parsed.comparableOutputs());
      Optional<String> hidden =
          run.keySet().stream()
              .filter(name -> !name.contains("logits"))
              .filter(name -> isTokens(Objects.requireNonNull(run.get(name)).shape(), batch))
              .findFirst();
      boolean taken =
          model.outputs().stream().anyMatch(output -> output.name().equals(OUTPUT))
              || parsed.graph().producer(OUTPUT) != null;
      return hidden
          .map(
              name -> new Place(name, null, null, 2, false, taken ? "sightline/" + OUTPUT : OUTPUT))
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "the model has no output [batch, tokens, size] to pool; its outputs are "
                      + model.outputs()));
    }
  }

  private static List<Sample> rows(Model model, Sample sample) {
    return Collections.nCopies(model.roles().fixedRows().orElse(2), sample);
  }

  private static boolean isTokens(Shape shape, Batch batch) {
    return shape.rank() == 3 && shape.dim(0) == batch.rows() && shape.dim(1) == batch.width(0);
  }

  /** The output that is pooled in this way after the change. */
  public String output() {
    return place.output;
  }

  /** The tokens that are pooled, a tensor of the graph. */
  public String hidden() {
    return place.hidden;
  }

  /** What they are pooled to, a tensor of the changed graph. */
  public String pooled() {
    return pooledTensor;
  }

  /** Whether it is a new output, of length 1. */
  public boolean isNew() {
    return place.pooled == null;
  }

  /** Whether outputs change without padding: another pooling takes the place of one. */
  public boolean isAnother() {
    return place.was != null && place.was != pooling;
  }

  @Override
  public Change apply(AttentionEdit edit, Nodes nodes) {
    TokenStream stream = model.roles().streams().getFirst();
    String real = ModelTensors.realTokens(nodes, model, 0, addedMask);
    if (real == null) {
      throw new IllegalArgumentException("nothing says which tokens are padding");
    }
    GraphBuilder graph = nodes.graph();
    ElementType type = edit.elementType(place.hidden);
    String hidden = nodes.cast(place.hidden, ElementType.FLOAT32);
    String columns = nodes.lastColumns(real, nodes.size(stream.name(), stream.axis()));
    PooledTokens tokens = new PooledTokens(nodes, model.opset(), hidden, columns);
    String pooled = tokens.by(pooling);
    String is = pooling.label() + " of real tokens";
    if (place.pooled == null) {
      String unit = tokens.normalised(pooled);
      graph.op("Identity", unit).outputs(place.output);
      pooledTensor = place.output;
      graph.outputOf(place.output, ElementType.FLOAT32, "batch", size());
      return new Change("pooling", place.output, "", is + ", of length 1, as a new output");
    }
    if (place.axes == 3) {
      pooled = graph.reshape(pooled, 0, 1, -1);
    }
    pooledTensor = nodes.cast(pooled, type);
    edit.replace(place.pooled, pooledTensor);
    String was = place.was == null ? "" : place.was.label();
    return new Change("pooling", edit.label(place.pooled), was + ", by slots", is);
  }

  private String size() {
    return model.outputs().stream()
        .filter(output -> output.name().equals(place.hidden) && output.dims().size() == 3)
        .map(output -> output.dims().get(2))
        .filter(dim -> !dim.equals("?"))
        .findFirst()
        .orElse("size");
  }

  /** Searches back from outputs that have no token axis. */
  private static final class PoolingSearch {
    private final Model model;
    private final ParsedModel parsed;
    private final Batch batch;

    PoolingSearch(Model model, Sample sample, long padId) {
      this.model = model;
      this.parsed = ParsedModel.of(model);
      this.batch = Batch.of(model.roles(), rows(model, sample), padId);
    }

    List<Place> places() throws ModelException {
      Map<String, Set<String>> tails = new LinkedHashMap<>();
      Set<String> asked = new LinkedHashSet<>();
      for (TensorSpec output : model.outputs()) {
        if (parsed.comparableOutputs().contains(output.name())) {
          Set<String> tail = tail(output.name());
          tails.put(output.name(), tail);
          asked.addAll(tail);
        }
      }
      Map<String, FloatTensor> run = run(asked);
      List<Place> places = new ArrayList<>();
      tails.forEach((output, tail) -> {
        Shape shape = Objects.requireNonNull(run.get(output)).shape();
        if (shape.rank() == 2 && shape.dim(0) == batch.rows()) {
          place(output, tail, run).ifPresent(places::add);
        }
      });
      return places;
    }

    /** What an output follows from, the nearest first. */
    private Set<String> tail(String output) {
      Set<String> seen = new LinkedHashSet<>(List.of(output));
      Deque<String> todo = new ArrayDeque<>(seen);
      while (!todo.isEmpty() && seen.size() < MOST_TENSORS) {
        NodeProto node = parsed.graph().producer(todo.removeFirst());
        if (node != null) {
          NodeOutputs.operands(parsed.graph(), node).stream()
              .filter(seen::add)
              .forEach(todo::addLast);
        }
      }
      return seen;
    }

    private Map<String, FloatTensor> run(Collection<String> tensors) throws ModelException {
      try (RuntimeSession session =
          RuntimeSession.start(parsed, parsed.with(NodeOutputs.added(tensors)), Use.UNFUSED)) {
        Map<String, FloatTensor> run =
            session.run(batch.feed(), tensors.stream().map(NodeOutputs::output).toList());
        Map<String, FloatTensor> named = new LinkedHashMap<>();
        tensors.forEach(tensor ->
            named.put(tensor, Objects.requireNonNull(run.get(NodeOutputs.output(tensor)))));
        return named;
      }
    }

    private Optional<Place> place(String output, Set<String> tail, Map<String, FloatTensor> run) {
      boolean projected = false;
      for (String pooled : tail) {
        FloatTensor one = Objects.requireNonNull(run.get(pooled));
        for (String hidden : tail) {
          FloatTensor many = Objects.requireNonNull(run.get(hidden));
          if (isTokens(many.shape(), batch) && isRow(one.shape(), many.shape().dim(2))) {
            Optional<Pooling> way =
                WAYS.stream().filter(each -> gives(each, many, one)).findFirst();
            if (way.isPresent()) {
              return Optional.of(
                  new Place(hidden, pooled, way.get(), one.shape().rank(), projected, output));
            }
          }
        }
        NodeProto node = parsed.graph().producer(pooled);
        boolean isProduct = node != null && NodeOutputs.isProjection(parsed.graph(), node);
        projected |= isProduct;
      }
      return Optional.empty();
    }

    private boolean isRow(Shape shape, int size) {
      boolean vector = shape.rank() == 2 && shape.dim(1) == size;
      boolean single = shape.rank() == 3 && shape.dim(1) == 1 && shape.dim(2) == size;
      return shape.rank() > 1 && shape.dim(0) == batch.rows() && (vector || single);
    }

    private boolean gives(Pooling way, FloatTensor many, FloatTensor one) {
      double[] expected = way.pool(many, 0, batch.tokens(0, 0));
      double scale = 0;
      for (double value : expected) {
        scale = Math.max(scale, Math.abs(value));
      }
      for (int d = 0; d < expected.length; d++) {
        if (!(Math.abs(one.data()[d] - expected[d]) <= CLOSE * scale)) {
          return false;
        }
      }
      return scale > 0;
    }
  }
}
