package dev.sightline.report;

import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.Rollout;
import dev.sightline.report.internal.lab.LabJson;
import dev.sightline.report.internal.lab.LabPage;
import dev.sightline.report.internal.lab.RolloutSvg;
import dev.sightline.report.internal.page.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The report of a comparison: JSON for programs, a page for people. */
public final class LabReport {
  /** The name of the JSON file that {@link #writeTo} writes. */
  public static final String JSON_FILE = "compare.json";

  /** The name of the page that {@link #writeTo} writes. */
  public static final String PAGE_FILE = "compare.html";

  private final Comparison comparison;
  private final String command;
  private final String version;

  private LabReport(Comparison comparison, String command, String version) {
    this.comparison = comparison;
    this.command = command;
    this.version = version;
  }

  /**
   * Returns the report of a comparison.
   *
   * @param comparison the comparison
   * @param command the command line that repeats it; empty if there is none
   * @param version of the program that ran it, such as {@code 0.1.0}; empty if unknown
   * @return the report
   */
  public static LabReport of(Comparison comparison, String command, String version) {
    return new LabReport(comparison, command, version);
  }

  /**
   * Returns the results of each mask, the differences with their intervals, the conclusions and the
   * curves.
   *
   * @return a JSON document
   */
  public String json() {
    return LabJson.of(comparison);
  }

  /**
   * Returns the comparison as an HTML page that needs no network.
   *
   * @return an HTML document
   */
  public String html() {
    return LabPage.of(comparison, command, version);
  }

  /**
   * Writes {@value #JSON_FILE} and {@value #PAGE_FILE} into a directory, which is created if it
   * does not exist.
   *
   * @param directory the directory
   * @return the path of the page
   * @throws IOException if the directory cannot be created or written to
   */
  public Path writeTo(Path directory) throws IOException {
    return ReportFiles.write(directory, JSON_FILE, json() + "\n", PAGE_FILE, html());
  }

  /**
   * Draws tasks and what a policy did with them: scene, goals, the expert's path and the policy's.
   *
   * @param rollouts the tasks
   * @return an SVG document
   */
  public static String svg(List<Rollout> rollouts) {
    return RolloutSvg.document(rollouts);
  }
}
