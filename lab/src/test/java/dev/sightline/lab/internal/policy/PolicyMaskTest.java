package dev.sightline.lab.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;
import org.junit.jupiter.api.Test;

class PolicyMaskTest {
  private static final String RIGHT =
      "groups(image(5) language(80) subtask(6, causal) flow(8); image language see image language;"
          + " subtask sees image language subtask; flow sees image language flow)";

  private static BoundMask over(PolicyMask mask, int language) {
    int tokens = PolicyMask.tokens(language);
    return mask.attention(language).over(new MaskShape(1, 1, tokens, tokens));
  }

  @Test
  void anExpressionOfANamedMask_isThatMask_forInstructionsOfAnyLength() {
    for (int language : new int[] {3, 41, PolicyMask.LANGUAGE}) {
      BoundMask written = over(PolicyMask.of(RIGHT), language);
      assertThat(written.equivalentTo(over(NamedMask.RIGHT, language))).isTrue();
      assertThat(written.equivalentTo(over(NamedMask.FLOW_SEES_SUBTASK, language))).isFalse();
    }
  }

  @Test
  void aShortInstruction_lacksItsLastWords_andTheOthersKeepTheirDistance() {
    BoundMask window = over(PolicyMask.of("window(2,0)"), 3);
    assertThat(window.row(0, 0, 7)).hasToString("5..7");
    // The subtask begins 80 words after the image, whatever the instruction's length.
    assertThat(window.row(0, 0, 8)).hasToString("8");
    assertThat(window.row(0, 0, 21)).hasToString("19..21");
  }

  @Test
  void wordsAboutPadding_areTrueOfAllTokens() {
    assertThat(
            over(PolicyMask.of("causal & padding"), 9)
                .equivalentTo(over(PolicyMask.of("causal"), 9)))
        .isTrue();
    assertThat(
            PolicyMask.of("causal & padding")
                .mask(9, new int[] {4})
                .over(new MaskShape(1, 1, 28, 28))
                .row(0, 0, 15))
        .hasToString("0..8, 14..15");
  }

  @Test
  void aTextThatIsNoExpression_isPointedAt() {
    assertThatThrownBy(() -> PolicyMask.of("causal & paddin(3)"))
        .hasMessageContaining("column 10: there is no mask 'paddin'");
  }
}
