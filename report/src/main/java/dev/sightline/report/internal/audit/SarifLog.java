package dev.sightline.report.internal.audit;

import dev.sightline.audit.Answer;
import dev.sightline.audit.Answer.Fault;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.report.internal.page.JsonNodes;
import dev.sightline.tensor.internal.Quoted;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An audit as SARIF 2.1.0, the format of code scanners: a result for each fault, none for a PASS,
 * so that an alert ends with its fault. A fault is in a graph and has no line of source text: its
 * place is the file that makes the model, and the layer and node are its logical location.
 */
public final class SarifLog {
  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  private static final int LONGEST = 2_000;
  private static final List<Rule> RULES = List.of(Rule.values());

  /** What results are about. Their names stay: an alert is known by them. */
  private enum Rule {
    PADDING("error", "Padding reaches real tokens"),
    POSITIONS("error", "Padding shifts positions"),
    POOLING("error", "Padding reaches the output for a whole text"),
    ROWS("error", "Rows of a batch change each other"),
    CAUSALITY("error", "Later tokens reach earlier ones"),
    CACHE("error", "Steps with a cache differ from one run"),
    DECLARED("error", "Attention is not the declared mask"),
    INSTRUMENTS("error", "The model gives something else when it is observed"),
    INCONCLUSIVE("warning", "The audit proves nothing"),
    PAD_SIDE("note", "Right with padding on one side alone"),
    ROUNDING("note", "Rounding depends on the batch");

    private final String level;
    private final String title;

    Rule(String level, String title) {
      this.level = level;
      this.title = title;
    }

    private String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A fault's id is the name of its group of probes. */
    private static Rule of(Fault fault) {
      return RULES.stream()
          .filter(rule -> rule.id().equals(fault.id()))
          .findFirst()
          .orElse(PADDING);
    }
  }

  private final AuditResult result;
  private final Answer answer;
  private final @Nullable Path source;
  private final int line;

  private SarifLog(AuditResult result, @Nullable Path source, int line) {
    this.result = result;
    this.answer = Answer.of(result);
    this.source = source;
    this.line = line;
  }

  /**
   * Returns a log of one run.
   *
   * @param source the file that results point to; null if there is none
   * @param line in this file, from 1
   */
  public static String of(
      AuditResult result, String command, String version, @Nullable Path source, int line) {
    SarifLog log = new SarifLog(result, source, line);
    ObjectNode root = JsonNodes.object().put("$schema", SCHEMA).put("version", "2.1.0");
    ObjectNode run = root.putArray("runs").addObject();
    run.putObject("tool").set("driver", driver(version));
    run.putArray("invocations").add(log.invocation(command));
    run.set("results", log.results());
    run.putObject("properties")
        .put("model", result.model().name())
        .put("modelSha256", result.model().sha256())
        .put("outcome", result.conclusion().outcome().name());
    return AuditJson.text(root);
  }

  private static ObjectNode driver(String version) {
    ObjectNode driver = JsonNodes.object().put("name", "Sightline");
    if (!version.isEmpty()) {
      driver.put("version", version);
    }
    ArrayNode rules = driver.putArray("rules");
    for (Rule rule : RULES) {
      ObjectNode node = rules.addObject().put("id", rule.id());
      node.putObject("shortDescription").put("text", rule.title);
      node.putObject("defaultConfiguration").put("level", rule.level);
    }
    return driver;
  }

  /** An audit without data did not succeed, and its empty list of results says nothing. */
  private ObjectNode invocation(String command) {
    boolean noData = result.conclusion().outcome() == Outcome.NO_DATA;
    ObjectNode node = JsonNodes.object();
    if (!command.isBlank()) {
      node.put("commandLine", command);
    }
    node.put("endTimeUtc", result.conditions().finished().toString())
        .put("executionSuccessful", !noData);
    if (noData) {
      ObjectNode notification = node.putArray("toolExecutionNotifications").addObject();
      notification.put("level", "error").putObject("message").put("text", text(message("")));
    }
    return node;
  }

  private ArrayNode results() {
    ArrayNode results = JsonNodes.list();
    switch (result.conclusion().outcome()) {
      case FAIL -> answer.faults().forEach(fault -> results.add(result(Rule.of(fault), fault)));
      case INCONCLUSIVE -> results.add(result(Rule.INCONCLUSIVE, first()));
      case PAD_RIGHT_ONLY, PAD_LEFT_ONLY -> results.add(result(Rule.PAD_SIDE, first()));
      case ROUNDING -> results.add(result(Rule.ROUNDING, first()));
      case PASS, BY_DESIGN, NOT_APPLICABLE, NO_DATA -> {}
    }
    return results;
  }

  private @Nullable Fault first() {
    return answer.faults().isEmpty() ? null : answer.faults().getFirst();
  }

  private ObjectNode result(Rule rule, @Nullable Fault fault) {
    Leak leak = fault == null ? null : leak(fault);
    ObjectNode node =
        JsonNodes.object()
            .put("ruleId", rule.id())
            .put("ruleIndex", RULES.indexOf(rule))
            .put("level", rule.level);
    node.putObject("message").put("text", text(message(fault == null ? "" : fault.cause())));
    ObjectNode location = location(leak);
    if (!location.isEmpty()) {
      node.putArray("locations").add(location);
    }
    // The name by which code scanning knows an alert again; there is no line that it could hash.
    node.putObject("partialFingerprints").put("primaryLocationLineHash", fingerprint(rule, leak));
    return node;
  }

  private static @Nullable Leak leak(Fault fault) {
    return fault.findings().stream()
        .map(finding -> finding.verdict() instanceof Fail fail ? fail.leak() : null)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private List<String> message(String cause) {
    List<String> sentences = new ArrayList<>();
    sentences.add(result.model().name() + ": " + answer.headline() + ".");
    Stream.of(cause, answer.effect(), answer.fix())
        .filter(words -> !words.isEmpty())
        .map(FindingView::sentence)
        .forEach(sentences::add);
    return sentences;
  }

  private ObjectNode location(@Nullable Leak leak) {
    ObjectNode location = JsonNodes.object();
    if (source != null) {
      ObjectNode physical = location.putObject("physicalLocation");
      address(physical.putObject("artifactLocation"), source);
      physical.putObject("region").put("startLine", line);
    }
    if (leak != null) {
      ObjectNode logical = location.putArray("logicalLocations").addObject();
      logical.put("fullyQualifiedName", place(leak));
      if (!leak.node().isEmpty()) {
        logical.put("name", Quoted.plain(leak.node(), LONGEST));
      }
    }
    return location;
  }

  private static String place(Leak leak) {
    String layer = leak.layer().isPresent() ? "layer " + leak.layer().getAsInt() : "last layer";
    return leak.isOutsideAttention()
        ? (leak.layer().isPresent() ? "before " : "after the ") + layer
        : layer + (leak.head().isPresent() ? ", head " + leak.head().getAsInt() : "");
  }

  /** Relative to the working directory, which a checkout is to its CI. */
  private static void address(ObjectNode artifact, Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    Path here = Path.of("").toAbsolutePath().normalize();
    if (absolute.startsWith(here)) {
      String relative =
          StreamSupport.stream(here.relativize(absolute).spliterator(), false)
              .map(name -> URLEncoder.encode(name.toString(), StandardCharsets.UTF_8))
              .map(name -> name.replace("+", "%20"))
              .collect(Collectors.joining("/"));
      artifact.put("uri", relative).put("uriBaseId", "%SRCROOT%");
    } else {
      artifact.put("uri", absolute.toUri().toASCIIString());
    }
  }

  private String fingerprint(Rule rule, @Nullable Leak leak) {
    String place = leak == null ? "" : leak.layer() + "\n" + leak.node();
    String text = result.model().name() + "\n" + rule.id() + "\n" + place;
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8) + ":1";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** A message's brackets make links and its braces take arguments, unless they are escaped. */
  private static String text(List<String> sentences) {
    return Quoted.plain(String.join(" ", sentences), LONGEST)
        .replaceAll("[\\\\\\[\\]]", "\\\\$0")
        .replaceAll("[{}]", "$0$0");
  }
}
