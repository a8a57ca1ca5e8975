package dev.sightline.report.internal.audit;

import dev.sightline.audit.Answer;
import dev.sightline.audit.Answer.Fault;
import dev.sightline.audit.MaskText;
import dev.sightline.audit.SampleText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.report.internal.audit.FindingView.ProbeRow;
import dev.sightline.tensor.internal.Quoted;
import java.util.List;

/**
 * An audit as GitHub's Markdown, for the summary of a CI job: the answer, then the checks. Whatever
 * the model or its samples name is escaped, since Markdown contains HTML, links and pictures.
 */
public final class AuditMarkdown {
  private static final int LONGEST = 600;

  private final StringBuilder out = new StringBuilder();

  private AuditMarkdown() {}

  public static String of(AuditResult result, String command, String version) {
    AuditMarkdown markdown = new AuditMarkdown();
    markdown.write(result, command, version);
    return markdown.out.toString();
  }

  private void write(AuditResult result, String command, String version) {
    Answer answer = Answer.of(result);
    Outcome outcome = result.conclusion().outcome();
    out.append("### ").append(escaped(outcome.name() + "  " + result.model().name() + ": "));
    out.append(escaped(answer.headline())).append("\n\n");
    out.append("| | |\n| --- | --- |\n");
    answer.faults().stream().map(Fault::cause).forEach(cause -> row("cause", cause));
    row("proof", answer.proof());
    row("effect", answer.effect());
    row(outcome == Outcome.PASS ? "use" : "fix", answer.fix());
    row("mask", result.mask() == null ? "" : MaskText.line(result.mask()));
    row("samples", SampleText.warning(result.conditions()));
    result.conditions().notes().forEach(note -> row("note", note));
    row("model SHA-256", result.model().sha256());
    row("repeat with", command);
    row("Sightline", version);
    checks(result.findings());
  }

  private void checks(List<Finding> findings) {
    out.append("\n| check | stream | verdict | max diff | limit |\n");
    out.append("| --- | --- | --- | --- | --- |\n");
    for (Finding finding : findings) {
      if (finding.verdict().outcome() != Outcome.NOT_APPLICABLE) {
        ProbeRow check = FindingView.row(finding);
        String difference = check.difference();
        cells(
            finding.probe().id(),
            finding.stream(),
            finding.verdict().outcome().name(),
            difference == null ? "" : difference,
            check.allowed());
      }
    }
  }

  private void row(String label, String text) {
    if (!text.isBlank()) {
      cells(label, text);
    }
  }

  private void cells(String... cells) {
    out.append('|');
    for (String cell : cells) {
      out.append(' ').append(escaped(cell)).append(" |");
    }
    out.append('\n');
  }

  /** On one line, with a backslash before all that Markdown, its tables or its links may read. */
  static String escaped(String text) {
    return Quoted.plain(text, LONGEST)
        .replaceAll("[\\\\`*_{}\\[\\]<>()#|~&!@$^\"]", "\\\\$0")
        .replace("://", ":\\/\\/")
        .replaceAll("(?i)(www)\\.", "$1\\\\.");
  }
}
