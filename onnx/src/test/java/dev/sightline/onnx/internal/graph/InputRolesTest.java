package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
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

  @Test
  void aBatchThatNoMachineHolds_isRefused() {
    for (String[] size :
        new String[][] {{"8193", "sequence"}, {"4096", "2049"}, {"1", "9999999999"}}) {
      assertThatThrownBy(() -> roles(size[0], size[1]))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "'roles.onnx' fixes a batch that is too large, input_ids int64 [%s, %s]; expected at"
                  + " most 8192 rows, and 8388608 tokens in all",
              size[0], size[1]);
    }
    assertThatNoException().isThrownBy(() -> roles("4096", "2048"));
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
