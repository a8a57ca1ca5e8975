package dev.sightline.report.internal.repair;

import dev.sightline.repair.RepairResult;
import dev.sightline.report.internal.page.PageTemplate;
import java.util.List;

/** The page of a repair. */
public final class RepairPage {
  private static final PageTemplate TEMPLATE =
      new PageTemplate(
          "repair.ftlh",
          List.of("cells.ftlh"),
          List.of("audit.css", "sections.css", "repair.css"),
          List.of("copy.js"));

  private RepairPage() {}

  public static String of(RepairResult result, String command, String version) {
    return TEMPLATE.render(RepairView.of(result, command, version), "");
  }
}
