package dev.sightline.report.internal.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the code of every Python form in Python, and compares each cell with the mask. Needs a
 * {@code python3}; NumPy and PyTorch are used if it has them ({@code -Dsightline.python} names
 * another), otherwise, and in any case once, a stand-in of the same operators is.
 */
class PythonFormsTest {
  private static final List<MaskForm> FORMS =
      List.of(
          MaskForm.NUMPY,
          MaskForm.TORCH,
          MaskForm.TORCH_ADDITIVE,
          MaskForm.FLEX_MOD,
          MaskForm.HUGGING_FACE);

  /** Kinds, combinations, negations, batch rows, heads, more keys than queries. */
  private static final List<BoundMask> MASKS =
      List.of(
          of("full", 3, 4),
          of("none", 3, 4),
          of("causal", 7, 7),
          of("causal(bottom-right)", 3, 7),
          of("causal(offset=2,0,1)", 4, 6),
          of("window(2,1; offset=-1)", 6, 6),
          of("window(inf,1)", 6, 6),
          of("causal & !window(2,0)", 7, 7),
          of("chunk(3)", 7, 7),
          of("chunk(3; left-padding=2,0)", 7, 7),
          of("prefix(3,1,0)", 5, 5),
          of("padding(5,2,4)", 6, 6),
          of("padding(5,2; side=left)", 6, 6),
          of("key-padding(110111,011110)", 4, 6),
          of("query-padding(3,1)", 4, 6),
          of("documents(2,3,1)", 6, 6),
          of("documents(2,3)", 7, 7),
          of("causal & documents(2,3,1) - global(4)", 6, 6),
          of("islands(0,1,1,0,2,2) | causal", 6, 6),
          of("block-causal(000111,010010)", 6, 6),
          of("row-causal(000111)", 6, 6),
          of("dilated(3) & causal", 7, 7),
          of("global(0,4) | window(1,1)", 6, 6),
          of("tree(-1,0,0,1,2,2)", 6, 6),
          of("pi05-subtask(images=2, language=1, subtask=2, actions=2)", 7, 7),
          of("per-head(causal; window(1,0); full)", 5, 5),
          of("per-batch(causal; !chunk(2))", 5, 5),
          of("per-head(causal; full) & padding(4,2)", 5, 5),
          of("!(causal & documents(3,2))", 5, 5),
          of("step(causal & window(3,0))", 2, 6),
          of("cached(101; causal)", 3, 6));

  private static BoundMask of(String text, int queries, int keys) {
    return Mask.parse(text).over(queries, keys);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stub", "libraries"})
  void code_allowsWhatTheMaskAllows(String libraries, @TempDir Path folder) throws Exception {
    List<Map<String, Object>> cases = new ArrayList<>();
    for (MaskForm form : FORMS) {
      for (BoundMask mask : MASKS) {
        MaskShape shape = mask.shape();
        cases.add(
            Map.of(
                "form", form.id(),
                "code", form.text(mask, 128),
                "shape", List.of(shape.batch(), shape.heads(), shape.queries(), shape.keys())));
      }
    }

    List<String> lines = run(cases, libraries, folder);

    for (int n = 0; n < cases.size(); n++) {
      assertThat(lines.get(n))
          .as("%s of %s%n%s", cases.get(n).get("form"), MASKS.get(n % MASKS.size()), cases.get(n))
          .isEqualTo(bits(MASKS.get(n % MASKS.size())));
    }
  }

  private static List<String> run(Object cases, String libraries, Path folder) throws Exception {
    String python = System.getProperty("sightline.python", "python3");
    Path script = folder.resolve("forms.py");
    try (InputStream in = PythonFormsTest.class.getResourceAsStream("forms.py")) {
      Files.copy(in, script);
    }
    Path json = folder.resolve("cases.json");
    Files.writeString(json, JsonMapper.shared().writeValueAsString(cases));
    Path out = folder.resolve("out.txt");
    Process process;
    try {
      process =
          new ProcessBuilder(python, script.toString(), json.toString(), libraries)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
    } catch (IOException e) {
      assumeTrue(false, "the Python forms were not run: there is no " + python);
      throw e;
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String printed = Files.readString(out);
    assertThat(process.exitValue()).as(printed).isZero();
    return printed.lines().toList();
  }

  private static String bits(BoundMask mask) {
    StringBuilder bits = new StringBuilder();
    for (int b = 0; b < mask.shape().batch(); b++) {
      for (int h = 0; h < mask.shape().heads(); h++) {
        for (int q = 0; q < mask.shape().queries(); q++) {
          for (int k = 0; k < mask.shape().keys(); k++) {
            bits.append(mask.allowed(b, h, q, k) ? '1' : '0');
          }
        }
      }
    }
    return bits.toString();
  }

  @Test
  void code_ofAMillionTokens_isShort() {
    String code = MaskForm.NUMPY.text(of("causal & documents(400000,600000)", 1 << 20, 1 << 20), 1);

    assertThat(code)
        .contains("document = np.array([0] * 400000 + [1] * 600000 + [-1] * 48576)")
        .hasSizeLessThan(500);
  }

  @Test
  void code_thatWouldBeATableOfCells_isRefused() {
    assertThatThrownBy(() -> MaskForm.TORCH.text(of("dilated(2) - step(dilated(2))", 64, 64), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too long to copy");
  }

  @Test
  void java_isReadBackAsTheMask() {
    BoundMask mask = of("causal & padding(4,2)", 5, 5);

    String code = MaskForm.JAVA.text(mask, 1);

    String text = code.substring(code.indexOf('"') + 1, code.lastIndexOf('"'));
    assertThat(Mask.parse(text)).isEqualTo(mask.mask());
    assertThat(code).contains("new MaskShape(2, 1, 5, 5)");
  }
}
