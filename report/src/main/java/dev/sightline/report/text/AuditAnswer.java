package dev.sightline.report.text;

import dev.sightline.audit.Answer;
import dev.sightline.audit.Answer.Fault;
import dev.sightline.audit.MaskText;
import dev.sightline.audit.SampleText;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.report.internal.audit.ConformanceSummary;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;

/**
 * Prints the answer of an audit in about ten lines of at most 100 columns: the verdict, its causes,
 * its effect, what to do, a line for each group of probes that shows it, and what else was asked.
 */
public final class AuditAnswer {
  private static final int WIDTH = 100;
  private static final int LABEL = 8;
  private static final int MOST_CAUSES = 3;
  private static final int MOST_NOTES = 2;
  private static final int MOST_GROUPS = 4;

  private final PrintWriter out;
  private final ColorScheme colors;

  /** How to see what is left out, after a count. */
  private final String rest;

  /**
   * Makes a printer for the command line, where {@code -v} prints what is left out.
   *
   * @param out where to print; stays open
   * @param colors the colours of the terminal
   */
  public AuditAnswer(PrintWriter out, ColorScheme colors) {
    this(out, colors, " (-v)");
  }

  private AuditAnswer(PrintWriter out, ColorScheme colors, String rest) {
    this.out = out;
    this.colors = colors;
    this.rest = rest;
  }

  /**
   * Returns the answer as text without colours and without options of the command line, for a log
   * or the message of a failed test.
   *
   * @param opening a sentence before it, with an empty line between; may be empty
   * @param result the result of an audit
   * @return lines of at most 100 columns, except for the sentence
   */
  public static String text(String opening, AuditResult result) {
    StringWriter text = new StringWriter();
    PrintWriter lines = new PrintWriter(text);
    if (!opening.isEmpty()) {
      lines.println(Printable.of(opening));
      lines.println();
    }
    new AuditAnswer(lines, Help.defaultColorScheme(Ansi.OFF), "").print(result, "");
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  /**
   * Prints the verdict alone, in one line.
   *
   * @param result the result of an audit
   */
  public void printVerdict(AuditResult result) {
    out.println(
        AuditTable.colored(colors, result.conclusion().outcome())
            + "  "
            + Printable.of(result.model().name() + ": " + Answer.of(result).headline()));
    out.flush();
  }

  /**
   * Prints the answer.
   *
   * @param result the result of an audit
   * @param hint what the last line ends with, such as how to get a report; may be empty
   */
  public void print(AuditResult result, String hint) {
    Answer answer = Answer.of(result);
    printVerdict(result);
    printLimited("cause", answer.faults().stream().map(Fault::cause).toList(), MOST_CAUSES);
    print("proof", answer.proof());
    print("effect", answer.effect());
    print(result.conclusion().outcome() == Outcome.PASS ? "use" : "fix", answer.fix());
    print("mask", result.mask() == null ? "" : MaskText.line(result.mask()));
    printDeclared(result.conformance());
    print("ab", result.trial() == null ? "" : TrialText.inShort(result.trial()));
    print("samples", SampleText.warning(result.conditions()));
    printLimited("note", result.conditions().notes(), MOST_NOTES);
    List<String> groups = groups(answer.faults());
    groups.stream().limit(MOST_GROUPS).forEach(out::println);
    if (groups.size() > MOST_GROUPS) {
      out.println("  and " + (groups.size() - MOST_GROUPS) + " more" + rest);
    }
    print("", String.join(" | ", counts(result, answer.faults(), hint)));
    out.flush();
  }

  private void printLimited(String label, List<String> texts, int most) {
    for (int i = 0; i < Math.min(most, texts.size()); i++) {
      print(label, texts.get(i));
    }
    if (texts.size() > most) {
      print("", "and " + (texts.size() - most) + " more" + rest);
    }
  }

  /** A label and its text, wrapped beside it; nothing for an empty text. */
  private void print(String label, String text) {
    int indent = label.isEmpty() ? 2 : LABEL;
    StringBuilder line = new StringBuilder(label).repeat(' ', indent - label.length());
    boolean begun = false;
    for (String word : Printable.of(text).split(" ", -1)) {
      if (begun && line.length() + 1 + word.length() > WIDTH) {
        out.println(line);
        line = new StringBuilder(" ".repeat(indent));
        begun = false;
      }
      line.append(begun ? " " : "").append(word);
      begun = true;
    }
    if (!text.isEmpty()) {
      out.println(line);
    }
  }

  private void printDeclared(@Nullable Conformance conformance) {
    if (conformance != null) {
      ConformanceSummary.sentences(conformance).forEach(sentence -> print("expect", sentence));
    }
  }

  /** A line for the probes of each group and input that show a fault, with the largest number. */
  private static List<String> groups(List<Fault> faults) {
    Map<String, List<Finding>> groups = new LinkedHashMap<>();
    faults.stream()
        .flatMap(fault -> fault.findings().stream())
        .filter(finding -> finding.probe().group() != Probe.Group.DECLARED)
        .filter(finding -> finding.verdict().evidence() != null)
        .sorted(Comparator.comparing(finding -> finding.probe().group()))
        .forEach(finding ->
            groups
                .computeIfAbsent(
                    finding.probe().group() + " " + finding.stream(), k -> new ArrayList<>())
                .add(finding));
    return groups.values().stream().map(AuditAnswer::group).toList();
  }

  private static String group(List<Finding> findings) {
    Finding first = findings.getFirst();
    String probes =
        findings.stream()
            .map(f -> VerdictText.word(f.probe()))
            .filter(label -> !label.isEmpty())
            .distinct()
            .collect(Collectors.joining(", "));
    String what =
        String.format(
            Locale.ROOT,
            "  %s %-11s %s%s",
            sign(first.verdict().outcome()),
            VerdictText.subject(first.probe().group()),
            probes,
            first.stream().isEmpty() ? "" : " of " + Printable.of(first.stream()));
    return String.format(Locale.ROOT, "%-55s %s", what, amount(findings)).stripTrailing();
  }

  private static String sign(Outcome outcome) {
    return switch (outcome) {
      case FAIL -> "x";
      case ROUNDING -> "~";
      case PAD_RIGHT_ONLY, PAD_LEFT_ONLY -> "!";
      case PASS, BY_DESIGN, NOT_APPLICABLE -> "-";
      case INCONCLUSIVE, NO_DATA -> "?";
    };
  }

  /** The largest difference of the group beside the largest limit. */
  private static String amount(List<Finding> findings) {
    double difference = 0;
    double limit = 0;
    for (Finding finding : findings) {
      Evidence evidence = finding.verdict().evidence();
      if (evidence != null) {
        difference = Math.max(difference, evidence.difference()); // keeps NaN
        limit = Math.max(limit, evidence.limit().value());
      }
    }
    Probe probe = findings.getFirst().probe();
    boolean share = probe.group() == Probe.Group.ATTENTION;
    boolean mustDiffer = probe == Probe.MASK_VALUE || probe == Probe.POSITIONS;
    return String.format(
        Locale.ROOT,
        "%-15s %s",
        share ? percent(difference) : "max diff " + number(difference),
        mustDiffer ? "must not be 0" : limit == 0 ? "must be 0" : "limit " + number(limit));
  }

  private static String percent(double share) {
    return share >= 0.001 || share == 0 || Double.isNaN(share)
        ? String.format(Locale.ROOT, "%.3g %%", 100 * share)
        : String.format(Locale.ROOT, "%.1e", share);
  }

  private static String number(double value) {
    return value == 0
        ? "0"
        : value >= 0.001 && value < 10_000
            ? String.format(Locale.ROOT, "%.3g", value)
            : String.format(Locale.ROOT, "%.1e", value).replaceAll("e([+-])0*", "e$1");
  }

  /** Counts of checks, what they ran on, how long it took. */
  private List<String> counts(AuditResult result, List<Fault> faults, String hint) {
    long shown = faults.stream().mapToLong(fault -> fault.findings().size()).sum();
    long passed = count(result, Outcome.PASS);
    long without = count(result, Outcome.NOT_APPLICABLE);
    long others = result.findings().size() - shown - passed - without;
    List<String> checks = new ArrayList<>();
    checks.add(passed + (passed == 1 ? " check passes" : " checks pass"));
    if (others > 0) {
      checks.add(others + (others == 1 ? " remark" : " remarks"));
    }
    if (without > 0) {
      checks.add(without + (without == 1 ? " does not apply" : " do not apply"));
    }
    Conditions conditions = result.conditions();
    List<String> parts = new ArrayList<>();
    parts.add(String.join(", ", checks) + rest);
    parts.add(
        String.format(
            Locale.ROOT,
            "%,d %s, %,d tokens",
            conditions.texts(),
            SampleText.noun(conditions.origin(), conditions.texts()),
            conditions.tokens()));
    parts.add(String.format(Locale.ROOT, "%.1f s", conditions.seconds()));
    if (!hint.isEmpty() && String.join(" | ", parts).length() + hint.length() + 5 <= WIDTH) {
      parts.add(hint);
    }
    return parts;
  }

  private static long count(AuditResult result, Outcome outcome) {
    return result.findings().stream().filter(f -> f.verdict().outcome() == outcome).count();
  }
}
