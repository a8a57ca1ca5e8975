package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.onnx.inventory.MaskPath;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models of one fused attention, {@code x [B, 5, 8]} and two heads, with random weights. */
class FusedAttentionTest {
  /** The runtime writes only the columns that a row has, and leaves the others as they were. */
  @ParameterizedTest
  @CsvSource({"gqa-fp16, com.microsoft.GroupQueryAttention", "att-lens, com.microsoft.Attention"})
  void lengthsInPlaceOfAMask_areSeenAsTheRuntimeTakesThem(String name, String operator)
      throws IOException {
    Model model = model(name);
    List<AttentionSite> sites = model.attention().found();
    AttentionSite site = sites.getFirst();
    assertThat(site.operator()).isEqualTo(operator);
    assertThat(site.masks()).extracting(MaskPath::route).containsExactly(MaskRoute.VALUE);

    FloatTensor p =
        tapped(model, site, Tap.PROBABILITIES, new long[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0});

    assertThat(p.shape()).isEqualTo(Shape.of(2, 2, 5, 5));
    for (int head = 0; head < 2; head++) {
      for (int query = 0; query < 5; query++) {
        double sum = 0;
        for (int key = 0; key < 5; key++) {
          sum += p.data()[p.offset(1, head, query, key)];
        }
        assertThat(sum).isCloseTo(1, within(1e-3));
        assertThat(p.data()[p.offset(1, head, query, 3)]).isZero();
        assertThat(p.data()[p.offset(1, head, query, 4)]).isZero();
        assertThat(p.data()[p.offset(0, head, 4, query)]).isPositive();
      }
    }
  }

  /** Lengths say nothing about the left: two tokens on the right are taken for two on the left. */
  @Test
  void lengthsUnderLeftPadding_showTheRuntimeLookingAtPadding() throws IOException {
    Model model = model("att-lens");
    AttentionSite site = model.attention().found().getFirst();

    FloatTensor p =
        tapped(model, site, Tap.PROBABILITIES, new long[] {1, 1, 1, 1, 1, 0, 0, 0, 1, 1});

    assertThat(p.data()[p.offset(1, 0, 4, 0)]).isPositive();
    assertThat(p.data()[p.offset(1, 0, 4, 4)]).isZero();
  }

  private static FloatTensor tapped(Model model, AttentionSite site, Tap tap, long[] mask)
      throws ModelException {
    Random random = new Random(3);
    float[] x = new float[2 * 5 * 8];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    Map<String, RawTensor> feed = new HashMap<>();
    for (TensorSpec input : model.inputs()) {
      feed.put(
          input.name(),
          switch (input.name()) {
            case "x" -> floats(x, 2, 5, 8);
            case "attention_mask" ->
                RawTensor.of(ElementType.INT64, Shape.of(2, 5), TensorBytes.of(mask));
            default -> floats(new float[0], 2, 1, 0, 8);
          });
    }
    try (ModelSession session = model.tappedSession(List.of(site), Set.of(tap))) {
      String output = site.output(tap);
      return Objects.requireNonNull(session.run(feed, List.of(output)).get(output));
    }
  }

  private static RawTensor floats(float[] values, int... shape) {
    return RawTensor.of(ElementType.FLOAT32, Shape.of(shape), TensorBytes.of(values));
  }

  private static Model model(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            FusedAttentionTest.class.getResourceAsStream("/attention/" + name + ".onnx"))) {
      return Model.parse(in.readAllBytes(), name);
    }
  }
}
