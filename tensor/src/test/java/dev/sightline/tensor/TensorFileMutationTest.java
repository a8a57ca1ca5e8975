package dev.sightline.tensor;

import static dev.sightline.tensor.Bytes.dictionary;
import static dev.sightline.tensor.Bytes.npy;
import static dev.sightline.tensor.Bytes.safetensors;
import static dev.sightline.tensor.Bytes.zip;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files damaged at random: they are read or refused, and nothing else happens. */
class TensorFileMutationTest {
  private static final int MUTANTS = 2000;
  private static final long SEED = 20260729;

  @TempDir Path folder;

  @Test
  void damagedNpy_isReadOrRefused() {
    byte[] elements = new byte[48];
    survive(npy(1, dictionary("<f4", false, "(3, 4)"), elements), null);
    survive(npy(2, dictionary(">i8", true, "(2, 3)"), elements), null);
  }

  @Test
  void damagedNpz_isReadOrRefused() throws IOException {
    byte[] npy = npy(1, dictionary("<f4", true, "(3, 4)"), new byte[48]);
    survive(zip("q.npy", npy, "k.npy", npy), "q");
  }

  @Test
  void damagedSafetensors_areReadOrRefused() {
    survive(
        safetensors(
            "{'__metadata__':{'format':'pt'},'a':{'dtype':'F16','shape':[3,2],'data_offsets':[0,12]}"
                + ",'b':{'dtype':'BOOL','shape':[4],'data_offsets':[12,16]}}",
            "00".repeat(16)),
        "a");
  }

  private void survive(byte[] valid, @Nullable String name) {
    Random random = new Random(SEED);
    Assertions.assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () -> {
          int read = 0;
          for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = mutate(valid, random);
            read += isRead(mutant, name, i) ? 1 : 0;
          }
          // Were all refused, or none, nothing would have been tested.
          assertThat(read).as("read, seed %d", SEED).isBetween(MUTANTS / 20, MUTANTS * 19 / 20);
        });
  }

  static byte[] mutate(byte[] valid, Random random) {
    byte[] mutant = valid.clone();
    int damages = 1 + random.nextInt(3);
    for (int d = 0; d < damages; d++) {
      int at = random.nextInt(mutant.length);
      switch (random.nextInt(4)) {
        case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant[at] = (byte) random.nextInt(256);
        case 2 -> mutant[at] = (byte) "0123456789-{}[](),:' ".charAt(random.nextInt(21));
        default -> {
          int length = Math.min(random.nextInt(9), mutant.length - at);
          Arrays.fill(mutant, at, at + length, (byte) (random.nextBoolean() ? 0xFF : '9'));
        }
      }
    }
    return random.nextInt(20) == 0 ? Arrays.copyOf(mutant, random.nextInt(mutant.length)) : mutant;
  }

  private boolean isRead(byte[] mutant, @Nullable String name, int number) throws IOException {
    Path file = Files.write(folder.resolve("mutant"), mutant);
    try {
      if (name == null) {
        Npy.read(new ByteArrayInputStream(mutant), "it");
      }
      TensorFile.read(file, name).toFloats();
      return true;
    } catch (TensorFileException e) {
      assertThat(e.getMessage()).as("mutant %d, seed %d", number, SEED).doesNotContain("\n");
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(
          "mutant " + number + " of seed " + SEED + ": " + Arrays.toString(mutant), e);
    }
  }
}
