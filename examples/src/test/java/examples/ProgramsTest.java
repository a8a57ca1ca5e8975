package examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs the programs, and reads what they print. */
class ProgramsTest {
  private interface Program {
    void run() throws Exception;
  }

  private static List<String> printed(Program program) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      program.run();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void maskedAttention() throws Exception {
    assertEquals(
        List.of(
            "attention [1, 4, 256, 32]",
            "key 36 is not seen",
            "key 37 is seen",
            "decoder.onnx implements causal & padding"),
        printed(() -> MaskedAttention.main(new String[0])));
  }

  @Test
  void embeddings() throws Exception {
    List<String> lines = printed(() -> Embeddings.main(new String[0]));
    assertEquals(2, lines.size());
    double near = Double.parseDouble(lines.get(0).replace("cat and feline ", ""));
    double far = Double.parseDouble(lines.get(1).replace("cat and rates ", ""));
    assertTrue(near > far + 0.3, near + " and " + far);
  }
}
