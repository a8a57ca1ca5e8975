package dev.sightline.repair.internal.graph;

import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.mask.internal.kind.OfSample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the mask of an attention is made of as tensors of a model: its inputs, for whatever batch
 * and lengths they have.
 */
public final class ModelTensors implements MaskTensors {
  private final Nodes nodes;
  private final Model model;
  private final TokenAxis.Pair axes;
  private final boolean othersLast;
  private final @Nullable String addedMask;
  private final boolean hasCache;

  /**
   * The tensors of an attention.
   *
   * @param axes which tokens are its queries and its keys
   * @param othersLast whether tokens that no stream feeds come after those of the streams
   * @param addedMask a mask input {@code [B, S]} of the first stream, 1 = real, that is added to
   *     the model; null if none is
   */
  public ModelTensors(
      Nodes nodes,
      Model model,
      TokenAxis.Pair axes,
      boolean othersLast,
      @Nullable String addedMask) {
    this.nodes = nodes;
    this.model = model;
    this.axes = axes;
    this.othersLast = othersLast;
    this.addedMask = addedMask;
    ParsedModel parsed = ParsedModel.of(model);
    hasCache = !CachePair.of(parsed.graph(), model.inputs(), model.outputs()).isEmpty();
  }

  @Override
  public boolean sameTokens() {
    TokenAxis queries = axes.queries();
    TokenAxis keys = axes.keys();
    if (keys.streams().isEmpty() || queries.streams().isEmpty()) {
      return queries.equals(keys);
    }
    return keys.first() <= queries.first() && queries.last() == keys.last();
  }

  @Override
  public String queries() {
    return length(axes.queries());
  }

  /** With a cache there are more keys than tokens of the stream, as many as its mask has. */
  @Override
  public String keys() {
    TokenAxis keys = axes.keys();
    TensorSpec mask = keys.first() == keys.last() ? stream(keys.first()).mask() : null;
    if (hasCache && mask != null && sameTokens()) {
      return nodes.size(mask.name(), 1);
    }
    if (hasCache && keys.first() == 0 && addedMask != null && sameTokens()) {
      return nodes.size(addedMask, 1);
    }
    return length(keys);
  }

  @Override
  public @Nullable String batch() {
    return model.roles().streams().isEmpty() ? null : nodes.size(stream(0).name(), 0);
  }

  private String length(TokenAxis axis) {
    if (axis.past() > 0 && hasCache) {
      throw new IllegalArgumentException(
          "its keys begin with a cache, and no mask input says how many tokens of it are real");
    }
    Stream<String> others =
        axis.past() > 0
            ? Stream.of(nodes.constant(ElementType.INT64, new long[] {axis.past()}))
            : Stream.of();
    return Stream.concat(
            others,
            axis.streams().stream().map(s -> nodes.size(stream(s).name(), stream(s).axis())))
        .reduce((a, b) -> nodes.op("Add", a, b))
        .orElseThrow(() -> new IllegalArgumentException("its tokens are those of no input"));
  }

  private TokenStream stream(int index) {
    return model.roles().streams().get(index);
  }

  @Override
  public String realKeys(OfSample part) {
    return real(axes.keys(), part);
  }

  @Override
  public @Nullable String realQueries(OfSample part) {
    boolean masked = axes.queries().streams().stream().anyMatch(s -> ofStream(s) != null);
    return masked ? real(axes.queries(), part) : null;
  }

  private String real(TokenAxis axis, OfSample part) {
    if (axis.streams().stream().allMatch(s -> ofStream(s) == null)) {
      throw missing(part, "says which tokens are padding", "--add-input attention_mask adds one");
    }
    List<String> parts = new ArrayList<>();
    for (int s : axis.streams()) {
      String own = ofStream(s);
      TokenStream stream = stream(s);
      parts.add(own == null ? ones(nodes.size(stream.name(), stream.axis())) : own);
    }
    if (axis.past() > 0) {
      String others = ones(nodes.vector(axis.past()));
      parts.add(othersLast ? parts.size() : 0, others);
    }
    return parts.size() == 1 ? parts.getFirst() : nodes.concat(1, parts.toArray(String[]::new));
  }

  private @Nullable String ofStream(int index) {
    return realTokens(nodes, model, index, addedMask);
  }

  /**
   * Which tokens of a stream are real, those of a cache first, bool {@code [B, S]}; null if nothing
   * says so.
   */
  public static @Nullable String realTokens(
      Nodes nodes, Model model, int index, @Nullable String addedMask) {
    TokenStream stream = model.roles().streams().get(index);
    TensorSpec mask = stream.mask();
    if (mask != null) {
      String one = nodes.cast(mask.name(), ElementType.BOOL);
      return stream.paddingIsOne() ? nodes.not(one) : one;
    }
    if (index == 0 && addedMask != null) {
      return nodes.cast(addedMask, ElementType.BOOL);
    }
    TensorSpec lengths = stream.lengths();
    if (lengths == null) {
      return null;
    }
    String positions =
        nodes.reshape(nodes.range(nodes.size(stream.name(), stream.axis())), nodes.vector(1, -1));
    String ends = nodes.reshape(nodes.cast(lengths.name(), ElementType.INT64), nodes.vector(-1, 1));
    return nodes.op("Less", positions, ends);
  }

  /** Ones for a number of tokens of each row, bool {@code [B, count]}. */
  private String ones(String count) {
    String shape =
        nodes.concat(
            0,
            nodes.op("Reshape", nodes.size(stream(0).name(), 0), nodes.vector(1)),
            nodes.op("Reshape", count, nodes.vector(1)));
    return nodes.op("Expand", nodes.constant(ElementType.BOOL, new long[] {1}, 1, 1), shape);
  }

  @Override
  public String types(OfSample part) {
    return companion(part, keyStream(part).tokenTypes(), "gives token types");
  }

  @Override
  public String positions(OfSample part) {
    return companion(part, keyStream(part).positions(), "gives positions");
  }

  private TokenStream keyStream(OfSample part) {
    if (!axes.keys().isOneStream()) {
      throw missing(part, "is about all keys of the attention", "they are of several inputs");
    }
    return stream(axes.keys().first());
  }

  private String companion(OfSample part, @Nullable TensorSpec input, String what) {
    if (input == null) {
      throw missing(part, what, "the model takes none");
    }
    return nodes.cast(input.name(), ElementType.INT64);
  }

  @Override
  public String marks(OfSample part) {
    return nodes.cast(named(part).name(), ElementType.BOOL);
  }

  @Override
  public String pairs(OfSample part) {
    TensorSpec input = named(part);
    int rank = input.dims().size();
    if (rank < 3 || rank > 4) {
      throw new IllegalArgumentException(
          part.text() + " needs an input [B, Lq, Lk] or [B, H, Lq, Lk], but it is " + input.dims());
    }
    String pairs = nodes.cast(input.name(), ElementType.BOOL);
    if (input.isFloat()) {
      // Additive: 0 where a pair is allowed, far below 0 where it is not.
      String floats = nodes.cast(input.name(), ElementType.FLOAT32);
      pairs = nodes.op("Greater", floats, nodes.graph().scalar(-1000));
    }
    return rank == 4 ? pairs : nodes.op("Reshape", pairs, shapeWithHeads(pairs));
  }

  private String shapeWithHeads(String pairs) {
    return nodes.concat(
        0,
        nodes.op("Reshape", nodes.size(pairs, 0), nodes.vector(1)),
        nodes.vector(1),
        nodes.op("Reshape", nodes.size(pairs, 1), nodes.vector(1)),
        nodes.op("Reshape", nodes.size(pairs, 2), nodes.vector(1)));
  }

  private TensorSpec named(OfSample part) {
    return model.inputs().stream()
        .filter(input -> input.name().equals(part.name()))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                part.text()
                    + " names an input that the model does not have; it has "
                    + model.inputs().stream().map(TensorSpec::name).toList()));
  }

  private static IllegalArgumentException missing(OfSample part, String what, String hint) {
    return new IllegalArgumentException(part.text() + " needs an input that " + what + "; " + hint);
  }
}
