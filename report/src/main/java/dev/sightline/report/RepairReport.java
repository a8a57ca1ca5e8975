package dev.sightline.report;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.repair.RepairResult;
import dev.sightline.report.internal.page.ReportFiles;
import dev.sightline.report.internal.repair.RepairJson;
import dev.sightline.report.internal.repair.RepairPage;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The report of a repair: JSON for programs, a page for people, and the reports of both audits
 * beside it. Names of the model's nodes are not trusted: they cannot add markup to the page or run
 * in it.
 */
public final class RepairReport {
  /** The name of the JSON file that {@link #writeTo} writes. */
  public static final String JSON_FILE = "repair.json";

  /** The name of the page that {@link #writeTo} writes. */
  public static final String PAGE_FILE = "repair.html";

  private final RepairResult result;
  private final String command;
  private final String version;

  private RepairReport(RepairResult result, String command, String version) {
    this.result = result;
    this.command = command;
    this.version = version;
  }

  /**
   * Returns the report of a result.
   *
   * @param result the result of a repair
   * @param command the command line that repeats the repair; empty if there is none
   * @param version of the program that ran it, such as {@code 0.1.0}; empty if unknown
   * @return the report
   */
  public static RepairReport of(RepairResult result, String command, String version) {
    return new RepairReport(result, command, version);
  }

  /**
   * The result as JSON, in one line:
   *
   * <pre>
   * outcome       repaired, was_right, not_proved or no_cure
   * model         the name of the old model
   * file          the new model; null if none was written
   * masks         [{layer, node, was, is}]
   * further       fills, positions and pooling: [{what, node, was, is}]
   * refused       [{layer, reason}], layer -1 for the whole model
   * unpadded      what is the same without padding; null if nothing was changed
   * probes        [{probe, stream, before, after}]
   * still_wrong   [text]
   * nodes         [{kind, operator, node, detail}]
   * </pre>
   *
   * @return a JSON document
   */
  public String json() {
    return RepairJson.of(result);
  }

  /**
   * Returns the result as an HTML page that needs no network, and links to the pages of both audits
   * beside it.
   *
   * @return an HTML document
   */
  public String html() {
    return RepairPage.of(result, command, version);
  }

  /**
   * Writes {@value #JSON_FILE}, {@value #PAGE_FILE} and the reports of the audits, in {@code
   * before} and {@code after}, into a directory, which is created if it does not exist. Files of an
   * earlier repair are replaced.
   *
   * @param directory the directory
   * @return the path of the page
   * @throws IOException if the directory cannot be created or written to
   */
  public Path writeTo(Path directory) throws IOException {
    // The page is written last, after the files that it links to.
    AuditReport.of(result.before(), command, version).writeTo(directory.resolve("before"));
    AuditResult after = result.after();
    if (after != null) {
      AuditReport.of(after, command, version).writeTo(directory.resolve("after"));
    }
    return ReportFiles.write(directory, JSON_FILE, json() + "\n", PAGE_FILE, html());
  }
}
