package dev.sightline.heads.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TokenLayoutTest {
  private static final ModelInputs INPUTS =
      new ModelInputs(
          List.of(new TokenStream(spec("ids"), 1, spec("mask"), false, null, null, null)),
          List.of());

  private static TensorSpec spec(String name) {
    return new TensorSpec(name, ElementType.INT64, List.of("B", "S"));
  }

  /** Ids count from 1, so that a value of 0 could only come from padding. */
  private static Sample sample(int length, Optional<Sample.Placement> place) {
    TokenizedText tokens = TokenizedText.ofIds(LongStream.rangeClosed(1, length).toArray());
    return new Sample(1, "a", List.of(tokens), List.of(place), Map.of());
  }

  private static List<Double> lastIds(Batch batch) {
    TokenLayout layout = TokenLayout.of(batch, 0);
    float[] ids = new float[batch.rows() * layout.width()];
    for (int row = 0; row < batch.rows(); row++) {
      for (int token = 0; token < layout.tokens(row); token++) {
        assertThat(batch.isReal(0, row, layout.position(row, token))).isTrue();
        ids[row * layout.width() + layout.position(row, token)] = token + 1;
      }
    }
    List<Double> last = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      TokenChoice choice =
          TokenChoice.of(TokenAggregation.LAST, layout.tokens(row), Optional.empty());
      last.add(layout.means(ids, 1, row, (TokenChoice.Read) choice)[0]);
    }
    return last;
  }

  @Test
  void batch_givesItsTokens_onEverySide_andUnderAMaskOfOnes() {
    Batch batch =
        Batch.of(
            INPUTS,
            List.of(
                sample(5, Optional.empty()),
                sample(6, Optional.empty()),
                sample(3, Optional.empty())),
            0);
    assertThat(TokenLayout.of(batch, 0).position(0, 4)).isEqualTo(4);
    assertThat(lastIds(batch)).containsExactly(5.0, 6.0, 3.0);
    assertThat(lastIds(batch.withMaskOfOnes(0))).containsExactly(5.0, 6.0, 3.0);
    for (Padding side : Padding.values()) {
      assertThat(lastIds(batch.withPadding(0, side, 9))).containsExactly(5.0, 6.0, 3.0);
    }
  }

  @Test
  void rowOfADataFile_keepsItsHolesInABatch() {
    Sample.Placement place = new Sample.Placement(List.of(1, 3, 4), 6);
    TokenLayout layout =
        TokenLayout.of(Batch.of(INPUTS, List.of(sample(3, Optional.of(place))), 0), 0);

    assertThat(layout.width()).isEqualTo(6);
    assertThat(layout.position(0, 2)).isEqualTo(4);
    assertThat(layout.hasHoles(0)).isTrue();
  }
}
