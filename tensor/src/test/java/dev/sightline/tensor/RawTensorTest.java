package dev.sightline.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RawTensorTest {
  @Test
  void integers_areReadWithTheirSign() {
    assertThat(of(ElementType.INT8, "ff 01").toLongs()).containsExactly(-1, 1);
    assertThat(of(ElementType.UINT8, "ff 01").toLongs()).containsExactly(255, 1);
    assertThat(of(ElementType.INT16, "fe ff 00 01").toLongs()).containsExactly(-2, 256);
    assertThat(of(ElementType.UINT16, "fe ff 00 01").toLongs()).containsExactly(65534, 256);
    assertThat(of(ElementType.INT32, "ff ff ff ff").toLongs()).containsExactly(-1);
    assertThat(of(ElementType.UINT32, "ff ff ff ff").toLongs()).containsExactly(4294967295L);
    assertThat(of(ElementType.INT64, "00 00 00 00 00 00 00 80").toLongs())
        .containsExactly(Long.MIN_VALUE);
    assertThat(of(ElementType.UINT64, "ff ff ff ff ff ff ff 7f").toLongs())
        .containsExactly(Long.MAX_VALUE);
  }

  @Test
  void unsignedValueBeyondLong_isRefusedWithItsPlace() {
    assertThatThrownBy(of(ElementType.UINT64, "00".repeat(8) + "ff".repeat(8))::toLongs)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("element 1 of a tensor uint64 [2] is 18446744073709551615, more than 2^63 - 1");
  }

  @Test
  void everyType_becomesFloats() {
    assertThat(of(ElementType.BOOL, "00 01 02").toFloats().data()).containsExactly(0, 1, 1);
    assertThat(of(ElementType.UINT8, "ff").toFloats().data()).containsExactly(255);
    assertThat(of(ElementType.INT16, "00 80").toFloats().data()).containsExactly(-32768);
    assertThat(of(ElementType.FLOAT16, "00 3c 00 7c 01 00").toFloats().data())
        .containsExactly(1, Float.POSITIVE_INFINITY, 0x1p-24f);
    assertThat(of(ElementType.BFLOAT16, "80 3f 80 ff 01 00").toFloats().data())
        .containsExactly(1, Float.NEGATIVE_INFINITY, 0x1p-133f);
    assertThat(of(ElementType.FLOAT32, "00 00 c0 3f").toFloats().data()).containsExactly(1.5f);
    assertThat(of(ElementType.FLOAT64, "00 00 00 00 00 00 f8 bf").toFloats().data())
        .containsExactly(-1.5f);
  }

  @Test
  void wideValues_areRoundedToTheNearestFloat() {
    // 2^24 + 1 is between two floats, 2^24 + 3 too; a tie goes to the even one.
    assertThat(of(ElementType.INT32, "01 00 00 01 03 00 00 01").toFloats().data())
        .containsExactly(0x1p24f, 0x1p24f + 4);
    // 2^63 + 2^39 is a tie, and one more is above it.
    assertThat(
            of(ElementType.UINT64, "00 00 00 00 80 00 00 80" + "01 00 00 00 80 00 00 80")
                .toFloats()
                .data())
        .containsExactly(0x1p63f, 0x1p63f + 0x1p40f);
    assertThat(of(ElementType.UINT64, "ff".repeat(8)).toFloats().data()).containsExactly(0x1p64f);
    assertThat(of(ElementType.FLOAT64, "ff ff ff ff ff ff ef 7f").toFloats().data())
        .containsExactly(Float.POSITIVE_INFINITY);
  }

  @Test
  void onlyBooleans_becomeBooleans() {
    assertThat(of(ElementType.BOOL, "00 01 ff").toBooleans()).containsExactly(false, true, true);
    assertThatThrownBy(of(ElementType.UINT8, "00 01")::toBooleans)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a tensor of bool, but it is uint8 [2]");
  }

  @Test
  void onlyIntegers_becomeLongs_alsoWhenThereAreNone() {
    for (ElementType type :
        new ElementType[] {
          ElementType.BOOL,
          ElementType.FLOAT16,
          ElementType.BFLOAT16,
          ElementType.FLOAT32,
          ElementType.FLOAT64
        }) {
      assertThatThrownBy(of(type, "")::toLongs)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("expected a tensor of integers, but it is " + type + " [0]");
    }
  }

  @Test
  void floats_areRoundedToTheNearestHalf_tiesToEven() {
    float[] values = {1, 1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 65519, 65520, 0x1p-25f, Float.NaN};
    RawTensor half = RawTensor.ofFloats(tensor(values), ElementType.FLOAT16);
    assertThat(half.toFloats().data())
        .containsExactly(1, 1, 1 + 0x1p-9f, 65504, Float.POSITIVE_INFINITY, 0, Float.NaN);
  }

  @Test
  void floats_areRoundedToTheNearestBfloat16_tiesToEven() {
    float payload = Float.intBitsToFloat(0x7F800001); // becomes infinity where bits are cut off
    float[] values = {
      1, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1p-8f + 0x1p-20f, Float.MAX_VALUE, -0f, payload
    };
    RawTensor bfloat = RawTensor.ofFloats(tensor(values), ElementType.BFLOAT16);
    assertThat(bfloat.toFloats().data())
        .containsExactly(1, 1, 1 + 0x1p-6f, 1 + 0x1p-7f, Float.POSITIVE_INFINITY, -0f, Float.NaN);
    assertThat(bfloat.elements().size()).isEqualTo(14);
  }

  @Test
  void floats_stayAsTheyAre_andGoIntoNoOtherType() {
    float[] values = {1.5f, -0f, Float.MIN_VALUE};
    RawTensor same = RawTensor.ofFloats(tensor(values), ElementType.FLOAT32);
    assertThat(same.toFloats().data()).containsExactly(values);
    assertThatThrownBy(() -> RawTensor.ofFloats(tensor(values), ElementType.INT8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("values can be rounded to float32, float16 or bfloat16, but not to int8");
  }

  @Test
  void memoryOfAnotherSize_orTooManyAxes_areRefused() {
    TensorBytes five = TensorBytes.of(new byte[5]);
    assertThatThrownBy(() -> RawTensor.of(ElementType.FLOAT16, Shape.of(1, 2), five))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a tensor float16 [1, 2] takes 4 bytes, but 5 were given");
    assertThatThrownBy(() -> RawTensor.of(ElementType.BOOL, Shape.of(new int[33]), five))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a tensor has at most 32 axes, but the shape has 33");
  }

  @Test
  void elements_cannotBeWritten() {
    RawTensor tensor = of(ElementType.UINT8, "01");
    assertThatThrownBy(() -> tensor.elements().putDouble(0, 1))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static RawTensor of(ElementType type, String hex) {
    byte[] bytes = Bytes.hex(hex);
    return RawTensor.of(type, Shape.of(bytes.length / type.bytes()), TensorBytes.of(bytes));
  }

  private static FloatTensor tensor(float... values) {
    return FloatTensor.of(Shape.of(values.length), values);
  }
}
