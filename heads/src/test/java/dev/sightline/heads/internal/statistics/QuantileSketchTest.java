package dev.sightline.heads.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantileSketchTest {
  @Test
  void upTo200Values_areExact() {
    QuantileSketch sketch = new QuantileSketch();
    for (int i = 200; i >= 1; i--) {
      sketch.add(i);
    }

    assertThat(sketch.quantile(0.5)).hasValue(100);
    assertThat(sketch.quantile(0.05)).hasValue(10);
    assertThat(sketch.quantile(0)).hasValue(1);
    assertThat(sketch.quantile(1)).hasValue(200);
    assertThat(new QuantileSketch().quantile(0.5)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void manyValues_keepTheirRanks_inOnePassAndMerged(long seed) {
    Random random = new Random(seed);
    int n = 200_000;
    double[] values = new double[n];
    QuantileSketch one = new QuantileSketch();
    QuantileSketch merged = new QuantileSketch();
    QuantileSketch part = new QuantileSketch();
    for (int i = 0; i < n; i++) {
      values[i] = seed % 2 == 0 ? i : random.nextGaussian();
      one.add(values[i]);
      part.add(values[i]);
      if (random.nextInt(3_000) == 0) {
        merged.merge(part);
        part = new QuantileSketch();
      }
    }
    merged.merge(part);
    Arrays.sort(values);

    for (QuantileSketch sketch : new QuantileSketch[] {one, merged}) {
      assertThat(sketch.count()).isEqualTo(n);
      assertThat(sketch.toBytes().length).isLessThan(8_000);
      for (double share : new double[] {0.05, 0.25, 0.5, 0.75, 0.95}) {
        double value = sketch.quantile(share).getAsDouble();
        double rank = (Arrays.binarySearch(values, value) + 1.0) / n;
        assertThat(rank)
            .as("seed " + seed + ", share " + share)
            .isBetween(share - 0.025, share + 0.025);
      }
    }
  }

  @Test
  void merging_isCommutativeToTheBit_andReadBackGoesOnAlike() {
    QuantileSketch a = filled(1, 5_000);
    QuantileSketch b = filled(2, 700);
    QuantileSketch ab = QuantileSketch.ofBytes(a.toBytes());
    ab.merge(b);
    QuantileSketch ba = QuantileSketch.ofBytes(b.toBytes());
    ba.merge(a);
    assertThat(ab.toBytes()).isEqualTo(ba.toBytes());

    QuantileSketch resumed = QuantileSketch.ofBytes(filled(3, 4_321).toBytes());
    QuantileSketch through = filled(3, 4_321);
    Random random = new Random(9);
    for (int i = 0; i < 9_000; i++) {
      double value = random.nextDouble();
      resumed.add(value);
      through.add(value);
    }
    assertThat(resumed.toBytes()).isEqualTo(through.toBytes());
  }

  private static QuantileSketch filled(long seed, int n) {
    Random random = new Random(seed);
    QuantileSketch sketch = new QuantileSketch();
    for (int i = 0; i < n; i++) {
      sketch.add(random.nextGaussian());
    }
    return sketch;
  }

  @Test
  void bytesThatNoSketchWrote_areRefused() {
    byte[] good = filled(1, 1_000).toBytes();
    for (int length = 0; length < good.length; length += 7) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> QuantileSketch.ofBytes(cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> QuantileSketch.ofBytes(Arrays.copyOf(good, good.length + 8)))
        .isInstanceOf(IllegalArgumentException.class);
    refused(ByteBuffer.allocate(16).putLong(1).putInt(1 << 30).putInt(0), "1073741824 levels");
    refused(ByteBuffer.allocate(16).putLong(1).putInt(1).putInt(1 << 30), "1073741824 values");
    refused(ByteBuffer.allocate(24).putLong(2).putInt(1).putInt(1).putDouble(1), "does not hold 1");
    refused(ByteBuffer.allocate(24).putLong(1).putInt(1).putInt(1).putDouble(Double.NaN), "NaN");
    ByteBuffer full = ByteBuffer.allocate(16 + 8 * 9_000).putLong(9_000).putInt(1).putInt(9_000);
    refused(full, "more than a sketch does");
  }

  private static void refused(ByteBuffer written, String message) {
    byte[] bytes = new byte[written.capacity()];
    written.rewind().get(bytes);
    assertThatThrownBy(() -> QuantileSketch.ofBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
