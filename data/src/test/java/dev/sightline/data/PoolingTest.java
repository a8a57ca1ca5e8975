package dev.sightline.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PoolingTest {
  /** Rows without padding, padded on the right, on the left, and all padding: [4, 3, 2]. */
  private static final float[][][] HIDDEN = {
    {{1, -2}, {3, 8}, {8, 0}},
    {{1, -2}, {3, 8}, {100, 100}},
    {{100, 100}, {1, -2}, {3, 8}},
    {{100, 100}, {100, 100}, {100, 100}},
  };

  private static final long[][] MASK = {{1, 1, 1}, {1, 1, 0}, {0, 1, 1}, {0, 0, 0}};
  private static final float[] NONE = {Float.NaN, Float.NaN};

  @Test
  void realTokens_arePooled_onWhateverSidePaddingIs() {
    assertPooled(Pooling.MEAN, new float[][] {{4, 2}, {2, 3}, {2, 3}, NONE});
    assertPooled(Pooling.FIRST, new float[][] {{1, -2}, {1, -2}, {1, -2}, NONE});
    assertPooled(Pooling.LAST, new float[][] {{8, 0}, {3, 8}, {3, 8}, NONE});
    assertPooled(Pooling.MAX, new float[][] {{8, 8}, {3, 8}, {3, 8}, NONE});
    assertThat(Pooling.WEIGHTED_MEAN.pool(HIDDEN, MASK)[2])
        .containsExactly((1 + 2 * 3) / 3f, (-2 + 2 * 8) / 3f);
  }

  /** Compares as text, in which NaN is like NaN. */
  private static void assertPooled(Pooling way, float[][] expected) {
    assertThat(Arrays.deepToString(way.pool(HIDDEN, MASK)))
        .isEqualTo(Arrays.deepToString(expected));
  }

  @Test
  void noRows_poolToNoRows() {
    assertThat(Pooling.MEAN.pool(new float[0][][], new long[0][])).isEmpty();
  }

  @Test
  void shapesThatDoNotGoTogether_areRefusedWithBoth() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pooling.MEAN.pool(HIDDEN, new long[2][3]))
        .withMessage("hidden [4, S, D] and attentionMask [2, S] have different batch sizes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pooling.MEAN.pool(HIDDEN, new long[4][2]))
        .withMessageContaining("3 positions and of attentionMask 2")
        .withMessageContaining("hidden [4, 3, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pooling.MEAN.pool(new float[][][] {{{1, 2}, {1}}}, new long[1][2]))
        .withMessageContaining("hidden[0][1] has 1 elements; expected 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pooling.MEAN.pool(new float[1][1][1], new long[][] {{2}}))
        .withMessage("attentionMask[0][0] is 2; expected 0 or 1");
  }
}
