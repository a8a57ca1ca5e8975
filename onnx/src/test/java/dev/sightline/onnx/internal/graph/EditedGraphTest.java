package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.graph.AttentionEdit.Refusal;
import dev.sightline.onnx.internal.graph.AttentionForms.Nodes;
import dev.sightline.onnx.internal.graph.GraphChange.Kind;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an edit of an attention makes of the graph around it, and what it refuses. */
class EditedGraphTest {
  private final Nodes nodes = new Nodes(ElementType.FLOAT32);

  @Test
  void changes_nameWhatIsAddedRemovedAndRewired() throws ModelException {
    nodes.attend(nodes.op("Add", nodes.scaled(), nodes.additive(-1e4)).named("mask_add").out());
    AttentionEdit edit = edited(model());
    ModelProto changed = edit.model();

    assertThat(edit.changes())
        .filteredOn(change -> change.kind() == Kind.ADDED)
        .extracting(GraphChange::operator)
        .contains("Where")
        .doesNotContain("Add");
    // The Add, and all that only made its mask.
    assertThat(edit.changes())
        .filteredOn(change -> change.kind() == Kind.REMOVED)
        .extracting(GraphChange::operator)
        .containsExactlyInAnyOrder("Add", "Cast", "Reshape", "Sub", "Mul");
    assertThat(edit.changes())
        .filteredOn(change -> change.kind() == Kind.REWIRED)
        .extracting(GraphChange::operator)
        .containsOnly("Softmax");
    assertThat(changed.getGraph().getNodeList())
        .extracting(NodeProto::getName)
        .doesNotContain("mask_add");
  }

  /** Other runtimes than ONNX Runtime insist on it. */
  @Test
  void nodes_areAfterThoseThatTheyRead() throws ModelException {
    nodes.attend(nodes.node("Add", nodes.scaled(), nodes.additive(-1e4)));
    GraphProto graph = edited(model()).model().getGraph();

    Set<String> made = new HashSet<>();
    graph.getInputList().forEach(input -> made.add(input.getName()));
    graph.getInitializerList().stream().map(TensorProto::getName).forEach(made::add);
    for (NodeProto node : graph.getNodeList()) {
      assertThat(made).as(node.getName()).containsAll(node.getInputList());
      made.addAll(node.getOutputList());
    }
    assertThat(made)
        .containsAll(graph.getOutputList().stream().map(ValueInfoProto::getName).toList());
  }

  @Test
  void secondEdit_hasNamesOfItsOwn() throws ModelException {
    nodes.attend(nodes.node("Add", nodes.scaled(), nodes.additive(-1e4)));
    ModelProto once = edited(model()).model();
    ModelProto twice = edited(parsed(once)).model();

    assertThat(names(once)).anyMatch(name -> name.startsWith("sightline/"));
    assertThat(names(twice)).doesNotHaveDuplicates();
    assertThat(added(twice)).isNotEmpty().doesNotContainAnyElementsOf(names(once));
  }

  private static List<String> added(ModelProto model) {
    return names(model).stream().filter(name -> name.startsWith("sightline/2/")).toList();
  }

  private static List<String> names(ModelProto model) {
    return model.getGraph().getNodeList().stream()
        .flatMap(node -> node.getOutputList().stream())
        .toList();
  }

  @Test
  void maskAfterKeysAreCut_isRefusedByTheNode() throws ModelException {
    String cut =
        nodes
            .op("Slice", nodes.scaled(), nodes.longs(0), nodes.longs(5), nodes.longs(3))
            .named("cut")
            .out();
    nodes.attend(nodes.node("Add", cut, nodes.additive(-1e4)));

    assertThat(refusal())
        .isEqualTo(new Refusal("cut", "a Slice changes the keys before they are masked"));
  }

  @Test
  void choiceBetweenScores_isRefusedByTheNode() throws ModelException {
    String other = nodes.node("MatMul", nodes.q, nodes.transpose(nodes.v, 0, 1, 3, 2));
    nodes.attend(nodes.op("Where", nodes.isKey(), nodes.scaled(), other).named("choice").out());

    assertThat(refusal())
        .isEqualTo(new Refusal("choice", "it chooses between two kinds of scores"));
  }

  private Refusal refusal() throws ModelException {
    ParsedModel model = model();
    AttentionEdit edit = model.edit();
    Refusal refusal = edit.put(0, "mask", OptionalDouble.empty()).orElseThrow();
    assertThat(edit.changes()).isEmpty();
    assertThat(edit.model()).isEqualTo(model.proto());
    return refusal;
  }

  private static AttentionEdit edited(ParsedModel model) {
    AttentionEdit edit = model.edit();
    GraphBuilder input = edit.builder("input");
    String mask = input.input(input.fresh("mask"), ElementType.BOOL, "B", "1", "Q", "K");
    edit.add(input.graph());
    assertThat(edit.put(0, mask, OptionalDouble.empty())).isEmpty();
    return edit;
  }

  private ParsedModel model() throws ModelException {
    return ParsedModel.read("form", new ModelSource.InMemory(nodes.model(17, "test")), null);
  }

  private static ParsedModel parsed(ModelProto model) throws ModelException {
    return ParsedModel.read("form", new ModelSource.InMemory(model.toByteArray()), null);
  }
}
