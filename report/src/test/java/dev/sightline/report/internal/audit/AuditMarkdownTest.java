package dev.sightline.report.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.report.AuditReport;
import dev.sightline.report.Fixtures;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditMarkdownTest {
  @Test
  void markdown_hasTheAnswer_andEachCheck() {
    List<String> lines =
        AuditReport.of(Fixtures.failed("a cat"), "sightline audit m.onnx", "1.2")
            .markdown()
            .lines()
            .toList();

    assertThat(lines.getFirst()).startsWith("### FAIL  a cat: ");
    assertThat(lines)
        .anyMatch(line -> line.startsWith("| cause | "))
        .anyMatch(line -> line.startsWith("| fix | "))
        .contains("| repeat with | sightline audit m.onnx |")
        .anyMatch(line -> line.startsWith("| pad-content | a cat | FAIL | 0.974 | at most "));
    assertThat(lines).filteredOn(line -> line.contains("| FAIL |")).hasSize(18);
    assertThat(lines).noneMatch(line -> line.contains("NOT_APPLICABLE"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script><img src=x>",
        "| x |\n\n# heading\n\n- item\n\n![p](https://example.org/p.png)",
        "`code` ``` <!-- -->",
        "\u0000\u001B[31m\u2028\u202E\uD800",
        "https://example.org www.example.org @name &lt; \\| \\",
      })
  void hostileText_addsNoMarkup(String hostile) {
    String plain = AuditReport.of(Fixtures.failed("a cat"), "x").markdown();
    String markdown = AuditReport.of(Fixtures.failed(hostile), hostile).markdown();

    assertThat(markdown.lines().count()).isEqualTo(plain.lines().count());
    List<String> bars = markdown.lines().map(AuditMarkdownTest::unescapedBars).toList();
    assertThat(bars).isEqualTo(plain.lines().map(AuditMarkdownTest::unescapedBars).toList());
    String unescaped = markdown.replaceAll("\\\\[\\\\`*_{}\\[\\]<>()#|~&!@$^\"/.]", "");
    assertThat(unescaped).doesNotContainPattern("[<>`*\\[\\]&!@~\u001B\u2028\u202E]|://|www\\.");
    assertThat(unescaped.lines().filter(line -> line.startsWith("#"))).hasSize(1);
  }

  private static String unescapedBars(String line) {
    return line.replaceAll("\\\\.", "").replaceAll("[^|]", "");
  }
}
