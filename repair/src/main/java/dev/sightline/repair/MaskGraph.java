package dev.sightline.repair;

import dev.sightline.mask.Mask;
import dev.sightline.mask.convert.Fill;
import dev.sightline.mask.convert.FloatType;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.repair.internal.graph.InputTensors;
import dev.sightline.repair.internal.graph.MaskNodes;
import dev.sightline.repair.internal.graph.Nodes;
import dev.sightline.tensor.ElementType;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A mask as an ONNX model of its own: the nodes that compute it for whatever batch and lengths a
 * run has, to be put into another graph or to be run by itself.
 *
 * <pre>{@code
 * byte[] model = MaskGraph.of(Mask.parse("causal & key-padding")).model();
 * // inputs query_length and attention_mask [batch, keys]; output mask, bool [B, H, Lq, Lk]
 * }</pre>
 *
 * <p>The model has the inputs that the mask needs: {@code query_length} and {@code key_length},
 * int64 scalars, unless the sizes are given or follow from another input; {@code attention_mask} (1
 * = real), {@code token_type_ids}, {@code position_ids} and inputs that the mask names, int64
 * {@code [batch, keys]}; {@code query_mask}, int64 {@code [batch, queries]}, for queries of another
 * sequence; {@code given(NAME)}, bool {@code [batch, heads, queries, keys]}. A mask that lists its
 * tokens makes the runtime refuse another number of tokens.
 *
 * <p>Immutable: each method returns another value.
 */
public final class MaskGraph {
  /** The name of the output. */
  public static final String OUTPUT = "mask";

  private final Mask mask;
  private final long opset;
  private final boolean sameTokens;
  private final OptionalInt queries;
  private final OptionalInt keys;
  private final @Nullable Fill fill;
  private final FloatType type;

  private MaskGraph(
      Mask mask,
      long opset,
      boolean sameTokens,
      OptionalInt queries,
      OptionalInt keys,
      @Nullable Fill fill,
      FloatType type) {
    this.mask = mask;
    this.opset = opset;
    this.sameTokens = sameTokens;
    this.queries = queries;
    this.keys = keys;
    this.fill = fill;
    this.type = type;
  }

  /**
   * {@return the graph of a mask in self-attention, whose queries are the last of the keys, with
   * opset 17 and booleans}
   *
   * @param mask the mask
   */
  public static MaskGraph of(Mask mask) {
    return new MaskGraph(
        mask, 17, true, OptionalInt.empty(), OptionalInt.empty(), null, FloatType.FLOAT32);
  }

  /**
   * {@return the graph with another version of the standard operators}
   *
   * @param opset from 11 on
   * @throws IllegalArgumentException if it is below 11
   */
  public MaskGraph opset(long opset) {
    if (opset < 11) {
      throw new IllegalArgumentException(
          "a mask needs the operators Range and CumSum of opset 11, but the opset is " + opset);
    }
    return new MaskGraph(mask, opset, sameTokens, queries, keys, fill, type);
  }

  /** {@return the graph for keys of another sequence than the queries: a cross-attention} */
  public MaskGraph cross() {
    return new MaskGraph(mask, opset, false, queries, keys, fill, type);
  }

  /**
   * {@return the graph for a fixed number of queries}
   *
   * @param count Lq
   */
  public MaskGraph queries(int count) {
    return new MaskGraph(mask, opset, sameTokens, OptionalInt.of(count), keys, fill, type);
  }

  /**
   * {@return the graph for a fixed number of keys}
   *
   * @param count Lk
   */
  public MaskGraph keys(int count) {
    return new MaskGraph(mask, opset, sameTokens, queries, OptionalInt.of(count), fill, type);
  }

  /**
   * {@return the graph whose output is the additive form: 0 at a pair that is allowed, the fill at
   * any other}
   *
   * @param fill the value at a forbidden pair
   * @param type the type of the output
   */
  public MaskGraph additive(Fill fill, FloatType type) {
    return new MaskGraph(mask, opset, sameTokens, queries, keys, fill, type);
  }

  /**
   * {@return the bytes of a .onnx file}
   *
   * @throws IllegalArgumentException if the mask cannot be written as nodes for such queries and
   *     keys; the message says why
   */
  public byte[] model() {
    GraphBuilder graph = new GraphBuilder("mask");
    Nodes nodes = new Nodes(graph, opset);
    InputTensors tensors = new InputTensors(nodes, mask, sameTokens, queries, keys);
    String allowed = new MaskNodes(nodes, tensors).add(mask);
    String[] dims = {"batch", "heads", "queries", "keys"};
    if (fill == null) {
      graph.output(OUTPUT, allowed, ElementType.BOOL, axes(dims));
    } else {
      String additive = graph.node("Where", allowed, graph.scalar(0), graph.scalar(fill.in(type)));
      ElementType element = elementType();
      graph.output(OUTPUT, graph.cast(additive, element), element, axes(dims));
    }
    return graph.model(opset, "sightline");
  }

  private String[] axes(String... dims) {
    return List.of("mask_" + dims[0], "mask_" + dims[1], "mask_" + dims[2], "mask_" + dims[3])
        .toArray(String[]::new);
  }

  private ElementType elementType() {
    return switch (type) {
      case FLOAT32 -> ElementType.FLOAT32;
      case FLOAT16 -> ElementType.FLOAT16;
      case BFLOAT16 -> ElementType.BFLOAT16;
    };
  }

  /** The mask and the opset, as messages show them. */
  @Override
  public String toString() {
    return mask + " as nodes of opset " + opset;
  }
}
