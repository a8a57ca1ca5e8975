package dev.sightline.report.internal.lab;

import dev.sightline.lab.result.Comparison;
import dev.sightline.report.internal.page.PageTemplate;
import java.util.List;

/** The page of a comparison. */
public final class LabPage {
  private static final PageTemplate TEMPLATE =
      new PageTemplate(
          "lab.ftlh", List.of(), List.of("sections.css", "lab.css"), List.of("copy.js"));

  private LabPage() {}

  /** Returns an HTML document. */
  public static String of(Comparison comparison, String command, String version) {
    return TEMPLATE.render(LabView.of(comparison, command, version), "");
  }
}
