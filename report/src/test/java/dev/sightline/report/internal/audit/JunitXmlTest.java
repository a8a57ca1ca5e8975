package dev.sightline.report.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.report.AuditReport;
import dev.sightline.report.Fixtures;
import dev.sightline.report.internal.page.ControlCharacters;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class JunitXmlTest {
  @Test
  void junit_hasATestCaseForEachFinding_andItsOutcome() throws Exception {
    AuditResult result = Fixtures.failed("a cat");
    Element suite = parsed(AuditReport.of(result, "sightline audit m.onnx", "1.2").junit());
    List<Element> cases = children(suite, "testcase");
    assertThat(cases).hasSize(25);
    assertThat(suite.getAttribute("tests")).isEqualTo("25");
    assertThat(suite.getAttribute("failures")).isEqualTo("18");
    assertThat(suite.getAttribute("skipped")).isEqualTo("3");
    assertThat(children(suite, "failure")).hasSize(18);
    assertThat(children(suite, "skipped")).hasSize(3);
    assertThat(children(suite, "system-out")).hasSize(4);
    assertThat(cases.getFirst().getAttribute("classname")).isEqualTo("sightline.a_cat.padding");
    assertThat(suite.getAttribute("timestamp")).isEqualTo("2026-11-28T16:00:00Z");
    assertThat(children(suite, "property"))
        .extracting(p -> p.getAttribute("name") + "=" + p.getAttribute("value"))
        .containsExactly(
            "sightline.version=1.2",
            "model=a cat",
            "model.sha256=ab12",
            "command=sightline audit m.onnx",
            "conclusion=FAIL");
    assertThat(cases.getFirst().getAttribute("name")).isEqualTo("pad-content a cat");
    assertThat(children(suite, "failure").getFirst().getTextContent())
        .contains("Difference: 0.974, at most", "token 5", "Layer 1, head 1")
        .contains("Repeat with: sightline audit m.onnx");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "]]></failure><failure message=\"x\">",
        "\" onload=\"<&>",
        "\u0000\u0007\u001B[31m\n\u0085\u2028\u202E\uD800\uFFFE\uFFFF",
        "&#0;<!--<![CDATA[",
      })
  void junit_ofHostileText_staysXmlAndSaysIt(String hostile) throws Exception {
    Element suite = parsed(AuditReport.of(Fixtures.failed(hostile), hostile).junit());
    assertThat(children(suite, "testcase")).hasSize(25);
    assertThat(children(suite, "failure")).hasSize(18);
    Element failure = children(suite, "failure").getFirst();
    assertThat(failure.getAttribute("message"))
        .isEqualTo("Not measured: " + ControlCharacters.shown(hostile) + ".");
    assertThat(failure.getTextContent())
        .contains("Repeat with: " + ControlCharacters.shown(hostile));
  }

  @Test
  void junit_ofAModelWithoutMask_skipsEverything() throws Exception {
    Element suite = parsed(AuditReport.of(Fixtures.withoutMask(), "").junit());
    assertThat(suite.getAttribute("failures")).isEqualTo("0");
    assertThat(children(suite, "skipped").getFirst().getAttribute("message"))
        .isEqualTo("NO_DATA: Not measured: the model has no mask input.");
  }

  private static Element parsed(String xml) throws Exception {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)))
        .getDocumentElement();
  }

  private static List<Element> children(Element element, String name) {
    NodeList nodes = element.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}
