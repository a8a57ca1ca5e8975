package dev.sightline.fuzz;

import com.sun.management.ThreadMXBean;
import dev.sightline.onnx.TensorProtoFile;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.TensorFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of tensors, .npy, .npz, .safetensors and TensorProto: read or refused in one line, without
 * memory for elements that are not there.
 */
class TensorFuzzTest implements Target {
  private static final int LONGEST_MESSAGE = 1500;

  /** What a few hundred bytes may take, with buffers and classes that are loaded meanwhile. */
  private static final long MOST_BYTES = 64L << 20;

  private static final List<String> WORDS =
      List.of(
          "99999999999999999999",
          "4294967296",
          "2147483647",
          "-1",
          "1e9",
          "9223372036854775807",
          "0x10",
          "1_000",
          "{",
          "[",
          "(",
          "'",
          "\"",
          ",",
          ":",
          "null",
          "\\u0000",
          "{'descr':",
          "'<f8'",
          "'|O'",
          "True",
          "\"F64\"",
          "\"data_offsets\":[0,99999999]");

  @TempDir Path folder;
  private List<byte[]> seeds = List.of();

  @Test
  void files() throws Exception {
    byte[] npy = npy("<f4", "(3, 4)", 48);
    seeds =
        List.of(
            npy,
            npy(">i8", "(2, 3)", 48),
            npz(npy),
            safetensors(),
            // float32 [2, 2] as raw_data: dims, data_type, name, raw_data
            new byte[] {
              8, 2, 8, 2, 16, 1, 66, 1, 'q', 74, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
            });
    Fuzzing.run("tensors", this);
  }

  private static byte[] npy(String type, String shape, int bytes) {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
    byte[] text =
        (header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(10 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) text.length);
    return out.put(text).array();
  }

  private static byte[] npz(byte[] npy) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : List.of("q.npy", "k.npy")) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(npy);
      }
    }
    return out.toByteArray();
  }

  private static byte[] safetensors() {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"q\":{\"dtype\":\"F16\",\"shape\":[3,2],\"data_offsets\":[0,12]},"
            + "\"b\":{\"dtype\":\"BOOL\",\"shape\":[4],\"data_offsets\":[12,16]}}";
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(8 + text.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    return out.putLong(text.length).put(text).array();
  }

  @Override
  public String file(byte[] input) {
    return input.length > 1 && input[0] == 8 ? "a.pb" : "a.tensor";
  }

  @Override
  public byte[] make(Random random) {
    return Mutations.of(Mutations.pick(seeds, random), WORDS, random);
  }

  @Override
  public String run(byte[] input) throws IOException {
    Path file = Files.write(folder.resolve(file(input)), input);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    long before = threads.getThreadAllocatedBytes(thread);
    String outcome = outcome(file, input);
    long used = threads.getThreadAllocatedBytes(thread) - before;
    if (used > MOST_BYTES) {
      throw new AssertionError("it took " + used + " bytes");
    }
    return outcome;
  }

  private String outcome(Path file, byte[] input) {
    try {
      RawTensor tensor =
          file(input).equals("a.pb")
              ? TensorProtoFile.read(file).tensor()
              : TensorFile.read(file, input.length % 2 == 0 ? "q" : null);
      tensor.toFloats();
      return "read";
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (message.length() > LONGEST_MESSAGE || message.chars().anyMatch(c -> c < ' ')) {
        throw new AssertionError("a message that is long or has control characters: " + message, e);
      }
      return "refused";
    }
  }
}
