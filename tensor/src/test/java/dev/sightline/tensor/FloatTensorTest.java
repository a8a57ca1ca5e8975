package dev.sightline.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FloatTensorTest {
  @Test
  void offset_ofLeadingIndices_isRowMajor() {
    FloatTensor t = FloatTensor.of(Shape.of(2, 3, 4), new float[24]);
    assertThat(t.offset()).isZero();
    assertThat(t.offset(1)).isEqualTo(12);
    assertThat(t.offset(1, 2)).isEqualTo(20);
    assertThat(t.offset(1, 2, 3)).isEqualTo(23);
  }

  @Test
  void offset_outOfRange_namesTheAxisAndTheShape() {
    FloatTensor t = FloatTensor.of(Shape.of(2, 3), new float[6]);
    assertThatThrownBy(() -> t.offset(1, 3))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("index 3 on axis 1 of a tensor of shape [2, 3]");
  }

  @Test
  void of_wrongLength_saysBothNumbers() {
    assertThatThrownBy(() -> FloatTensor.of(Shape.of(2, 3), new float[5]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape [2, 3] has 6 elements, but the array has 5");
  }

  @Test
  void shape_ofMoreThanAnArrayHolds_isRefused() {
    assertThatThrownBy(() -> Shape.of(65536, 65536, 65536, 65536, 65536))
        .isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> Shape.of(65536, 65536))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[65536, 65536]");
    assertThatThrownBy(() -> Shape.of(new long[] {1L << 32, 1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Shape.of(2, -1)).hasMessageContaining("[2, -1]");
  }

  @Test
  void shape_negativeAxis_countsFromTheEnd() {
    assertThat(Shape.of(2, 3, 5).dim(-1)).isEqualTo(5);
    assertThat(Shape.of(2, 3, 5))
        .isEqualTo(Shape.of(new long[] {2, 3, 5}))
        .hasToString("[2, 3, 5]");
    assertThat(Shape.of().size()).isEqualTo(1);
  }
}
