package dev.sightline.repair.internal.plan;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.AttentionEdit;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.internal.graph.GraphChange;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.repair.internal.graph.MaskNodes;
import dev.sightline.repair.internal.graph.ModelTensors;
import dev.sightline.repair.internal.graph.Nodes;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the masks of a plan into a model. Attentions with the same tokens share the nodes of what
 * their masks have in common.
 */
public final class MaskInsertion {
  /** Older files list their constants among the inputs, which callers would have to feed. */
  private static final long CONSTANTS_ARE_NO_INPUTS = 4;

  private final Model model;
  private final SiteAxes axes;
  private final OptionalDouble fill;
  private final @Nullable String addedMask;
  private final List<FurtherEdit> further;

  /**
   * Insertions into a model.
   *
   * @param fill the score of a forbidden key; empty for the lowest of the scores' type
   * @param addedMask the name of a mask input that is added to the first stream; null for none
   * @param further what else is changed
   */
  public MaskInsertion(
      Model model,
      SiteAxes axes,
      OptionalDouble fill,
      @Nullable String addedMask,
      List<FurtherEdit> further) {
    this.model = model;
    this.axes = axes;
    this.fill = fill;
    this.addedMask = addedMask;
    this.further = List.copyOf(further);
  }

  /**
   * What was done.
   *
   * @param changed the model with the masks in it
   * @param done the masks that were put in, by attention
   * @param further what was changed beside masks
   * @param refused why the others were not, by attention
   * @param changes of the graph
   */
  public record Inserted(
      ModelProto changed,
      Map<Integer, Mask> done,
      List<FurtherEdit.Change> further,
      Map<Integer, String> refused,
      List<GraphChange> changes) {
    public Inserted {
      done = Map.copyOf(done);
      further = List.copyOf(further);
      refused = Map.copyOf(refused);
      changes = List.copyOf(changes);
    }
  }

  /** Puts in all masks that can be. */
  public Inserted insert(MaskPlan plan) {
    ParsedModel parsed = ParsedModel.of(model);
    AttentionEdit edit = parsed.edit();
    GraphBuilder graph = edit.builder("mask");
    Nodes nodes = new Nodes(graph, model.opset());
    if (addedMask != null) {
      TokenStream first = model.roles().streams().getFirst();
      List<String> dims = first.content().dims();
      graph.input(addedMask, ElementType.INT64, axis(dims, 0), axis(dims, first.axis()));
    }
    Map<Integer, Mask> done = new TreeMap<>();
    Map<Integer, String> refused = new TreeMap<>(plan.refused());
    Map<Integer, String> tensors = new TreeMap<>();
    plan.layers()
        .forEach((layer, mask) -> {
          try {
            tensors.put(layer, tensor(nodes, edit, layer, mask));
          } catch (IllegalArgumentException e) {
            refused.put(layer, String.valueOf(e.getMessage()));
          }
        });
    List<FurtherEdit.Change> others =
        further.stream().map(each -> each.apply(edit, nodes)).toList();
    edit.add(graph.graph());
    tensors.forEach((layer, tensor) -> {
      Optional<AttentionEdit.Refusal> refusal = edit.put(layer, tensor, fill);
      if (refusal.isPresent()) {
        refused.put(layer, refusal.get().reason() + " (" + refusal.get().node() + ")");
      } else {
        done.put(layer, plan.layers().get(layer));
      }
    });
    ModelProto changed = edit.model();
    Set<String> read =
        parsed.proto().getGraph().getInitializerList().stream()
            .map(TensorProto::getName)
            .collect(Collectors.toSet());
    ModelProto described = described(constants(changed, read), done, others);
    return new Inserted(described, done, others, refused, edit.changes());
  }

  private static String axis(List<String> dims, int axis) {
    String dim = dims.get(axis);
    return dim.equals("?") ? "sightline_axis_" + axis : dim;
  }

  /** Why an attention whose tokens are those of no input gets no mask. */
  public static String unknownTokens(AttentionSite site) {
    return "its queries and keys are not the tokens of an input ("
        + site.node()
        + "), so that no input says which are padding";
  }

  private String tensor(Nodes nodes, AttentionEdit edit, int layer, Mask mask) {
    AttentionSite site = model.attention().found().get(layer);
    SiteAxes.Axes own =
        axes.of(layer).orElseThrow(() -> new IllegalArgumentException(unknownTokens(site)));
    if (edit.staysCausal(layer) && !Structure.isCausal(mask)) {
      throw new IllegalArgumentException(
          site.operator()
              + " is causal whatever its mask says ("
              + site.node()
              + "), and "
              + mask
              + " is not");
    }
    return new MaskNodes(
            nodes, new ModelTensors(nodes, model, own.pair(), own.othersLast(), addedMask))
        .addOverKeys(mask);
  }

  private static ModelProto described(
      ModelProto model, Map<Integer, Mask> done, List<FurtherEdit.Change> further) {
    String what =
        Stream.concat(
                done.entrySet().stream().map(each -> each.getKey() + ": " + each.getValue()),
                further.stream().map(each -> each.what() + ": " + each.is()))
            .collect(Collectors.joining("; "));
    return model.toBuilder()
        .addMetadataProps(
            StringStringEntryProto.newBuilder()
                .setKey("sightline.repair." + model.getMetadataPropsCount())
                .setValue(what))
        .build();
  }

  /** In a file of an old version new constants are nodes. */
  private static ModelProto constants(ModelProto model, Set<String> own) {
    if (model.getIrVersion() >= CONSTANTS_ARE_NO_INPUTS) {
      return model;
    }
    GraphProto.Builder graph = model.getGraph().toBuilder().clearInitializer().clearNode();
    List<NodeProto> constants = new ArrayList<>();
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      if (own.contains(tensor.getName())) {
        graph.addInitializer(tensor);
      } else {
        constants.add(
            NodeProto.newBuilder()
                .setOpType("Constant")
                .setName(tensor.getName())
                .addOutput(tensor.getName())
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("value")
                        .setType(AttributeProto.AttributeType.TENSOR)
                        .setT(tensor))
                .build());
      }
    }
    graph.addAllNode(constants).addAllNode(model.getGraph().getNodeList());
    return model.toBuilder().setGraph(graph).build();
  }
}
