package dev.sightline.report.internal.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.report.internal.page.PageTemplate;
import java.util.List;

/** The page of an audit. */
public final class AuditPage {
  /** The page's sections, each in a file of its own. */
  private static final PageTemplate TEMPLATE =
      new PageTemplate(
          "audit.ftlh",
          List.of(
              "cells.ftlh",
              "declared.ftlh",
              "masks.ftlh",
              "probes.ftlh",
              "mass.ftlh",
              "squares.ftlh",
              "trial.ftlh",
              "inventory.ftlh"),
          List.of("audit.css", "sections.css"),
          List.of("copy.js", "audit.js"));

  private AuditPage() {}

  public static String of(AuditResult result, String command, String version) {
    HeadSquares squares = HeadSquares.of(result);
    return TEMPLATE.render(
        AuditView.of(result, command, version, squares), squares == null ? "" : squares.data());
  }
}
