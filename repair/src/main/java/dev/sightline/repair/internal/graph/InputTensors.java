package dev.sightline.repair.internal.graph;

import dev.sightline.mask.Mask;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.expression.Parser;
import dev.sightline.mask.internal.kind.OfSample;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a mask is made of as inputs of a graph that holds nothing but the mask. An input is there
 * only if the mask needs it: {@code query_length}, {@code key_length}, {@code attention_mask},
 * {@code query_mask}, {@code token_type_ids}, {@code position_ids}, and those that the mask names.
 */
public final class InputTensors implements MaskTensors {
  private final Nodes nodes;
  private final boolean sameTokens;
  private final OptionalInt queries;
  private final OptionalInt keys;
  private final @Nullable String ofKeys;

  /**
   * Inputs of a graph for a mask.
   *
   * @param sameTokens whether the queries are the last of the keys
   * @param queries the number of queries, where it is fixed
   * @param keys the number of keys, where it is fixed
   */
  public InputTensors(
      Nodes nodes, Mask mask, boolean sameTokens, OptionalInt queries, OptionalInt keys) {
    this.nodes = nodes;
    this.sameTokens = sameTokens;
    this.queries = queries;
    this.keys = keys;
    this.ofKeys = inputOfKeys(Parser.parse(mask.toString()));
  }

  private @Nullable String inputOfKeys(Node node) {
    if (node instanceof Node.Leaf leaf && leaf.kind() instanceof OfSample part) {
      return switch (part.fact()) {
        case PADDING, KEY_PADDING, LENGTH, CHUNK_AFTER_PADDING -> "attention_mask";
        case QUERY_PADDING -> sameTokens ? "attention_mask" : null;
        case PREFIX_BY_TYPE, ISLANDS_BY_TYPE, ISLANDS_BY_SPAN, DOCUMENTS_BY_TYPE ->
            "token_type_ids";
        case DOCUMENTS_BY_POSITION, CHUNK_BY_POSITION -> "position_ids";
        case MARKED -> part.name();
        case GIVEN -> null;
      };
    }
    return node.children().stream()
        .map(this::inputOfKeys)
        .filter(name -> name != null)
        .findFirst()
        .orElse(null);
  }

  @Override
  public boolean sameTokens() {
    return sameTokens;
  }

  @Override
  public String queries() {
    return queries.isPresent()
        ? nodes.number(queries.getAsInt())
        : input("query_length", ElementType.INT64);
  }

  @Override
  public String keys() {
    if (keys.isPresent()) {
      return nodes.number(keys.getAsInt());
    }
    return ofKeys == null
        ? input("key_length", ElementType.INT64)
        : nodes.size(input(ofKeys, ElementType.INT64, "batch", "keys"), 1);
  }

  @Override
  public @Nullable String batch() {
    return ofKeys == null ? null : nodes.size(input(ofKeys, ElementType.INT64, "batch", "keys"), 0);
  }

  @Override
  public String realKeys(OfSample part) {
    return bits("attention_mask", "keys");
  }

  @Override
  public String realQueries(OfSample part) {
    return bits("query_mask", "queries");
  }

  @Override
  public String types(OfSample part) {
    return input("token_type_ids", ElementType.INT64, "batch", "keys");
  }

  @Override
  public String positions(OfSample part) {
    return input("position_ids", ElementType.INT64, "batch", "keys");
  }

  @Override
  public String marks(OfSample part) {
    return bits(part.name(), "keys");
  }

  @Override
  public String pairs(OfSample part) {
    return input(part.name(), ElementType.BOOL, "batch", "heads", "queries", "keys");
  }

  @Override
  public int fixedQueries() {
    return queries.orElse(-1);
  }

  @Override
  public int fixedKeys() {
    return keys.orElse(-1);
  }

  private String bits(String name, String tokens) {
    return nodes.cast(input(name, ElementType.INT64, "batch", tokens), ElementType.BOOL);
  }

  private String input(String name, ElementType type, String... dims) {
    GraphBuilder graph = nodes.graph();
    if (graph.inputs().contains(name)) {
      return name;
    }
    return dims.length == 0 ? graph.scalarInput(name, type) : graph.input(name, type, dims);
  }
}
