package dev.sightline.report.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void of_keepsThreeDigitsAndTellsZeroFromLittle() {
    assertThat(Numbers.of(0)).isEqualTo("0 (exact)");
    assertThat(Numbers.of(-0.0)).isEqualTo("0 (exact)");
    assertThat(Numbers.of(1.57517)).isEqualTo("1.58");
    assertThat(Numbers.of(0.00123456)).isEqualTo("0.00123");
    assertThat(Numbers.of(4.6274519e-5)).isEqualTo("4.63\u00A0×\u00A010⁻⁵");
    assertThat(Numbers.of(9.999e-4)).isEqualTo("0.001");
    assertThat(Numbers.of(123456)).isEqualTo("1.23\u00A0×\u00A010⁵");
    assertThat(Numbers.of(Double.NaN)).isEqualTo("not a finite number");
    assertThat(Numbers.of(Double.MIN_VALUE)).isEqualTo("4.94\u00A0×\u00A010⁻³²⁴");
  }

  @Test
  void share_isInPerCent() {
    assertThat(Numbers.share(0)).isEqualTo("0 (exact)");
    assertThat(Numbers.share(0.8061)).isEqualTo("80.6\u00A0%");
    assertThat(Numbers.share(1e-22)).isEqualTo("1\u00A0×\u00A010⁻²⁰\u00A0%");
  }

  @Test
  void cosine_belowOne_isNeverRoundedToOne() {
    assertThat(Numbers.cosine(0.99996)).isEqualTo("0.999");
    assertThat(Numbers.cosine(0.97612)).isEqualTo("0.976");
  }

  @Test
  void bytesAndSeconds_carryTheirUnit() {
    assertThat(Numbers.bytes(1)).isEqualTo("1 byte");
    assertThat(Numbers.bytes(90_387_630)).isEqualTo("90.4\u00A0MB");
    assertThat(Numbers.bytes(999_999)).isEqualTo("1\u00A0MB");
    assertThat(Numbers.seconds(12.345)).isEqualTo("12.3\u00A0s");
    assertThat(Numbers.seconds(0.0042)).isEqualTo("4.2\u00A0ms");
    assertThat(Numbers.count(1, "text")).isEqualTo("1 text");
    assertThat(Numbers.count(12345, "text")).isEqualTo("12,345 texts");
  }
}
