package dev.sightline.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.attention.Walkthrough.FillTrial;
import dev.sightline.attention.Walkthrough.UnderMask;
import dev.sightline.mask.Mask;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every number of a walkthrough, computed again in float64 from its definition. */
class WalkthroughTest {
  private static final List<String> CAT = Walkthrough.words("The cat sat on the mat", 0);
  private static final List<String> HORSE = Walkthrough.words("The horse ran quickly [PAD]", 0);

  @Test
  void everyNumber_isThatOfTheDefinition() {
    recompute(Walkthrough.of(CAT, Mask.parse("window(1,0) & causal")));
    recompute(Walkthrough.of(HORSE, Mask.parse("padding")));
    recompute(Walkthrough.of(CAT, head(6, 5, 3), Mask.parse("prefix(2)"), Mask.none()));
    recompute(Walkthrough.of(Walkthrough.words("a ".repeat(32), 0), head(32, 24, 7)));
  }

  private static Walkthrough.Head head(int tokens, int size, int valueSize) {
    Random random = new Random(11);
    return new Walkthrough.Head(
        "random",
        random(random, tokens, size),
        random(random, tokens, size),
        random(random, tokens, valueSize),
        0.37f,
        null);
  }

  private static FloatTensor random(Random random, int rows, int columns) {
    float[] data = new float[rows * columns];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return FloatTensor.of(Shape.of(rows, columns), data);
  }

  private static void recompute(Walkthrough walkthrough) {
    int length = walkthrough.tokens().size();
    FloatTensor q = walkthrough.head().queries();
    FloatTensor k = walkthrough.head().keys();
    for (int i = 0; i < length; i++) {
      for (int j = 0; j < length; j++) {
        double product = 0;
        for (int d = 0; d < walkthrough.head().size(); d++) {
          product += (double) q.data()[q.offset(i, d)] * k.data()[k.offset(j, d)];
        }
        assertThat((double) at(walkthrough.products(), i, j)).isCloseTo(product, within(2e-5));
        assertThat((double) at(walkthrough.scores(), i, j))
            .isCloseTo(product * walkthrough.head().scale(), within(2e-5));
      }
    }
    walkthrough.masks().forEach(under -> recompute(walkthrough, under));
    recompute(walkthrough, walkthrough.wrong());
  }

  private static void recompute(Walkthrough walkthrough, UnderMask under) {
    int length = walkthrough.tokens().size();
    FloatTensor values = walkthrough.head().values();
    for (int i = 0; i < length; i++) {
      double sum = 0;
      for (int j = 0; j < length; j++) {
        sum += under.allowed(i, j) ? Math.exp(at(walkthrough.scores(), i, j)) : 0;
      }
      double weights = 0;
      double[] output = new double[values.shape().dim(1)];
      for (int j = 0; j < length; j++) {
        float masked = at(under.masked(), i, j);
        double weight = under.allowed(i, j) ? Math.exp(at(walkthrough.scores(), i, j)) / sum : 0;
        weights += weight;
        if (under.allowed(i, j)) {
          assertThat(masked).isEqualTo(at(walkthrough.scores(), i, j));
          assertThat((double) at(under.weights(), i, j)).isCloseTo(weight, within(1e-6));
        } else {
          assertThat(masked).isEqualTo(Float.NEGATIVE_INFINITY);
          assertThat(at(under.weights(), i, j)).isZero();
        }
        for (int d = 0; d < output.length; d++) {
          output[d] += weight * values.data()[values.offset(j, d)];
        }
      }
      assertThat((double) under.sums().data()[i]).isCloseTo(weights, within(1e-6));
      for (int d = 0; d < output.length; d++) {
        assertThat((double) at(under.output(), i, d)).isCloseTo(output[d], within(1e-5));
      }
    }
  }

  private static float at(FloatTensor matrix, int row, int column) {
    return matrix.data()[matrix.offset(row, column)];
  }

  @Test
  void causal_isLowerTriangular_andTheMisprintKeepsThreeWordsInTheFirstRow() {
    Walkthrough walkthrough = Walkthrough.of(CAT);
    assertThat(walkthrough.masks()).extracting(UnderMask::name).containsExactly("none", "causal");
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        assertThat(walkthrough.under(1).allowed(i, j)).isEqualTo(j <= i);
        assertThat(walkthrough.wrong().allowed(i, j)).isEqualTo(j <= i + 2);
        assertThat(at(walkthrough.under(1).weights(), i, j) > 0).isEqualTo(j <= i);
      }
    }
    assertThat(at(walkthrough.under(1).weights(), 0, 0)).isEqualTo(1);
  }

  @Test
  void padding_weighsNothingInEveryRow() {
    Walkthrough walkthrough = Walkthrough.of(HORSE);
    assertThat(walkthrough.masks())
        .extracting(UnderMask::name)
        .containsExactly("none", "causal", "padding");
    for (int i = 0; i < 5; i++) {
      assertThat(at(walkthrough.under(2).weights(), i, 4)).isZero();
      assertThat(at(walkthrough.under(0).weights(), i, 4)).isPositive();
      assertThat(walkthrough.under(2).sums().data()[i]).isCloseTo(1, within(1e-6f));
    }
  }

  @Test
  void aMaskThatIsThereAlready_isNotShownTwice() {
    Walkthrough walkthrough =
        Walkthrough.of(
            HORSE, Mask.parse("prefix(0)"), Mask.parse("padding"), Mask.parse("window(0,0)"));
    assertThat(walkthrough.masks())
        .extracting(UnderMask::name)
        .containsExactly("none", "causal", "padding", "padding(bits=11110)", "window(0,0)");
  }

  @Test
  void fills_areRightWithOneKey_andGarbageOrNaNWithNone() {
    List<FillTrial> fills = Walkthrough.of(CAT).fills();
    for (FillTrial fill : fills) {
      assertThat(fill.oneKey().data()).as(fill.name()).containsExactly(1, 0, 0, 0, 0, 0);
    }
    assertThat(fills.get(0).noKey().data()).containsOnly(0);
    assertThat(fills.get(1).noKey().data()).containsOnly(1 / 6f);
    assertThat(fills.get(2).held()).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(fills.get(2).noKey().data()).containsOnly(Float.NaN);
    assertThat(fills.get(3).held()).isEqualTo(-65504);
    assertThat(fills.get(3).noKey().data())
        .containsOnly(Float.float16ToFloat(Float.floatToFloat16(1 / 6f)));
    assertThat(fills.get(4).held()).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(fills.get(4).noKey().data()).containsOnly(Float.NaN);
  }

  @Test
  void equalWords_haveEqualVectors_andAnotherWordHasOthers() {
    Walkthrough walkthrough = Walkthrough.of(List.of("a", "b", "a"));
    float[] q = walkthrough.head().queries().data();
    assertThat(List.of(q[0], q[1], q[2], q[3])).isEqualTo(List.of(q[8], q[9], q[10], q[11]));
    assertThat(List.of(q[0], q[1], q[2], q[3])).isNotEqualTo(List.of(q[4], q[5], q[6], q[7]));
  }

  @Test
  void misuse_isRefusedWithWhatWasGiven() {
    assertThatThrownBy(() -> Walkthrough.words("  ", 0)).hasMessageContaining("there are none");
    assertThatThrownBy(() -> Walkthrough.words("a ".repeat(33), 0)).hasMessageContaining("33");
    assertThatThrownBy(() -> Walkthrough.words("a", Integer.MAX_VALUE))
        .hasMessageContaining("1 to 32");
    assertThatThrownBy(() -> Walkthrough.words("a", -1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> Walkthrough.of(CAT, Mask.parse("documents(5,4)")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Walkthrough.of(CAT, Mask.parse("padding(5,3)")))
        .hasMessageContaining("one head over one text");
    assertThatThrownBy(() -> Walkthrough.of(CAT, head(5, 4, 4))).hasMessageContaining("6 tokens");
  }
}
