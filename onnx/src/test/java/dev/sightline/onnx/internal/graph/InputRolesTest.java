package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import org.junit.jupiter.api.Test;

class InputRolesTest {
  @Test
  void anInputWithoutRoomForATokenIsNoStream() throws Exception {
    assertThat(roles("batch", "sequence").streams())
        .extracting(TokenStream::content)
        .extracting(TensorSpec::name)
        .containsExactly("input_ids");
    assertThat(roles("0", "sequence").streams()).isEmpty();
    assertThat(roles("batch", "0").streams()).isEmpty();
    assertThat(roles("0", "sequence").others())
        .extracting(TensorSpec::name)
        .containsExactly("input_ids", "attention_mask");
  }

  private static ModelInputs roles(String rows, String tokens) throws Exception {
    GraphBuilder g = new GraphBuilder("roles");
    String ids = g.input("input_ids", ElementType.INT64, rows, tokens);
    String mask = g.input("attention_mask", ElementType.INT64, "batch", "sequence");
    String kept = g.node("Mul", ids, mask);
    g.output("kept", kept, ElementType.INT64, "batch", "sequence");
    return Model.parse(g.model(17, "test"), "roles.onnx").roles();
  }
}
