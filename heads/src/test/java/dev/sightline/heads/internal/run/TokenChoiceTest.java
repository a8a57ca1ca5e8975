package dev.sightline.heads.internal.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.internal.row.Span;
import dev.sightline.heads.statistics.TokenAggregation;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenChoiceTest {
  /** Lengths 5, 6 and 3 in six positions. */
  private static final long[] RIGHT = {1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0};

  private static final long[] LEFT = {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1};
  private static final long[] HOLES = {1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0};

  @Test
  void last_isTheLastRealToken_forAnyPaddingSide() {
    assertThat(lastPositions(RIGHT)).containsExactly(4, 5, 2);
    assertThat(lastPositions(LEFT)).containsExactly(5, 5, 5);
    assertThat(lastPositions(HOLES)).containsExactly(4, 5, 2);
  }

  private static double[] lastPositions(long[] mask) {
    TokenLayout layout = TokenLayout.ofMask(mask, 3, 6);
    // One head whose value is its position.
    float[] values = new float[18];
    for (int i = 0; i < 18; i++) {
      values[i] = i % 6;
    }
    double[] positions = new double[3];
    for (int row = 0; row < 3; row++) {
      positions[row] = one(TokenAggregation.LAST, values, 1, layout, row, Optional.empty())[0];
    }
    return positions;
  }

  private static double[] one(
      TokenAggregation how,
      float[] values,
      int heads,
      TokenLayout layout,
      int row,
      Optional<Span> span) {
    TokenChoice choice = TokenChoice.of(how, layout.tokens(row), span);
    assertThat(choice).isInstanceOf(TokenChoice.Read.class);
    return layout.means(values, heads, row, (TokenChoice.Read) choice);
  }

  @Test
  void mean_leavesPaddingOut_evenNaN() {
    TokenLayout layout = TokenLayout.ofMask(new long[] {1, 0, 1, 0, 1, 1}, 2, 3);
    float nan = Float.NaN;
    // [B, H, S] = [2, 2, 3]
    float[] values = {1, nan, 3, 10, nan, 30, nan, 5, 6, nan, 50, nan};

    assertThat(one(TokenAggregation.MEAN, values, 2, layout, 0, Optional.empty()))
        .containsExactly(2, 20);
    double[] second = one(TokenAggregation.MEAN, values, 2, layout, 1, Optional.empty());
    assertThat(second[0]).isEqualTo(5.5);
    assertThat(second[1]).isNaN();
  }

  @Test
  void span_countsRealTokens_andOneOutsideIsSkipped() {
    TokenLayout layout = TokenLayout.ofMask(new long[] {1, 0, 1, 0, 1, 1}, 1, 6);
    float[] values = {0, 1, 2, 3, 4, 5};

    assertThat(one(TokenAggregation.SPAN, values, 1, layout, 0, Optional.of(new Span(1, 3))))
        .containsExactly(3);
    assertThat(TokenChoice.of(TokenAggregation.SPAN, layout.tokens(0), Optional.of(new Span(3, 5))))
        .isEqualTo(new TokenChoice.Skipped("its span ends after its last token"));
    assertThat(TokenChoice.of(TokenAggregation.SPAN, layout.tokens(0), Optional.empty()))
        .isEqualTo(new TokenChoice.Skipped("it has no span"));
    assertThatThrownBy(() -> new Span(3, 3))
        .hasMessage("a span [start, end) needs 0 <= start < end, unlike [3, 3)");
  }

  @Test
  void sampleWithoutRealTokens_isSkipped_never0() {
    TokenLayout layout = TokenLayout.ofMask(new long[] {0, 0, 1, 1}, 2, 2);
    for (TokenAggregation how : TokenAggregation.values()) {
      assertThat(TokenChoice.of(how, layout.tokens(0), Optional.of(new Span(0, 1))))
          .isEqualTo(new TokenChoice.Skipped("it has no real token"));
      assertThat(TokenChoice.of(how, layout.tokens(1), Optional.of(new Span(0, 1))))
          .isInstanceOf(TokenChoice.Read.class);
    }
  }

  @Test
  void masks_areChecked() {
    assertThatThrownBy(() -> TokenLayout.ofMask(new long[] {1, 2}, 1, 2))
        .hasMessage("a mask has 0 and 1, not 2 as in row 0, position 1");
    assertThatThrownBy(() -> TokenLayout.ofMask(new long[5], 2, 3))
        .hasMessage("a mask [2, 3] does not have 5 values");
    TokenLayout layout = TokenLayout.ofMask(new long[] {1, 0, 1, 0, 1, 1}, 2, 3);
    assertThat(layout.hasHoles(0)).isTrue();
    assertThat(layout.hasHoles(1)).isFalse();
    assertThatThrownBy(() -> layout.means(new float[5], 1, 0, new TokenChoice.Read(0, 1)))
        .hasMessage("values [B, H, S] = [2, 1, 3] are not 5");
  }
}
