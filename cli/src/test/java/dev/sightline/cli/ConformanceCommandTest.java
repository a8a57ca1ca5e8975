package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConformanceCommandTest {
  private static final String CAUSAL = "test_attention_4d_causal";

  @TempDir Path folder;

  private static Path all() {
    try {
      return Path.of(
          Objects.requireNonNull(ConformanceCommandTest.class.getResource("/onnx-attention"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** A case of the ONNX project under another name, to be spoilt. */
  private Path copy(String name, String to) throws IOException {
    Path from = all().resolve(name);
    Path copy = folder.resolve(to);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.sorted().toList()) {
        Files.copy(file, copy.resolve(from.relativize(file).toString()));
      }
    }
    return copy;
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void all55Cases_pass(String kernel) {
    Ran ran = Ran.run("conformance", "--kernel", kernel, "--threads", "2", all().toString());

    assertThat(ran.out()).endsWith("55 passed, 0 failed\n").doesNotContain("failed test");
    assertThat(ran.out().lines()).hasSize(56).contains("passed " + CAUSAL);
    assertThat(ran.exitCode()).isZero();
  }

  @Test
  void aWrongExpectation_isAFailureThatNamesOutputPlaceAndTolerance() throws IOException {
    Path spoilt = copy(CAUSAL, "spoilt").resolve("test_data_set_0/output_0.pb");
    byte[] bytes = Files.readAllBytes(spoilt);
    bytes[bytes.length - 1] ^= (byte) 0x80; // the sign of the last element
    Files.write(spoilt, bytes);
    copy("test_attention_4d", "good");

    Ran ran = Ran.run("conformance", folder.toString());

    assertThat(ran.out())
        .containsPattern(
            "^passed good\nfailed spoilt: output Y: largest difference \\d.* at"
                + " \\[\\d+, \\d+, \\d+, \\d+\\], .* tolerance 1e-05 \\+ 0.0001 of the value\n"
                + "1 passed, 1 failed\n$");
    assertThat(ran.exitCode()).isEqualTo(1);
  }

  @Test
  void nan_isWrongWhereANumberIsExpected() throws IOException {
    Path spoilt = copy("test_attention_4d", "nan").resolve("test_data_set_0/input_2.pb");
    byte[] bytes = Files.readAllBytes(spoilt);
    bytes[bytes.length - 1] = 0x7F; // the last element of V
    bytes[bytes.length - 2] = (byte) 0xFF;
    Files.write(spoilt, bytes);

    assertThat(Ran.run("conformance", folder.toString()).out())
        .containsPattern("failed nan: output Y: largest difference Infinity at .*, NaN for ");
  }

  @Test
  void casesThatCannotBeRead_fail_andTheOthersGoOn() throws IOException {
    Files.writeString(copy(CAUSAL, "a-no-model").resolve("model.onnx"), "no model at all");
    Files.delete(copy(CAUSAL, "b-no-file").resolve("model.onnx"));
    Files.delete(copy(CAUSAL, "c-no-input").resolve("test_data_set_0/input_1.pb"));
    Files.write(
        copy(CAUSAL, "d-garbage").resolve("test_data_set_0/input_0.pb"), new byte[] {1, 2, 3});
    Files.copy(
        copy(CAUSAL, "e-other-shape").resolve("test_data_set_0/input_0.pb"),
        folder.resolve("e-other-shape/test_data_set_0/output_0.pb"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    copy("test_attention_4d", "f-good");

    Ran ran = Ran.run("conformance", folder.toString());

    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.out().lines()).hasSize(7).last().isEqualTo("1 passed, 5 failed");
    assertThat(ran.out())
        .contains("failed a-no-model: ", "failed b-no-file: there is no ", "model.onnx")
        .containsPattern("failed c-no-input: .*input_1.pb")
        .containsPattern("failed d-garbage: .*input_0.pb")
        .contains("passed f-good");
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void anotherOperator_orAnAttributeOfAnother_isRefusedInASentence() throws IOException {
    rewrite(copy(CAUSAL, "a-relu"), "Relu", "is_causal", 23);
    rewrite(copy(CAUSAL, "b-attribute"), "Attention", "causality\u001b[2J", 23);
    rewrite(copy(CAUSAL, "c-opset"), "Attention", "is_causal", 22);

    Ran ran = Ran.run("conformance", folder.toString());

    assertThat(ran.out())
        .contains("failed a-relu: the operator is Relu; only Attention")
        .contains("failed b-attribute: Attention has no attribute 'causality\\u001b[2J'")
        .contains("failed c-opset: the model asks for opset 22;")
        .endsWith("0 passed, 3 failed\n");
    assertThat(ran.exitCode()).isEqualTo(1);
  }

  private static void rewrite(Path copy, String operator, String attribute, long opset)
      throws IOException {
    Path file = copy.resolve("model.onnx");
    ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(file)).toBuilder();
    model.getGraphBuilder().getNodeBuilder(0).setOpType(operator);
    model.getGraphBuilder().getNodeBuilder(0).getAttributeBuilder(0).setName(attribute);
    model.getOpsetImportBuilder(0).setVersion(opset);
    Files.write(file, model.build().toByteArray());
  }

  @Test
  void whereNothingCanBeRead_theExitCodeSaysSo() throws IOException {
    assertThat(Ran.run("conformance", folder.resolve("none").toString()).err())
        .startsWith("sightline: there is no folder ");
    Ran empty = Ran.run("conformance", folder.toString());
    assertThat(empty.err()).contains("holds no case; expected model.onnx and test_data_set_0");
    assertThat(empty.exitCode()).isEqualTo(2);

    Files.writeString(copy(CAUSAL, "broken").resolve("model.onnx"), "no model at all");
    Ran broken = Ran.run("conformance", folder.resolve("broken").toString());
    assertThat(broken.out()).startsWith("failed broken: ").endsWith("0 passed, 1 failed\n");
    assertThat(broken.exitCode()).isEqualTo(2);
  }

  @Test
  void json_isTheWholeOfStandardOutput() {
    Ran ran = Ran.run("conformance", "--json", all().resolve(CAUSAL).toString());

    assertThat(ran.out())
        .isEqualTo(
            "{\"passed\":1,\"failed\":0,\"cases\":[{\"name\":\""
                + CAUSAL
                + "\",\"passed\":true}]}\n");
    assertThat(ran.err()).isEqualTo("passed " + CAUSAL + "\n1 passed, 0 failed\n");
  }
}
