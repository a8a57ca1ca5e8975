package dev.sightline.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorBytesTest {
  private static final int GIB = 1 << 30;

  /** The same bytes under an array of bytes, a direct buffer, and an array of floats. */
  private static TensorBytes[] forms(byte[] bytes) {
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 3).position(3);
    direct.put(bytes).position(3);
    float[] floats = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return new TensorBytes[] {
      TensorBytes.of(bytes.clone()), TensorBytes.of(direct), TensorBytes.of(floats)
    };
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(3).nextBytes(bytes);
    for (int i = 3; i < size; i += 4) {
      bytes[i] &= 0x3F; // no NaN, whose bits a float need not keep
    }
    return bytes;
  }

  @Test
  void numbers_areLittleEndian_atEveryIndex() {
    byte[] bytes = bytes(24);
    ByteBuffer expected = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (TensorBytes form : forms(bytes)) {
      assertThat(form.size()).isEqualTo(24);
      for (int at = 0; at < 24; at++) {
        assertThat(form.getByte(at)).isEqualTo(bytes[at]);
        if (at <= 22) {
          assertThat(form.getShort(at)).isEqualTo(expected.getShort(at));
        }
        if (at <= 20) {
          assertThat(form.getInt(at)).isEqualTo(expected.getInt(at));
          assertThat(form.getFloat(at)).isEqualTo(expected.getFloat(at));
        }
        if (at <= 16) {
          assertThat(form.getLong(at)).isEqualTo(expected.getLong(at));
        }
      }
    }
  }

  @Test
  void copies_areExact_fromEveryFormToEveryForm_atEveryOffset() {
    byte[] bytes = bytes(40);
    for (TensorBytes from : forms(bytes)) {
      for (TensorBytes to : forms(new byte[40])) {
        for (int first : new int[] {0, 1, 2, 4, 7}) {
          for (int at : new int[] {0, 3, 4, 8}) {
            to.put(0, new byte[40], 0, 40);
            to.slice(4, 36).put(at, from.slice(2, 38), first, 21);
            byte[] expected = new byte[40];
            System.arraycopy(bytes, 2 + first, expected, 4 + at, 21);
            assertThat(to.toArray()).isEqualTo(expected);
          }
        }
      }
    }
  }

  @Test
  void numbersAreWritten_inEveryForm() {
    for (TensorBytes form : forms(new byte[24])) {
      form.put(1, 0x0102_0304_0506_0708L, 8);
      form.put(12, 0x3F80_0000, 4);
      form.put(18, 0x1234, 2);
      form.putDouble(16, 1.5);
      assertThat(form.getLong(1)).isEqualTo(0x0102_0304_0506_0708L);
      assertThat(form.getFloat(12)).isEqualTo(1);
      assertThat(form.getDouble(16)).isEqualTo(1.5);
    }
    assertThat(TensorBytes.of(new long[] {5, -6}).getLong(8)).isEqualTo(-6);
  }

  @Test
  void numbersAcrossTwoBuffers_areWhole() throws IOException {
    byte[] small = bytes(16);
    TensorBytes large = large();
    large.put(GIB - 7, small, 0, 14);
    assertThat(large.getLong(GIB - 3)).isEqualTo(TensorBytes.of(small).getLong(4));
    assertThat(large.getInt(GIB - 2)).isEqualTo(TensorBytes.of(small).getInt(5));
    assertThat(large.getShort(GIB - 1)).isEqualTo(TensorBytes.of(small).getShort(6));
    assertThat(large.slice(GIB - 7, 14).toArray()).isEqualTo(Arrays.copyOf(small, 14));
    TensorBytes copy = TensorBytes.allocate(ElementType.UINT8, 16);
    copy.put(1, large, GIB - 7, 14);
    assertThat(copy.slice(1, 14).toArray()).isEqualTo(Arrays.copyOf(small, 14));
    large.put(GIB - 1, 0x7766_5544, 4);
    assertThat(large.getInt(GIB - 1)).isEqualTo(0x7766_5544);
  }

  /** A file with a hole: it takes neither memory nor disk but where it is written to. */
  private static TensorBytes large() throws IOException {
    Path file = Files.createTempFile("large", ".bin");
    file.toFile().deleteOnExit(); // Windows cannot delete it while it is mapped
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return TensorBytes.of(channel.map(FileChannel.MapMode.READ_WRITE, 0, GIB + 8));
    }
  }

  @Test
  void bytesOutside_orReadOnly_areRefused() {
    for (TensorBytes form : forms(new byte[8])) {
      assertThatThrownBy(() -> form.getInt(5)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> form.slice(2, 7)).isInstanceOf(IndexOutOfBoundsException.class);
      TensorBytes part = form.slice(0, 4);
      assertThatThrownBy(() -> part.getByte(4)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> part.put(2, new byte[4], 0, 4))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> form.asReadOnly().put(0, new byte[1], 0, 1))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }
}
