package dev.sightline.report.text;

import dev.sightline.audit.MaskText;
import dev.sightline.audit.SampleText;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.AuditResult.ModelFacts;
import dev.sightline.audit.result.AuditResult.NoiseFloor;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.Place;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.MaskPath;
import dev.sightline.report.internal.page.TokenSpelling;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;

/** Prints all of an audit's result for a terminal of 100 columns: the answer, then every probe. */
public final class AuditTable {
  private static final int WIDTH = 100;

  private final PrintWriter out;
  private final ColorScheme colors;

  /**
   * Makes a printer.
   *
   * @param out where to print; stays open
   * @param colors the colours of the terminal
   */
  public AuditTable(PrintWriter out, ColorScheme colors) {
    this.out = out;
    this.colors = colors;
  }

  /**
   * Prints a result.
   *
   * @param result the result of an audit
   */
  public void print(AuditResult result) {
    new AuditAnswer(out, colors).print(result, "");
    out.println();
    printFacts(result);
    printProbes(result.findings());
    printFindingsToRead(result.findings());
    printConformance(result.conformance());
    printTrial(result.trial());
    out.flush();
  }

  private void printFacts(AuditResult result) {
    ModelFacts model = result.model();
    Conditions conditions = result.conditions();
    TextTable facts = table(12, WIDTH - 12);
    addFact(
        facts,
        "model",
        model.name()
            + ", "
            + size(model.fileBytes())
            + (model.quantizesDynamically() ? ", dynamically quantised" : "")
            + (model.producer().isEmpty() ? "" : ", by " + model.producer())
            + ", opset "
            + model.opset());
    addFact(facts, "attention", attention(result.attention()));
    if (result.mask() != null) {
      addFact(facts, "mask", Printable.of(MaskText.line(result.mask())));
    }
    addFact(facts, "texts", SampleText.of(conditions));
    SampleText.search(conditions.origin()).forEach(each -> addFact(facts, "", Printable.of(each)));
    NoiseFloor noise = result.noiseFloor();
    if (noise != null) {
      addFact(facts, "noise floor", number(noise.difference()) + ": " + VerdictText.method(noise));
    }
    if (conditions.forwardPassSeconds().isPresent()) {
      addFact(
          facts,
          "took",
          String.format(
              Locale.ROOT,
              "%.1f s, %.0f x one forward pass",
              conditions.seconds(),
              conditions.seconds() / conditions.forwardPassSeconds().getAsDouble()));
    }
    conditions.notes().forEach(note -> addFact(facts, "note", Printable.of(note)));
    out.print(facts);
    out.println();
  }

  private void addFact(TextTable facts, String name, String value) {
    facts.addRowValues(text(name), text(value));
  }

  private static String attention(AttentionSites sites) {
    List<AttentionSite> found = sites.found();
    String rejected =
        sites.rejected().isEmpty()
            ? ""
            : "; "
                + sites.rejected().size()
                + " candidates rejected, first: '"
                + Printable.of(sites.rejected().getFirst().node())
                + "': "
                + sites.rejected().getFirst().reason();
    if (found.isEmpty()) {
      return "none found" + rejected;
    }
    List<AttentionSite> unreached = found.stream().filter(site -> !isReached(site)).toList();
    String reach =
        unreached.isEmpty()
            ? maskInputs(found)
                + applied(found)
                + (found.size() == 1 ? "it" : "all " + found.size())
            : "no mask reaches the scores of layer "
                + unreached.stream()
                    .map(site -> Integer.toString(site.layer()))
                    .collect(Collectors.joining(", "))
                + " (counted from 0)";
    return found.size()
        + (found.size() == 1 ? " attention layer; " : " attention layers; ")
        + reach
        + rejected;
  }

  private static boolean isReached(AttentionSite site) {
    return site.masks().stream().anyMatch(path -> path.route() == MaskRoute.VALUE);
  }

  private static String maskInputs(List<AttentionSite> found) {
    return valuePaths(found).map(MaskPath::input).distinct().collect(Collectors.joining(", "));
  }

  /** What the operator that takes the mask does with it. */
  private static String applied(List<AttentionSite> found) {
    List<String> operators =
        valuePaths(found)
            .flatMap(path -> path.operands().stream().limit(1))
            .map(operand -> operand.substring(0, operand.indexOf(' ')))
            .distinct()
            .toList();
    if (operators.equals(List.of("Add"))) {
      return " is added to the scores in ";
    }
    return operators.isEmpty()
        ? " reaches the scores in "
        : " reaches the scores by " + String.join(", ", operators) + " in ";
  }

  private static Stream<MaskPath> valuePaths(List<AttentionSite> found) {
    return found.stream()
        .flatMap(site -> site.masks().stream())
        .filter(path -> path.route() == MaskRoute.VALUE);
  }

  private void printProbes(List<Finding> findings) {
    TextTable probes = table(16, 17, 10, 10, 9, WIDTH - 62);
    List<Finding> asked =
        findings.stream()
            .filter(f -> f.verdict().outcome() != Outcome.NOT_APPLICABLE)
            .sorted(Comparator.comparingInt(f -> order(f.verdict().outcome())))
            .toList();
    probes.addRowValues(
        bold("VERDICT"),
        bold("PROBE"),
        bold("MAX DIFF"),
        bold("LIMIT"),
        bold("CONTROL"),
        bold("QUESTION"));
    for (Finding finding : asked) {
      Evidence evidence = finding.verdict().evidence();
      probes.addRowValues(
          colored(finding.verdict().outcome()),
          text(finding.probe().id()),
          text(evidence == null ? "-" : number(evidence.difference())),
          text(evidence == null ? "-" : allowed(finding, evidence)),
          text(control(evidence)),
          text(
              VerdictText.question(finding.probe())
                  + (finding.stream().isEmpty()
                      ? ""
                      : " (" + Printable.of(finding.stream()) + ")")));
    }
    out.print(probes);
    int beside = findings.size() - asked.size();
    if (beside > 0) {
      out.println(
          beside == 1
              ? "1 more question does not apply to this model."
              : beside + " more questions do not apply to this model.");
    }
    out.println(
        """
        MAX DIFF: largest change of one output value at a real token; for padding-mass, the largest
        share of attention. CONTROL: the same change with the mask off; a PASS needs one above LIMIT.
        """);
  }

  /** Failures first, then what a reader has to know, then what is well. */
  private static int order(Outcome outcome) {
    return switch (outcome) {
      case FAIL -> 0;
      case ROUNDING,
          PAD_RIGHT_ONLY,
          PAD_LEFT_ONLY,
          BY_DESIGN,
          INCONCLUSIVE,
          NO_DATA,
          NOT_APPLICABLE ->
          1;
      case PASS -> 2;
    };
  }

  private static String allowed(Finding finding, Evidence evidence) {
    return switch (finding.probe()) {
      case MASK_VALUE, POSITIONS -> "> " + number(evidence.limit().value());
      default -> number(evidence.limit().value());
    };
  }

  private static String control(@Nullable Evidence evidence) {
    Evidence.Control control = evidence == null ? null : evidence.control();
    return control == null ? "-" : number(control.difference());
  }

  /**
   * What passed needs no words, and what is rounding was explained above; the rest says what it
   * saw. All that moved says where.
   */
  private void printFindingsToRead(List<Finding> findings) {
    TextTable table = table(16, WIDTH - 16);
    String last = "";
    List<Finding> ordered =
        findings.stream()
            .sorted(Comparator.comparingInt(f -> order(f.verdict().outcome())))
            .toList();
    for (Finding finding : ordered) {
      Verdict verdict = finding.verdict();
      if (verdict.outcome() == Outcome.PASS
          || verdict.outcome() == Outcome.NOT_APPLICABLE
          || VerdictText.of(finding).equals(last)) {
        continue;
      }
      last = VerdictText.of(finding);
      Text label = text("  " + finding.probe().id());
      if (verdict.outcome() != Outcome.ROUNDING) {
        table.addRowValues(label, text(VerdictText.of(finding)));
        label = text("");
      }
      Evidence evidence = verdict.evidence();
      Place worst = evidence == null ? null : evidence.worst();
      if (evidence != null && worst != null) {
        table.addRowValues(label, text("worst at " + place(worst) + effect(evidence)));
      }
    }
    if (!last.isEmpty()) {
      out.println();
      out.print(table);
    }
  }

  private void printConformance(@Nullable Conformance conformance) {
    if (conformance == null) {
      return;
    }
    List<String> lines = ConformanceText.of(conformance);
    if (lines.isEmpty()) {
      return;
    }
    out.println();
    TextTable table = table(WIDTH);
    lines.forEach(line -> table.addRowValues(marked(line)));
    out.print(table);
  }

  /** With its offending cells in red; an empty row would be no line. */
  private Text marked(String line) {
    String shown = line.isEmpty() ? " " : line.replace("@|", "@ |");
    return colors.text(shown.replaceAll("#[#0-9]*", "@|bold,red $0|@"));
  }

  private void printTrial(@Nullable MaskTrial trial) {
    if (trial == null) {
      return;
    }
    out.println();
    out.println("WHAT THE MASK IS WORTH HERE (information, not a verdict)");
    TextTable table = table(10, WIDTH - 10);
    TrialText.of(trial).forEach(l -> table.addRowValues(text(l.get(0)), text(l.get(1))));
    out.print(table);
  }

  private static String effect(Evidence evidence) {
    return evidence.effect() == null ? "" : "; " + VerdictText.of(evidence.effect());
  }

  private static String place(Place worst) {
    return (worst.token().isEmpty()
            ? ""
            : "token "
                + worst.token().getAsInt()
                + " '"
                + Printable.of(TokenSpelling.of(worst.spelling()))
                + "' of ")
        + "text "
        + worst.text()
        + " \""
        + Printable.of(worst.excerpt())
        + "\"";
  }

  private TextTable table(int... widths) {
    Column[] columns = new Column[widths.length];
    for (int i = 0; i < widths.length; i++) {
      columns[i] = new Column(widths[i], 0, i == widths.length - 1 ? Overflow.WRAP : Overflow.SPAN);
    }
    TextTable table = TextTable.forColumns(colors, columns);
    table.setAdjustLineBreaksForWideCJKCharacters(true);
    return table;
  }

  private Text bold(String word) {
    return colors.text("@|bold " + word + "|@");
  }

  private Text text(String words) {
    // Not picocli's markup: texts hold anything.
    return colors.text(Printable.of(words).replace("@|", "@ |"));
  }

  private Text colored(Outcome outcome) {
    return colored(colors, outcome);
  }

  /** The word of a verdict in its colour. */
  static Text colored(ColorScheme colors, Outcome outcome) {
    String style =
        switch (outcome) {
          case PASS -> "green";
          case FAIL -> "red";
          case ROUNDING, PAD_RIGHT_ONLY, PAD_LEFT_ONLY -> "yellow";
          case BY_DESIGN, INCONCLUSIVE, NOT_APPLICABLE, NO_DATA -> "cyan";
        };
    return colors.text("@|bold," + style + " " + outcome.name() + "|@");
  }

  /**
   * Formats the size of a file in kB or MB.
   *
   * @param bytes the size in bytes
   * @return the size, as in {@code 23 MB}
   */
  public static String size(long bytes) {
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.0f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.0f MB", bytes / 1e6);
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.3g", value);
  }
}
