package dev.sightline.report.internal.audit;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.report.internal.audit.AuditView.Fact;
import dev.sightline.report.internal.page.ControlCharacters;
import java.io.StringWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * The findings as the XML that JUnit's Ant task began and every CI server reads: one test case for
 * each. XML 1.0 has no way to write most control characters, so that they are made visible first
 * ({@link ControlCharacters}).
 */
public final class JunitXml {
  private static final Set<Outcome> SKIPPED =
      EnumSet.of(Outcome.NO_DATA, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE);

  private final AuditResult result;
  private final String command;
  private final String version;
  private final XMLStreamWriter xml;

  private JunitXml(AuditResult result, String command, String version, XMLStreamWriter xml) {
    this.result = result;
    this.command = command;
    this.version = version;
    this.xml = xml;
  }

  public static String of(AuditResult result, String command, String version) {
    StringWriter out = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out);
      new JunitXml(result, command, version, xml).write();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a string takes any XML: " + e.getMessage(), e);
    }
    return out.toString();
  }

  private void write() throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    line();
    xml.writeStartElement("testsuite");
    attribute("name", "sightline.audit");
    attribute("tests", Integer.toString(result.findings().size()));
    attribute("failures", Long.toString(count(EnumSet.of(Outcome.FAIL))));
    attribute("errors", "0");
    attribute("skipped", Long.toString(count(SKIPPED)));
    attribute("time", String.format(Locale.ROOT, "%.3f", result.conditions().seconds()));
    attribute("timestamp", result.conditions().finished().toString());
    line();
    properties();
    for (Finding finding : result.findings()) {
      testCase(finding);
    }
    xml.writeEndElement();
    line();
    xml.writeEndDocument();
  }

  /** What the run was, for who reads the file alone. */
  private void properties() throws XMLStreamException {
    xml.writeStartElement("properties");
    line();
    property("sightline.version", version);
    property("model", result.model().name());
    property("model.sha256", result.model().sha256());
    property("command", command);
    property("conclusion", result.conclusion().outcome().name());
    xml.writeEndElement();
    line();
  }

  private void property(String name, String value) throws XMLStreamException {
    if (!value.isBlank()) {
      xml.writeEmptyElement("property");
      attribute("name", name);
      attribute("value", value);
      line();
    }
  }

  /** CI servers make a tree of it at the dots, which a model's name must not add to. */
  private String className(Finding finding) {
    String name = result.model().name();
    String file = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    String model = file.replaceAll("\\.onnx$", "").replaceAll("[^\\p{Alnum}_-]", "_");
    return "sightline." + model + "." + finding.probe().group().id();
  }

  private long count(Set<Outcome> outcomes) {
    return result.findings().stream()
        .filter(finding -> outcomes.contains(finding.verdict().outcome()))
        .count();
  }

  private void testCase(Finding finding) throws XMLStreamException {
    Verdict verdict = finding.verdict();
    xml.writeStartElement("testcase");
    attribute("classname", className(finding));
    attribute(
        "name", finding.probe().id() + (finding.stream().isEmpty() ? "" : " " + finding.stream()));
    line();
    if (verdict.outcome() == Outcome.FAIL) {
      xml.writeStartElement("failure");
      attribute("type", verdict.outcome().name());
      attribute("message", VerdictText.of(finding));
      text(evidence(finding));
      xml.writeEndElement();
    } else if (SKIPPED.contains(verdict.outcome())) {
      xml.writeEmptyElement("skipped");
      attribute("message", verdict.outcome().name() + ": " + VerdictText.of(finding));
    } else {
      xml.writeStartElement("system-out");
      text(List.of(verdict.outcome().name() + ": " + VerdictText.of(finding)));
      xml.writeEndElement();
    }
    line();
    xml.writeEndElement();
    line();
  }

  /** What was asked, the numbers, the place, the command: all that one needs to look into it. */
  private List<String> evidence(Finding finding) {
    FindingView.ProbeRow row = FindingView.row(finding);
    StringBuilder lines = new StringBuilder(row.question());
    Evidence evidence = finding.verdict().evidence();
    if (evidence != null) {
      lines.append("\nDifference: ").append(row.difference()).append(", ").append(row.allowed());
      if (row.control() != null) {
        lines
            .append("\nControl: ")
            .append(row.control())
            .append(", ")
            .append(ControlCharacters.shown(row.controlChange()));
      }
    }
    String details = row.details().stream().map(JunitXml::line).collect(Collectors.joining("\n"));
    lines.append('\n').append(details);
    if (!command.isBlank()) {
      lines.append("\nRepeat with: ").append(ControlCharacters.shown(command));
    }
    return lines.toString().lines().toList();
  }

  private static String line(Fact fact) {
    return fact.label() + ": " + ControlCharacters.shown(fact.value());
  }

  private void attribute(String name, String value) throws XMLStreamException {
    xml.writeAttribute(name, ControlCharacters.shown(value));
  }

  private void text(List<String> lines) throws XMLStreamException {
    for (String line : lines) {
      line();
      xml.writeCharacters(ControlCharacters.shown(line));
    }
    line();
  }

  private void line() throws XMLStreamException {
    xml.writeCharacters("\n");
  }
}
