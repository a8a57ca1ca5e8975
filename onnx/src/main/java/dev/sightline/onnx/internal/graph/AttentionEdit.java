package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.file.Weight;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.ElementType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Puts masks into a model at its attentions, each in the place of the one that is there. Biases
 * such as ALiBi's or T5's, scales and soft caps stay.
 *
 * <p>A mask is a bool tensor that can be broadcast to {@code [B, H, Lq, Lk]}, its last axis being
 * Lk; true allows. In an attention that is written out a Where puts the fill in the place of
 * forbidden scores, after scale and soft cap. An attention that is one node gets the mask in its
 * own operand.
 */
public final class AttentionEdit {
  private final Graph graph;
  private final GraphEdit edit;
  private final ScoreMaskEdit scores;
  private final FusedMaskEdit fused;
  private final PositionEdit positions;
  private final List<AttentionPath> paths;

  /**
   * Starts with a model as it is.
   *
   * @param model the model that is changed; it is not changed itself
   * @param weights its large weights by name
   * @param roles its inputs
   * @param opset the version of its standard operators
   * @param paths its attentions
   * @param batchInput the name of an input whose first axis is the batch
   */
  public AttentionEdit(
      ModelProto model,
      Graph graph,
      Map<String, Weight> weights,
      ModelInputs roles,
      long opset,
      List<AttentionPath> paths,
      String batchInput) {
    this.graph = graph;
    ConstantValues constants = new ConstantValues(graph, weights);
    ValueKinds kinds = new ValueKinds(graph, constants, roles);
    this.edit = new GraphEdit(model);
    MaskRemoval removal = new MaskRemoval(graph, edit, constants, kinds, opset);
    this.scores = new ScoreMaskEdit(graph, edit, kinds, removal, batchInput);
    this.fused = new FusedMaskEdit(graph, edit, removal);
    this.positions = new PositionEdit(graph, edit);
    this.paths = List.copyOf(paths);
  }

  /**
   * Why an attention was left as it was.
   *
   * @param node the node that is in the way
   * @param reason what it does, without the node's name
   */
  public record Refusal(String node, String reason) {}

  /** Starts nodes to be added, such as those of a mask. No tensor of the model has their names. */
  public GraphBuilder builder(String part) {
    return edit.builder(part);
  }

  /** Adds nodes, inputs and constants; what nothing reads in the end is left out. */
  public void add(GraphProto added) {
    edit.add(added);
  }

  /**
   * Puts a mask into an attention.
   *
   * @param layer the attention
   * @param allowed a bool tensor of the graph
   * @param fill the score of a forbidden key; empty for the lowest finite value of the scores' type
   * @return empty if it was done; else nothing was changed
   */
  public Optional<Refusal> put(int layer, String allowed, OptionalDouble fill) {
    AttentionPath path = paths.get(layer);
    return path.isFused() ? fused.put(path, allowed, fill) : scores.put(path, allowed, fill);
  }

  /**
   * Returns whether an attention is causal whatever its mask allows: its operator cannot be told
   * otherwise.
   */
  public boolean staysCausal(int layer) {
    AttentionPath path = paths.get(layer);
    return path.node().getOpType().equals("GroupQueryAttention");
  }

  /** Puts a tensor of added nodes into the place of another, as an output too. */
  public void replace(String tensor, String by) {
    edit.takeOver(tensor, by);
  }

  /** Returns the element type of a tensor; float32 where the file does not tell. */
  public ElementType elementType(String tensor) {
    ElementType type = OnnxTypes.elementType(graph.elementType(tensor));
    return type == null ? ElementType.FLOAT32 : type;
  }

  /** Returns the name of the node that makes a tensor. */
  public String label(String tensor) {
    NodeProto node = graph.producer(tensor);
    return node == null ? tensor : Graph.label(node);
  }

  /** Returns the edit of the positions of tokens in the same model. */
  public PositionEdit positions() {
    return positions;
  }

  /** Returns the changed model, without the nodes that nothing reads any more. */
  public ModelProto model() {
    return edit.result();
  }

  /** Returns what was changed; the removed nodes are known after {@link #model}. */
  public List<GraphChange> changes() {
    return edit.changes();
  }
}
