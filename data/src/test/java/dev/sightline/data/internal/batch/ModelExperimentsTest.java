package dev.sightline.data.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ids that reach their table by a detour, and tables that are none of positions. */
class ModelExperimentsTest {
  /** What a graph does to ids before it looks them up. */
  enum Detour {
    MUL_BY_MASK((g, ids) -> g.node("Mul", ids, "attention_mask"), 10),
    ADD_OFFSET((g, ids) -> g.node("Add", ids, g.longScalar(3)), 7),
    CLIP((g, ids) -> g.node("Clip", ids, g.longScalar(0), g.longScalar(9)), 10),
    WHERE(
        (g, ids) -> g.node("Where", g.node("Less", ids, g.longScalar(2)), g.longScalar(4), ids),
        10),
    CAST((g, ids) -> g.op("Cast", ids).with("to", 6).out(), 10);

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas above hold nothing
    private final Way way;

    private final int vocabulary;

    Detour(Way way, int vocabulary) {
      this.way = way;
      this.vocabulary = vocabulary;
    }
  }

  /** From a graph and its ids to what is looked up. */
  @FunctionalInterface
  interface Way {
    String of(GraphBuilder graph, String ids);
  }

  @ParameterizedTest
  @EnumSource
  void idsThroughArithmetic_areKnown(Detour detour) throws ModelException {
    GraphBuilder graph = new GraphBuilder("detour");
    String ids = graph.input("x", ElementType.INT64, "batch", "seq");
    graph.input("attention_mask", ElementType.INT64, "batch", "seq");
    String table = graph.floats("table", ElementType.FLOAT32, new float[40], 10, 4);
    graph.output(
        "y",
        graph.node("Gather", table, detour.way.of(graph, ids)),
        ElementType.FLOAT32,
        "batch",
        "seq",
        "4");

    Model model = Model.parse(graph.model(17, "test"), "detour");

    assertThat(model.roles().streams()).hasSize(1);
    assertThat(model.vocabulary(model.roles().streams().getFirst())).hasValue(detour.vocabulary);
  }

  @Test
  void tableOfPositions_isALimit() throws ModelException {
    Model model = withTable((graph, range) -> range);

    assertThat(model.maxTokens(model.roles().streams().getFirst())).hasValue(6);
    Model resolved = ModelExperiments.resolve(model, 0, Optional.empty());
    assertThat(resolved.maxTokens(resolved.roles().streams().getFirst())).hasValue(6);
  }

  /** The index varies along the sequence, and yet the table bounds nothing: it is cut there. */
  @Test
  void tableOfBuckets_isNoLimit() throws ModelException {
    Model model = withTable((graph, range) -> graph.node("Min", range, graph.longScalar(5)));

    assertThat(model.maxTokens(model.roles().streams().getFirst())).hasValue(6);
    Model resolved = ModelExperiments.resolve(model, 0, Optional.empty());
    assertThat(resolved.maxTokens(resolved.roles().streams().getFirst())).isEmpty();
    assertThat(resolved.vocabulary(resolved.roles().streams().getFirst())).hasValue(10);
  }

  /** A table of distances in a graph that counts tokens elsewhere, and reads the length of that. */
  @Test
  void countBehindALength_isNoPosition() throws ModelException {
    Model model =
        withTable((graph, range) -> {
          String count = graph.node("CumSum", "input_ids", graph.longScalar(1));
          String slots = graph.range(graph.size(count, 1));
          String near = graph.node("Abs", graph.node("Sub", slots, graph.longScalar(3)));
          return graph.node("Min", near, graph.longScalar(5));
        });

    assertThat(model.maxTokens(model.roles().streams().getFirst())).isEmpty();
  }

  private static Model withTable(Way index) throws ModelException {
    GraphBuilder graph = new GraphBuilder("positions");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "seq");
    String length = graph.node("Gather", graph.node("Shape", ids), graph.longScalar(1));
    String range = graph.node("Range", graph.longScalar(0), length, graph.longScalar(1));
    String words = graph.floats("words", ElementType.FLOAT32, new float[40], 10, 4);
    String positions = graph.floats("positions", ElementType.FLOAT32, new float[24], 6, 4);
    String sum =
        graph.node(
            "Add",
            graph.node("Gather", words, ids),
            graph.node("Gather", positions, index.of(graph, range)));
    graph.output("y", sum, ElementType.FLOAT32, "batch", "seq", "4");
    return Model.parse(graph.model(17, "test"), "positions");
  }
}
