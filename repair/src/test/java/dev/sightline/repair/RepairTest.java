package dev.sightline.repair;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sightline.audit.ImplementedMask;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.LengthsKind;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.data.RandomTokens;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.repair.RepairResult.Outcome;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a repair writes, proves and refuses. */
class RepairTest {
  @TempDir Path folder;

  private Path zoo(Architecture architecture, Bug bug) throws IOException {
    byte[] bytes = Zoo.model(architecture, bug).bytes();
    return Files.write(folder.resolve("in.onnx"), bytes);
  }

  private static Repair repair(Path file) throws ModelException {
    Model model = Model.open(file);
    return Repair.of(model).padId(0).samples(new RandomTokens(model, 0, 1).samples(4));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(Path::getFileName).sorted().toList();
    }
  }

  /** Lengths say which tokens are padding, as a mask does. */
  @Test
  void layerThatIgnoresLengths_readsThem() throws IOException {
    Path in = Files.write(folder.resolve("in.onnx"), LengthsKind.IDS.bytes(true));

    RepairResult result = repair(in).writeTo(folder.resolve("out.onnx"));

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(Outcome.REPAIRED);
    assertThat(requireNonNull(result.after()).faults()).isEmpty();
  }

  @Test
  void layerThatIsNot_isRefused_whateverElseIsAsked() throws IOException {
    Path in = zoo(Architecture.ENCODER, Bug.MASK_CUT_LAYER);
    Path out = folder.resolve("out.onnx");
    Repair repair = repair(in).only(Set.of(99));

    for (Repair each : List.of(repair, repair.mask(Expectation.parse("causal")))) {
      assertThatThrownBy(() -> each.writeTo(out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a repair of attention 99 is asked for, but the model has ");
    }
    assertThat(out).doesNotExist();
  }

  @Test
  void layerWithoutMask_getsIt_andAllElseStays() throws IOException {
    Path in = zoo(Architecture.ENCODER, Bug.MASK_CUT_LAYER);
    Path out = folder.resolve("out.onnx");

    RepairResult result = repair(in).writeTo(out);

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(Outcome.REPAIRED);
    assertThat(result.masks()).hasSize(1);
    assertThat(result.masks().getFirst().layer()).isEqualTo(1);
    assertThat(result.masks().getFirst().was()).isEqualTo("full");
    assertThat(result.masks().getFirst().is()).isEqualTo("key-padding");
    assertThat(requireNonNull(result.sameness()).different()).isZero();
    assertThat(requireNonNull(result.sameness()).values()).isGreaterThan(500);
    assertThat(result.before().faults()).isNotEmpty();
    assertThat(requireNonNull(result.after()).faults()).isEmpty();
    ModelProto old = ModelProto.parseFrom(Files.readAllBytes(in));
    ModelProto changed = ModelProto.parseFrom(Files.readAllBytes(out));
    assertThat(changed.getOpsetImportList()).isEqualTo(old.getOpsetImportList());
    assertThat(changed.getIrVersion()).isEqualTo(old.getIrVersion());
    assertThat(changed.getGraph().getInputList()).isEqualTo(old.getGraph().getInputList());
    assertThat(changed.getGraph().getOutputList()).isEqualTo(old.getGraph().getOutputList());
    assertThat(changed.getGraph().getInitializerList())
        .containsAll(old.getGraph().getInitializerList());
    assertThat(changed.getMetadataPropsList().getLast().getValue()).isEqualTo("1: key-padding");
    List<String> before = old.getGraph().getNodeList().stream().map(NodeProto::getName).toList();
    assertThat(changed.getGraph().getNodeList().stream().map(NodeProto::getName))
        .filteredOn(name -> !before.contains(name))
        .isNotEmpty()
        .allMatch(name -> name.startsWith("sightline/"));
    assertThat(files()).containsExactly(Path.of("in.onnx"), Path.of("out.onnx"));
  }

  @Test
  void repairedModel_isRight_andIsNotWrittenAgain() throws IOException {
    Path out = folder.resolve("out.onnx");
    repair(zoo(Architecture.DECODER, Bug.CAUSAL_MISSING_HEAD)).writeTo(out);

    Path again = folder.resolve("again.onnx");
    RepairResult result = repair(out).writeTo(again);

    assertThat(result.outcome()).isEqualTo(Outcome.WAS_RIGHT);
    assertThat(again).doesNotExist();
  }

  @Test
  void repairedModel_getsAnotherMask_underNamesOfItsOwn() throws IOException {
    Path out = folder.resolve("out.onnx");
    Expectation causal = Expectation.parse("causal & key-padding");
    assertThat(repair(zoo(Architecture.ENCODER, Bug.NONE)).mask(causal).writeTo(out).outcome())
        .isEqualTo(Outcome.REPAIRED);

    Path again = folder.resolve("again.onnx");
    Expectation window = Expectation.parse("0: window(2,1) & key-padding; 1,2: key-padding");
    RepairResult result = repair(out).mask(window).writeTo(again);

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(Outcome.REPAIRED);
    assertThat(ImplementedMask.of(Model.open(again)).toString())
        .isEqualTo("layer 0: window(2,1) & padding; layers 1-2: padding");
    assertThat(
            ModelProto.parseFrom(Files.readAllBytes(again)).getGraph().getNodeList().stream()
                .map(NodeProto::getName)
                .distinct())
        .hasSize(ModelProto.parseFrom(Files.readAllBytes(again)).getGraph().getNodeCount());
  }

  @Test
  void someLayersAlone_getTheMask() throws IOException {
    Path out = folder.resolve("out.onnx");
    RepairResult result =
        repair(zoo(Architecture.ENCODER, Bug.NONE))
            .mask(Expectation.parse("causal & key-padding"))
            .only(Set.of(2))
            .fill(-1e9)
            .writeTo(out);
    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(Outcome.REPAIRED);
    assertThat(ImplementedMask.of(Model.open(out)).toString())
        .isEqualTo("layers 0-1: padding; layer 2: causal & padding");
  }

  /** Ids [B, S], a table, one attention of every token to every token; no mask. */
  private static byte[] withoutMask() {
    GraphBuilder graph = new GraphBuilder("plain");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "tokens");
    float[] table = new float[32 * 8];
    for (int n = 0; n < table.length; n++) {
      table[n] = (float) Math.sin(n * 1.7);
    }
    String x = graph.node("Gather", graph.floats("table", ElementType.FLOAT32, table, 32, 8), ids);
    String scores = graph.node("MatMul", x, graph.transpose(x, 0, 2, 1));
    String context = graph.node("MatMul", graph.softmax(scores), x);
    graph.output("hidden", context, ElementType.FLOAT32, "batch", "tokens", "8");
    return graph.model(17, "test");
  }

  @Test
  void modelWithoutMaskInput_getsOne() throws IOException {
    Path in = Files.write(folder.resolve("in.onnx"), withoutMask());
    Path out = folder.resolve("out.onnx");
    RepairResult refused = repair(in).writeTo(out);
    assertThat(refused.outcome()).isEqualTo(Outcome.NO_CURE);
    assertThat(refused.refused().getFirst().reason()).contains("--add-input attention_mask");
    assertThat(out).doesNotExist();

    RepairResult result = repair(in).addInput("attention_mask").writeTo(out);

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(Outcome.REPAIRED);
    assertThat(requireNonNull(result.sameness()).different()).isZero();
    Model model = Model.open(out);
    assertThat(model.roles().masks()).containsExactly("attention_mask");
    assertThat(ImplementedMask.of(model).toString()).isEqualTo("layer 0: padding");
    assertThatThrownBy(() -> repair(in).addInput("input_ids").writeTo(out))
        .hasMessageContaining("has a tensor 'input_ids' already");
  }

  /** Ids and a mask, whose fill is added to scores as large as the scale; causal if asked for. */
  private static byte[] withFill(float fill, double scale, boolean causal) {
    GraphBuilder graph = new GraphBuilder("weak");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "tokens");
    String mask = graph.input("attention_mask", ElementType.INT64, "batch", "tokens");
    float[] table = new float[32 * 8];
    for (int n = 0; n < table.length; n++) {
      table[n] = (float) Math.sin(n * 1.7);
    }
    String x = graph.node("Gather", graph.floats("table", ElementType.FLOAT32, table, 32, 8), ids);
    String product = graph.node("MatMul", x, graph.transpose(x, 0, 2, 1));
    String scores = graph.node("Mul", product, graph.scalar(scale));
    String hidden = graph.node("Sub", graph.longScalar(1), mask);
    String padding =
        graph.cast(graph.node("Unsqueeze", hidden, graph.longs(1)), ElementType.FLOAT32);
    if (causal) {
      String slots = graph.range(graph.size(ids, 1));
      String rows = graph.node("Unsqueeze", slots, graph.longs(1));
      String later = graph.node("Greater", graph.node("Unsqueeze", slots, graph.longs(0)), rows);
      padding = graph.node("Max", padding, graph.cast(later, ElementType.FLOAT32));
    }
    String masked = graph.node("Add", scores, graph.node("Mul", padding, graph.scalar(fill)));
    String context = graph.node("Add", graph.node("MatMul", graph.softmax(masked), x), x);
    graph.output("hidden", context, ElementType.FLOAT32, "batch", "tokens", "8");
    return graph.model(17, "test");
  }

  @ParameterizedTest
  @CsvSource({"-10, 1, false", "-100, -40, true", "-10000, -8000, false", "-6, 1, true"})
  void weakFill_isReplaced_andNamed(float fill, double scale, boolean causal) throws IOException {
    Path in = Files.write(folder.resolve("in.onnx"), withFill(fill, scale, causal));
    Path out = folder.resolve("out.onnx");

    RepairResult result = repair(in).writeTo(out);

    String text = String.join("\n", RepairText.lines(result));
    assertThat(result.outcome()).as(text).isEqualTo(Outcome.REPAIRED);
    assertThat(text).contains("  fill      layer 0: " + "%.4g".formatted(fill) + ", too weak");
    assertThat(ImplementedMask.of(Model.open(out)).toString())
        .isEqualTo("layer 0: " + (causal ? "causal & padding" : "padding"));
    assertThat(result.nodes())
        .filteredOn(node -> node.kind().equals("removed"))
        .extracting(RepairResult.NodeChange::operator)
        .contains("Add", "Mul");
  }

  @Test
  void namesThatAreTaken_inTheGraphOrInABody_areLeftAlone() throws IOException {
    ModelProto model = ModelProto.parseFrom(withFill(-10, 1, false));
    ModelProto.Builder taken = model.toBuilder();
    GraphProto inner =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("Identity")
                    .setName("sightline/2/mask/cast_0")
                    .addInput("input_ids")
                    .addOutput("sightline/2/mask/cast_0"))
            .addOutput(ValueInfoProto.newBuilder().setName("sightline/2/mask/cast_0"))
            .build();
    GraphBuilder graph = GraphBuilder.addition("sightline/mask/");
    String yes = graph.boolScalar(true);
    graph.op("If", yes).with(body("then_branch", inner)).with(body("else_branch", inner));
    taken.getGraphBuilder().mergeFrom(graph.graph());
    Path in = Files.write(folder.resolve("in.onnx"), taken.build().toByteArray());
    Path out = folder.resolve("out.onnx");

    assertThat(repair(in).writeTo(out).outcome()).isEqualTo(Outcome.REPAIRED);

    assertThat(ModelProto.parseFrom(Files.readAllBytes(out)).getGraph().getNodeList())
        .extracting(NodeProto::getName)
        .anyMatch(name -> name.startsWith("sightline/3/mask/"))
        .noneMatch(name -> name.startsWith("sightline/2/"));
  }

  private static AttributeProto body(String name, GraphProto body) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(body)
        .build();
  }

  /** Every other token is a key, as after a convolution with a stride. */
  @Test
  void keysThatAreNotTheTokensOfAnInput_areRefusedAsSuch() throws IOException {
    GraphBuilder graph = new GraphBuilder("strided");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "tokens");
    graph.input("attention_mask", ElementType.INT64, "batch", "tokens");
    float[] table = new float[32 * 8];
    for (int n = 0; n < table.length; n++) {
      table[n] = (float) Math.sin(n * 1.7);
    }
    String x = graph.node("Gather", graph.floats("table", ElementType.FLOAT32, table, 32, 8), ids);
    String keys =
        graph.node(
            "Slice",
            x,
            graph.longs(0),
            graph.longs(Long.MAX_VALUE),
            graph.longs(1),
            graph.longs(2));
    String scores = graph.node("MatMul", x, graph.transpose(keys, 0, 2, 1));
    String context = graph.node("MatMul", graph.softmax(scores), keys);
    graph.output("hidden", context, ElementType.FLOAT32, "batch", "tokens", "8");
    Path in = Files.write(folder.resolve("in.onnx"), graph.model(17, "test"));

    RepairResult result = repair(in).writeTo(folder.resolve("out.onnx"));

    assertThat(result.outcome()).isEqualTo(Outcome.NO_CURE);
    assertThat(result.refused().getFirst().reason()).contains("are not the tokens of an input");
  }

  @Test
  void modelWithoutAttention_isRefused() throws IOException {
    GraphBuilder graph = new GraphBuilder("mean");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "tokens");
    graph.input("attention_mask", ElementType.INT64, "batch", "tokens");
    float[] table = new float[32 * 8];
    for (int n = 0; n < table.length; n++) {
      table[n] = (float) Math.cos(n * 0.7);
    }
    String x = graph.node("Gather", graph.floats("table", ElementType.FLOAT32, table, 32, 8), ids);
    String mean = graph.op("ReduceMean", x).withAll("axes", 1).out();
    graph.output("hidden", graph.node("Add", x, mean), ElementType.FLOAT32, "batch", "tokens", "8");
    Path in = Files.write(folder.resolve("in.onnx"), graph.model(17, "test"));

    RepairResult result = repair(in).writeTo(folder.resolve("out.onnx"));

    assertThat(result.outcome()).isEqualTo(Outcome.NO_CURE);
    assertThat(result.refused().getFirst().reason()).contains("no attention");
    assertThat(files()).containsExactly(Path.of("in.onnx"));
  }

  @Test
  void maskThatFitsNoSamples_isRefused_andNothingIsWritten() throws IOException {
    Path in = zoo(Architecture.ENCODER, Bug.MASK_CUT_ALL);
    Repair groups =
        repair(in).mask(Expectation.parse("groups(a(2) b(3); a sees a; b sees a b) & padding"));
    assertThatThrownBy(() -> groups.writeTo(folder.resolve("out.onnx")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("describes 5 tokens");
    Repair rows = repair(in).mask(Expectation.parse("padding(1,2,3,4)"));
    assertThatThrownBy(() -> rows.writeTo(folder.resolve("out.onnx")))
        .hasMessageContaining("4 batch rows");
    assertThat(files()).containsExactly(Path.of("in.onnx"));
  }

  @Test
  void outputOverTheModel_isRefused() throws IOException {
    Path in = zoo(Architecture.ENCODER, Bug.MASK_CUT_ALL);
    byte[] before = Files.readAllBytes(in);
    Repair repair = repair(in);
    assertThatThrownBy(() -> repair.writeTo(in)).hasMessageContaining("a file of the model itself");
    assertThat(Files.readAllBytes(in)).isEqualTo(before);
  }

  @Test
  void whatNoMaskCures_isWrittenOnlyIfForced() throws IOException {
    Path in = zoo(Architecture.ENCODER, Bug.LEAK_OUTSIDE);
    Path out = folder.resolve("out.onnx");

    RepairResult refused = repair(in).writeTo(out);
    assertThat(refused.outcome()).isEqualTo(Outcome.NO_CURE);
    assertThat(refused.refused().getFirst().reason())
        .contains("no attention mask cures this", "outside attention, at ReduceMean");
    assertThat(out).doesNotExist();

    RepairResult forced = repair(in).force().writeTo(out);
    assertThat(forced.outcome()).isEqualTo(Outcome.NOT_PROVED);
    assertThat(forced.stillWrong()).isNotEmpty();
    assertThat(out).exists();
  }

  @Test
  void oldFileWithoutFreeConstants_staysOne() throws IOException {
    byte[] bytes = Zoo.model(Architecture.ENCODER, Bug.MASK_CUT_ALL).bytes();
    ModelProto old = ModelProto.parseFrom(bytes).toBuilder().setIrVersion(3).build();
    Path in = Files.write(folder.resolve("in.onnx"), old.toByteArray());
    Path out = folder.resolve("out.onnx");

    RepairResult result = repair(in).writeTo(out);

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(Outcome.REPAIRED);
    ModelProto changed = ModelProto.parseFrom(Files.readAllBytes(out));
    assertThat(changed.getGraph().getInitializerCount())
        .isLessThanOrEqualTo(old.getGraph().getInitializerCount());
    assertThat(changed.getGraph().getNode(0).getOpType()).isEqualTo("Constant");
  }
}
