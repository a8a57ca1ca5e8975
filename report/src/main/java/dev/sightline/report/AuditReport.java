package dev.sightline.report;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.report.internal.audit.AuditJson;
import dev.sightline.report.internal.audit.AuditMarkdown;
import dev.sightline.report.internal.audit.AuditPage;
import dev.sightline.report.internal.audit.JunitXml;
import dev.sightline.report.internal.audit.SarifLog;
import dev.sightline.report.internal.page.ReportFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The report of an audit: JSON, JUnit XML and SARIF for programs, a page and Markdown for people.
 * The same result and command give the same bytes.
 *
 * <p>Names and texts of the model, its tokenizer and the samples are not trusted: they cannot add
 * markup to the page, run in it, or change its reading direction.
 */
public final class AuditReport {
  /** The name of the JSON file that {@link #writeTo} writes. */
  public static final String JSON_FILE = "report.json";

  /** The name of the page that {@link #writeTo} writes. */
  public static final String PAGE_FILE = "report.html";

  private final AuditResult result;
  private final String command;
  private final String version;

  private AuditReport(AuditResult result, String command, String version) {
    this.result = result;
    this.command = command;
    this.version = version;
  }

  /**
   * Returns the report of a result.
   *
   * @param result the result of an audit
   * @param command the command line that repeats the audit; empty if there is none
   * @return the report
   */
  public static AuditReport of(AuditResult result, String command) {
    return of(result, command, "");
  }

  /**
   * Returns the report of a result.
   *
   * @param result the result of an audit
   * @param command the command line that repeats the audit; empty if there is none
   * @param version of the program that ran it, such as {@code 0.1.0}; empty if unknown
   * @return the report
   */
  public static AuditReport of(AuditResult result, String command, String version) {
    return new AuditReport(result, command, version);
  }

  /**
   * The result as JSON, indented, with its keys always in the same order:
   *
   * <pre>
   * schema        "sightline.audit"
   * version       3; it grows when a key goes or changes its meaning, not when one is added
   * sightline     the version of the program; null if unknown
   * finished      when the audit ended, as in 2026-11-28T16:00:00Z
   * command       the command line that repeats the audit; null if unknown
   * model         name, producer, opset, fileBytes, sha256, quantizesDynamically,
   *               inputs and outputs [{name, type, dims [text]}], compared [name]
   * conditions    texts, tokens, longest, shortest, notes [text], seed, runtime,
   *               seconds, forwardPassSeconds
   * conclusion    outcome, headline, causes [text], effect, fix
   * findings      [{probe, stream, question, method, verdict, meaning, evidence, leak}] with
   *               evidence {difference, limit {value, origin}, compared,
   *                         worst {text, excerpt, token, spelling, output, batch},
   *                         effect {kind, meaning, ...}, control {change, difference}}
   *               leak {layer, operator, node, stream, head, outsideAttention, mass}
   * noiseFloor    difference, method, compared
   * attention     found [{layer, node, operator, source, unreadable,
   *               masks [{input, route, operands [text]}]}], rejected [{node, reason}]
   * paddingMass   queries, max, worst, layers [{layer, reason, max [share], mean [share]}]
   * paddingNorms  [{layer, padding, real}]
   * picture       text, tokens [text], padding [index], causal,
   *               layers [{layer, forbiddenAndLit [count]}]
   * conformance   samples, tokens [name], inside and outside {verdict, meaning, evidence, leak},
   *               attentions [{attention, node, declared, state, reason, cells, forbidden,
   *                 offences, unused, skippedQueries, largestAllowed,
   *                 worst [{row, head, query, key, queryName, keyName, probability}]}],
   *               reach {compared, unreachable, leaks, unmoved, replaced, rows,
   *                 outputs [name], worst [{row, output, input, change}]}, notes [text]
   * trial         samples, difference, cosine, maskedMilliseconds, unmaskedMilliseconds and
   *               unpaddedMilliseconds {value, low, high, count},
   *               memory {maskedBytes, unmaskedBytes},
   *               thumb {norm, weight, says, thresholds}, rows [{text, label, tokens, padding,
   *               difference, cosine}], the first 100
   * </pre>
   *
   * <p>{@code docs/audit.schema.json} says the same as a JSON Schema. Differences are in units of
   * the model's outputs, shares of attention are 0..1, lengths are Euclidean, times are in the unit
   * that their key names, intervals hold 95 of 100 repetitions. Whatever was not measured is null,
   * never 0; a number that was not finite is null too. Layers, heads, tokens and batch rows count
   * from 0, texts from 1. Of offences and leaks the worst 20 are listed and all are counted.
   *
   * @return a JSON document that ends in a line break
   */
  public String json() {
    return AuditJson.of(result, command, version);
  }

  /**
   * The findings as JUnit XML, for CI: one test case for each, failed where the verdict is FAIL,
   * skipped where there is none (NO_DATA, NOT_APPLICABLE, INCONCLUSIVE).
   *
   * @return an XML document
   */
  public String junit() {
    return JunitXml.of(result, command, version);
  }

  /**
   * Writes {@link #junit} into a file; its directory is created if it does not exist.
   *
   * @param file the file; an existing one is replaced
   * @throws IOException if it cannot be written, with a message for the person who named it
   */
  public void writeJunit(Path file) throws IOException {
    ReportFiles.write("JUnit XML", file, junit());
  }

  /**
   * Returns the faults as SARIF 2.1.0, for code scanning: a result for each fault, and one for an
   * audit that ended in INCONCLUSIVE (a warning), PAD_RIGHT_ONLY, PAD_LEFT_ONLY or ROUNDING
   * (notes); none for others. A layer and a node are logical locations.
   *
   * @param source the file that results point to, such as the script that exports the model or a
   *     {@code pom.xml}; relative to the working directory in the log if it is below it. Null for
   *     none, which GitHub does not show
   * @param line in this file, from 1
   * @return a JSON document that ends in a line break
   */
  public String sarif(@Nullable Path source, int line) {
    return SarifLog.of(result, command, version, source, line);
  }

  /**
   * Writes {@link #sarif} into a file; its directory is created if it does not exist.
   *
   * @param file the file; an existing one is replaced
   * @param source the file that results point to, or null
   * @param line in this file, from 1
   * @throws IOException if it cannot be written, with a message for the person who named it
   */
  public void writeSarif(Path file, @Nullable Path source, int line) throws IOException {
    ReportFiles.write("SARIF", file, sarif(source, line));
  }

  /**
   * Returns the answer and the checks as GitHub's Markdown, for the summary of a CI job. Names and
   * texts of the model are escaped.
   *
   * @return a heading and two tables
   */
  public String markdown() {
    return AuditMarkdown.of(result, command, version);
  }

  /**
   * Writes {@link #markdown} into a file; its directory is created if it does not exist.
   *
   * @param file the file; an existing one is replaced
   * @throws IOException if it cannot be written, with a message for the person who named it
   */
  public void writeMarkdown(Path file) throws IOException {
    ReportFiles.write("Markdown", file, markdown());
  }

  /**
   * Returns the result as an HTML page that needs no other file and no network.
   *
   * @return an HTML document
   */
  public String html() {
    return AuditPage.of(result, command, version);
  }

  /**
   * Writes {@value #JSON_FILE} and {@value #PAGE_FILE} into a directory, which is created if it
   * does not exist. Files of an earlier audit are replaced; a reader never finds half a file.
   *
   * @param directory the directory
   * @return the path of the page
   * @throws IOException if the directory cannot be created or written to, with a message for the
   *     person who named it
   */
  public Path writeTo(Path directory) throws IOException {
    return ReportFiles.write(directory, JSON_FILE, json(), PAGE_FILE, html());
  }
}
