package dev.sightline.onnx.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import org.junit.jupiter.api.Test;

class RuntimeMessageTest {
  @Test
  void missingKernel_namesTheNode() throws ModelException {
    GraphBuilder graph = new GraphBuilder("booleans");
    String flag = graph.input("flag", ElementType.BOOL, "n");
    graph.output("y", graph.node("Where", flag, flag, flag), ElementType.BOOL, "n");
    Model model = Model.parse(graph.model(17, "test"), "booleans");

    assertThatThrownBy(model::session)
        .isInstanceOf(ModelException.class)
        .hasMessageMatching(
            "'?booleans'? is refused by ONNX Runtime: node '.*' \\(Where\\): no implementation for"
                + " its types and opset");
  }

  @Test
  void failedRun_keepsTheReasonAndNotTheSignature() {
    assertThat(
            RuntimeMessage.of(
                "Non-zero status code returned while running Add node. Name:'/m/Add' Status"
                    + " Message:"
                    + " /onnxruntime_src/onnxruntime/core/providers/cpu/math/element_wise_ops.h:540"
                    + " void onnxruntime::BroadcastIterator::Init(ptrdiff_t, ptrdiff_t) axis == 1"
                    + " || axis == largest was false. Attempting to broadcast an axis by a"
                    + " dimension other than 1. 5 by 7"))
        .isEqualTo(
            "node '/m/Add' (Add): Attempting to broadcast an axis by a dimension other than 1. 5 by"
                + " 7");
  }

  @Test
  void failedAllocation_isSaidInWords() {
    assertThat(
            RuntimeMessage.of(
                "Non-zero status code returned while running Expand node. Name:'/e' Status"
                    + " Message: std::bad_alloc"))
        .isEqualTo("node '/e' (Expand): it asks for more memory than there is");
    assertThat(RuntimeMessage.of("bad allocation"))
        .isEqualTo("it asks for more memory than there is");
  }

  @Test
  void messageWithoutANode_isKept_withoutWhatSpeaksToTerminals() {
    assertThat(RuntimeMessage.of("Load model from memory failed: bad \u001b[2J graph"))
        .isEqualTo("Load model from memory failed: bad \\u001b[2J graph");
  }
}
