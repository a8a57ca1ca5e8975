package dev.sightline.report.internal.audit;

import dev.sightline.audit.Answer;
import dev.sightline.audit.MaskText;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.AuditResult.ModelFacts;
import dev.sightline.audit.result.AuditResult.NoiseFloor;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.PaddingNorms;
import dev.sightline.audit.result.Place;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.report.internal.page.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the page says, with every number in words already: the template places it and decides
 * nothing. The records are public so that FreeMarker can read them; the class is not.
 */
public final class AuditView {
  private AuditView() {}

  /**
   * The page.
   *
   * @param declared null if no mask was declared
   * @param masks the masks that the model implements; null if they could not be read
   * @param groups the questions by their answers, failures first
   * @param notApplicable the questions that this model leaves open by its nature
   * @param map null if no attention on padding could be read
   * @param squares null if no attention could be read
   * @param trial null if it was not asked for
   * @param command the command line that repeats the audit; null if unknown
   * @param writtenBy the program, its version, the day, and the model's hash
   */
  public record Page(
      String name,
      Badge badge,
      String meaning,
      List<Fact> answer,
      List<Fact> facts,
      ConformanceView.@Nullable Section declared,
      MaskView.@Nullable Section masks,
      List<FindingView.Group> groups,
      List<FindingView.ProbeRow> notApplicable,
      Mass mass,
      @Nullable PaddingMap map,
      List<Norms> norms,
      HeadSquares.@Nullable Drawing squares,
      TrialView.@Nullable Section trial,
      InventoryView.Inventory inventory,
      List<Fact> conditions,
      List<String> notes,
      @Nullable String command,
      String writtenBy,
      List<Word> words) {}

  /** A verdict: the word, what it says in plain words, and its class in the style sheet. */
  public record Badge(String word, String plain, String css) {}

  /** A label and its value. */
  public record Fact(String label, String value) {}

  /** A verdict and what it means in general. */
  public record Word(Badge badge, String meaning) {}

  /**
   * Attention on padding in words.
   *
   * @param worst where the largest share was seen; null if all are 0
   * @param proven whether the zeros prove anything
   */
  public record Mass(String sentence, @Nullable String worst, String queries, boolean proven) {}

  /** The length of vectors at padding and at real tokens, as an attention reads them. */
  public record Norms(int layer, String padding, String real, String ratio) {}

  static Page of(
      AuditResult result, String command, String version, @Nullable HeadSquares squares) {
    PaddingMass mass = result.paddingMass();
    return new Page(
        result.model().name(),
        badge(result.conclusion().outcome()),
        Answer.of(result).headline(),
        answer(result),
        facts(result),
        ConformanceView.of(result.conformance()),
        MaskView.of(result.mask()),
        FindingView.groups(result),
        FindingView.notApplicable(result),
        mass(result),
        mass == null ? null : PaddingMap.of(mass),
        norms(result.paddingNorms()),
        squares == null ? null : squares.drawing(),
        TrialView.of(result.trial()),
        InventoryView.of(result.attention()),
        conditions(result),
        result.conditions().notes(),
        command.isBlank() ? null : command,
        writtenBy(result, version),
        Arrays.stream(Outcome.values())
            .map(o -> new Word(badge(o), VerdictText.meaning(o)))
            .toList());
  }

  /** Cause, effect, fix and mask, as the terminal has them. */
  private static List<Fact> answer(AuditResult result) {
    Answer answer = Answer.of(result);
    List<Fact> facts = new ArrayList<>();
    answer.faults().forEach(fault -> facts.add(new Fact("Cause", fault.cause())));
    if (!answer.proof().isEmpty()) {
      facts.add(new Fact("Proof", answer.proof()));
    }
    if (!answer.effect().isEmpty()) {
      facts.add(new Fact("Effect", answer.effect()));
    }
    facts.add(
        new Fact(
            result.conclusion().outcome() == Outcome.PASS ? "How to use it" : "Fix", answer.fix()));
    if (result.mask() != null) {
      facts.add(new Fact("Mask it implements", MaskText.line(result.mask())));
    }
    return facts;
  }

  private static String writtenBy(AuditResult result, String version) {
    return "sightline audit"
        + (version.isEmpty() ? "" : " " + version)
        + ", "
        + result.conditions().finished()
        + ", model SHA-256 "
        + result.model().sha256();
  }

  /** The badge of an outcome. */
  public static Badge badge(Outcome outcome) {
    String css =
        switch (outcome) {
          case PASS -> "pass";
          case FAIL -> "fail";
          case ROUNDING, PAD_RIGHT_ONLY, PAD_LEFT_ONLY -> "rounding";
          case INCONCLUSIVE -> "inconclusive";
          case BY_DESIGN, NOT_APPLICABLE, NO_DATA -> "no-data";
        };
    return new Badge(outcome.name().replace('_', ' '), VerdictText.of(outcome), css);
  }

  private static List<Fact> facts(AuditResult result) {
    ModelFacts model = result.model();
    Conditions conditions = result.conditions();
    List<Fact> facts = new ArrayList<>();
    Conformance conformance = result.conformance();
    String offence = conformance == null ? "" : ConformanceSummary.inShort(conformance);
    if (!offence.isEmpty()) {
      facts.add(new Fact("Forbidden, and seen", offence));
    }
    Verdict.Leak leak = HeadSquares.leak(result);
    if (leak != null) {
      facts.add(new Fact("Where it enters", FindingView.sentence(VerdictText.of(leak))));
    }
    facts.add(
        new Fact(
            "Model",
            Numbers.bytes(model.fileBytes())
                + ", ONNX opset "
                + model.opset()
                + (model.producer().isBlank() ? "" : ", written by " + model.producer())));
    facts.add(
        new Fact(
            "Arithmetic",
            model.quantizesDynamically()
                ? "quantised: rounds to 8 bits while it runs"
                : "no rounding to 8 bits while it runs"));
    facts.add(new Fact("Inputs", model.inputs().isEmpty() ? "none" : specs(model.inputs())));
    if (!model.compared().isEmpty()) {
      facts.add(new Fact("Compared outputs", String.join(", ", model.compared())));
    }
    facts.add(
        new Fact(
            "Tested with",
            Numbers.count(conditions.texts(), "text")
                + ", "
                + Numbers.count(conditions.tokens(), "token")));
    return facts;
  }

  private static String specs(List<TensorSpec> specs) {
    return specs.stream().map(TensorSpec::toString).collect(Collectors.joining("; "));
  }

  private static Mass mass(AuditResult result) {
    Verdict verdict =
        result.findings().stream()
            .filter(finding -> finding.probe() == Probe.PADDING_MASS)
            .map(Finding::verdict)
            .findFirst()
            .orElse(
                new Verdict.NoData(new Cause.NotMeasured("attention on padding was not measured")));
    PaddingMass mass = result.paddingMass();
    Place worst = mass == null ? null : mass.worst();
    return new Mass(
        VerdictText.of(Probe.PADDING_MASS, verdict),
        worst == null ? null : FindingView.place(worst) + ".",
        mass == null ? "" : Numbers.count(mass.queries(), "real token"),
        verdict.outcome() == Outcome.PASS);
  }

  private static List<Norms> norms(List<PaddingNorms> norms) {
    return norms.stream()
        .map(n ->
            new Norms(
                n.layer(),
                Numbers.of(n.padding()),
                Numbers.of(n.real()),
                n.real() > 0 ? Numbers.share(n.padding() / n.real()) : "no data"))
        .toList();
  }

  private static List<Fact> conditions(AuditResult result) {
    Conditions conditions = result.conditions();
    return List.of(
        new Fact(
            "Texts",
            Numbers.count(conditions.texts(), "text")
                + ", "
                + Numbers.count(conditions.tokens(), "token")
                + " with special tokens; the shortest has "
                + Numbers.count(conditions.shortest())
                + ", the longest "
                + Numbers.count(conditions.longest())),
        new Fact(
            "Seed", conditions.seed() + " (of the random tokens put into padding and neighbours)"),
        new Fact("Runtime", conditions.runtime()),
        new Fact("Noise floor", noise(result.noiseFloor())),
        new Fact("Time", time(conditions)));
  }

  private static String noise(@Nullable NoiseFloor noise) {
    return noise == null
        ? VerdictText.method(noise)
        : Numbers.of(noise.difference())
            + ", the largest difference over "
            + Numbers.count(noise.compared(), "pair")
            + " that should be the same: "
            + VerdictText.method(noise);
  }

  private static String time(Conditions conditions) {
    String whole = Numbers.seconds(conditions.seconds());
    if (conditions.forwardPassSeconds().isEmpty()) {
      return whole;
    }
    double forwardPass = conditions.forwardPassSeconds().getAsDouble();
    return whole
        + ", "
        + Numbers.of(conditions.seconds() / forwardPass)
        + " times one forward pass of the same texts ("
        + Numbers.seconds(forwardPass)
        + ")";
  }
}
