package dev.sightline.report.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void whatSteersATerminal_isEscaped() {
    assertThat(Printable.of("a\u001b[31mb\u009b2J\u202ec\nd"))
        .isEqualTo("a\\u001b[31mb\\u009b2J\\u202ec\\u000ad");
  }

  @Test
  void wordsAndTexts_areCut_butNoPathIs() {
    String path = "/home/" + "folder/".repeat(30) + "model.onnx";
    assertThat(Printable.of("in " + path)).isEqualTo("in " + path);
    assertThat(Printable.of("node " + "x".repeat(1 << 20) + " differs"))
        .isEqualTo("node " + "x".repeat(240) + "... differs");
    assertThat(Printable.of("word ".repeat(1 << 20))).hasSize(4003).endsWith("...");
  }
}
