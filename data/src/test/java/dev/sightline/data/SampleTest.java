package dev.sightline.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sightline.data.Sample.Placement;
import dev.sightline.onnx.TokenizedText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SampleTest {
  private static final TokenizedText FIVE = TokenizedText.ofIds(1, 2, 3, 4, 5);

  @Test
  void laterStreams_haveTheFirstHalfOfTheTokens_roundedUp() {
    Sample sample = Sample.ofTokens(7, "five", FIVE, 2);

    assertThat(sample.length(0)).isEqualTo(5);
    assertThat(sample.length(1)).isEqualTo(3);
    assertThat(((TokenizedText) sample.streams().get(1)).ids()).containsExactly(1, 2, 3);
  }

  @Test
  void otherTokens_losesThePlacement_ofTheirStreamAlone() {
    Placement left = new Placement(List.of(1, 2, 3, 4, 5), 6);
    Sample placed =
        new Sample(
            1, "two", List.of(FIVE, FIVE), List.of(Optional.of(left), Optional.of(left)), Map.of());

    Sample changed = placed.with(1, TokenizedText.ofIds(9));

    assertThat(changed.placements()).containsExactly(Optional.of(left), Optional.empty());
    assertThat(changed.withPlacement(1, new Placement(List.of(4), 6)).placements())
        .containsExactly(Optional.of(left), Optional.of(new Placement(List.of(4), 6)));
  }

  @Test
  void placement_hasAscendingPositionsBelowItsWidth() {
    for (List<Integer> positions : List.of(List.of(0, 0), List.of(2, 1), List.of(-1), List.of(3))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Placement(positions, 3))
          .withMessage("the positions " + positions + " do not ascend from 0 to below 3");
    }
  }

  @Test
  void placement_hasAPositionForEachToken() {
    Sample sample = Sample.ofTokens(1, "five", FIVE, 2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> sample.withPlacement(1, new Placement(List.of(0, 1), 4)))
        .withMessage("stream 1 has 3 tokens, but 2 positions for them");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sample(1, "a", List.of(FIVE), List.of(), Map.of()))
        .withMessage("0 placements do not go with 1 streams");
  }
}
