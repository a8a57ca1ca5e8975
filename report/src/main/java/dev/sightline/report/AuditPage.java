package dev.sightline.report;

import dev.sightline.audit.AuditResult;
import java.util.List;

/** The page of an audit. */
final class AuditPage {
  /** The page's sections, each in a file of its own. */
  private static final PageTemplate TEMPLATE =
      new PageTemplate(
          "audit.ftlh",
          List.of(
              "declared.ftlh",
              "probes.ftlh",
              "mass.ftlh",
              "squares.ftlh",
              "trial.ftlh",
              "inventory.ftlh"),
          List.of("audit.css", "sections.css"),
          List.of("audit.js"));

  private AuditPage() {}

  static String of(AuditResult result, String command) {
    HeadSquares squares = HeadSquares.of(result);
    return TEMPLATE.render(
        AuditView.of(result, command, squares), squares == null ? "" : squares.data());
  }
}
