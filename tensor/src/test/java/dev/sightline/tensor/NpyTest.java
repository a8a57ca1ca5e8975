package dev.sightline.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NpyTest {
  @Test
  void booleans_areOneByteEachBehindAHeaderOf128Bytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, Shape.of(1, 1, 2, 2), new boolean[] {true, false, true, true});
    byte[] bytes = out.toByteArray();
    assertThat(new String(bytes, 0, 128, StandardCharsets.ISO_8859_1))
        .startsWith(
            "\u0093NUMPY\u0001\u0000v\u0000"
                + "{'descr': '|b1', 'fortran_order': False, 'shape': (1, 1, 2, 2), } ")
        .endsWith(" \n");
    assertThat(Arrays.copyOfRange(bytes, 128, bytes.length)).containsExactly(1, 0, 1, 1);
  }

  @Test
  void floats_areLittleEndian_alsoBeyondOneChunk() throws IOException {
    float[] values = new float[40_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = -i;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, Shape.of(values.length), values);
    byte[] bytes = out.toByteArray();
    assertThat(new String(bytes, 0, 128, StandardCharsets.ISO_8859_1))
        .contains("'<f4'")
        .contains("(40000,)");
    float[] read = new float[values.length];
    ByteBuffer.wrap(bytes, 128, bytes.length - 128)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(read);
    assertThat(read).containsExactly(values);
  }

  @Test
  void anArrayOfAnotherLength_isRefused() {
    assertThatThrownBy(() -> Npy.write(new ByteArrayOutputStream(), Shape.of(3), new boolean[2]))
        .hasMessage("shape [3] has 3 elements, but the array has 2");
  }
}
