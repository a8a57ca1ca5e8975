package dev.sightline.report;

import dev.sightline.audit.AuditResult;
import dev.sightline.audit.AuditResult.Conditions;
import dev.sightline.audit.AuditResult.ModelFacts;
import dev.sightline.audit.AuditResult.NoiseFloor;
import dev.sightline.audit.Evidence;
import dev.sightline.audit.Finding;
import dev.sightline.audit.PaddingMass;
import dev.sightline.audit.Place;
import dev.sightline.audit.Probe;
import dev.sightline.audit.Verdict;
import dev.sightline.audit.Verdict.Outcome;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.AttentionSite.MaskRoute;
import dev.sightline.onnx.MaskPath;
import dev.sightline.onnx.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the page says, with every number in words already: the template places it and decides
 * nothing. The records are public so that FreeMarker can read them; the class is not.
 */
final class AuditView {
  private AuditView() {}

  /**
   * The page.
   *
   * @param map null if no attention on padding could be read
   * @param squares null if no attention could be read
   * @param command the command line that repeats the audit; null if unknown
   */
  public record Page(
      String name,
      Badge badge,
      String meaning,
      String advice,
      List<Fact> facts,
      List<ProbeRow> probes,
      Mass mass,
      HeatMap.@Nullable Drawing map,
      HeadSquares.@Nullable Drawing squares,
      Inventory inventory,
      List<Fact> conditions,
      List<String> notes,
      @Nullable String command,
      List<Word> words) {}

  /** A verdict: the word, what it says in plain words, and its class in the style sheet. */
  public record Badge(String word, String plain, String css) {}

  /** A label and what stands beside it. */
  public record Fact(String label, String value) {}

  /** A verdict and what it means in general. */
  public record Word(Badge badge, String meaning) {}

  /**
   * A probe and its answer.
   *
   * @param difference null where there is no data
   * @param allowed the tolerance, in words
   * @param control what the same change does where it must show; null if the probe needs none
   */
  public record ProbeRow(
      String id,
      String question,
      Badge badge,
      String meaning,
      @Nullable String difference,
      String allowed,
      @Nullable String control,
      String controlChange,
      List<Fact> details) {}

  /**
   * Attention on padding in words.
   *
   * @param worst where the largest share was seen; null if all are 0
   * @param proven whether the zeros prove anything
   */
  public record Mass(String sentence, @Nullable String worst, String queries, boolean proven) {}

  /** How the mask reaches the attentions. */
  public record Inventory(
      String sentence, boolean open, List<Site> sites, List<Rejected> rejected) {}

  /** One attention. */
  public record Site(int layer, String softmax, String route, String css, List<String> operands) {}

  /** What was not taken as an attention. */
  public record Rejected(String node, String reason) {}

  static Page of(AuditResult result, String command, @Nullable HeadSquares squares) {
    PaddingMass mass = result.paddingMass();
    return new Page(
        result.model().name(),
        badge(result.conclusion().outcome()),
        result.conclusion().meaning(),
        result.conclusion().advice(),
        facts(result),
        result.findings().stream().map(AuditView::probe).toList(),
        mass(result),
        mass == null ? null : HeatMap.of(mass),
        squares == null ? null : squares.drawing(),
        inventory(result),
        conditions(result),
        result.conditions().notes(),
        command.isBlank() ? null : command,
        Arrays.stream(Outcome.values()).map(o -> new Word(badge(o), inGeneral(o))).toList());
  }

  private static Badge badge(Outcome outcome) {
    return switch (outcome) {
      case PASS -> new Badge("PASS", "the mask holds", "pass");
      case FAIL -> new Badge("FAIL", "the mask does not hold", "fail");
      case NUMERIC -> new Badge("NUMERIC", "results move, but not because of the mask", "numeric");
      case CALLER_POSITIONS ->
          new Badge("CALLER POSITIONS", "where a text stands is up to the caller", "numeric");
      case BY_DESIGN -> new Badge("BY DESIGN", "the model is made so", "pass");
      case VACUOUS -> new Badge("VACUOUS", "nothing was proved", "vacuous");
      case NOT_APPLICABLE ->
          new Badge("NOT APPLICABLE", "the model has nothing to ask about", "no-data");
      case NO_DATA -> new Badge("NO DATA", "the question could not be asked", "no-data");
    };
  }

  private static String inGeneral(Outcome outcome) {
    return switch (outcome) {
      case PASS ->
          "The mask did its work, and where the test has a positive control, the control moved: the"
              + " test would have seen a fault.";
      case FAIL ->
          "The mask did not do its work: something that must not matter, such as padding, reached"
              + " a real token, or the mask itself made no difference.";
      case NUMERIC ->
          "Numbers moved, but no more than rounding or the noise floor explains, and no attention"
              + " fell on padding. It is arithmetic, such as 8-bit rounding, not the mask.";
      case CALLER_POSITIONS ->
          "Results move with where a text stands in its row, not with what stands in its padding. The"
              + " mask holds; the positions are the caller's to get right.";
      case BY_DESIGN ->
          "Results move, and the model is made so: it looks both ways, or it takes no mask.";
      case NOT_APPLICABLE ->
          "The model has nothing that the question is about, for the reason given.";
      case VACUOUS ->
          "Nothing moved, but nothing could have moved even without a mask. A test that cannot fail"
              + " proves nothing, so it is not counted as a pass.";
      case NO_DATA ->
          "The question could not be asked, for the reason given. It is neither good nor bad news.";
    };
  }

  private static List<Fact> facts(AuditResult result) {
    ModelFacts model = result.model();
    Conditions conditions = result.conditions();
    List<Fact> facts = new ArrayList<>();
    Verdict.Leak leak = HeadSquares.leak(result);
    if (leak != null) {
      facts.add(new Fact("Where it enters", leak(leak)));
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

  private static ProbeRow probe(Finding finding) {
    Probe probe = finding.probe();
    Verdict verdict = finding.verdict();
    Evidence evidence = verdict.evidence();
    Evidence.Control control = evidence == null ? null : evidence.control();
    return new ProbeRow(
        probe.id() + (finding.stream().isEmpty() ? "" : "-" + finding.stream()),
        probe.question() + (finding.stream().isEmpty() ? "" : " (" + finding.stream() + ")"),
        badge(verdict.outcome()),
        verdict.meaning(),
        evidence == null ? null : amount(probe, evidence.difference()),
        evidence == null ? "" : allowed(probe, evidence.tolerance().value()),
        control == null ? null : amount(probe, control.difference()),
        control == null ? "" : control.change(),
        details(finding));
  }

  private static String amount(Probe probe, double value) {
    return probe == Probe.PADDING_MASS ? Numbers.share(value) : Numbers.of(value);
  }

  private static String allowed(Probe probe, double tolerance) {
    if (probe == Probe.MASK_VALUE || probe == Probe.POSITIONS) {
      return "must exceed " + Numbers.of(tolerance);
    }
    return tolerance == 0 ? "must be exactly 0" : "at most " + Numbers.of(tolerance);
  }

  private static List<Fact> details(Finding finding) {
    List<Fact> details = new ArrayList<>();
    Probe probe = finding.probe();
    details.add(new Fact("How it was tested", sentence(probe.method())));
    Evidence evidence = finding.verdict().evidence();
    if (evidence != null) {
      details.add(
          new Fact(
              "What is allowed",
              sentence(
                  allowed(probe, evidence.tolerance().value())
                      + ": "
                      + evidence.tolerance().origin())));
      details.add(
          new Fact(
              "Looked at",
              Numbers.count(
                      evidence.compared(), probe == Probe.PADDING_MASS ? "real token" : "pair")
                  + (probe == Probe.PADDING_MASS ? "." : " of tokens or pooled vectors.")));
      Place worst = evidence.worst();
      if (worst != null) {
        details.add(new Fact("Largest at", place(worst)));
      }
      evidence
          .cosine()
          .ifPresent(cosine -> details.add(new Fact("What it does to a vector", cosine(cosine))));
    }
    if (finding.verdict() instanceof Verdict.Fail fail && fail.leak() != null) {
      details.add(new Fact("Where it enters", leak(fail.leak())));
    }
    return details;
  }

  private static String cosine(double cosine) {
    if (cosine == 1) {
      return "A text's vector keeps its direction: its cosine between the two runs is 1 (exact).";
    }
    return "A text's vector keeps a cosine of "
        + (cosine > 0.999 ? "more than " : "at least ")
        + Numbers.cosine(cosine)
        + " between the two runs.";
  }

  private static String leak(Verdict.Leak leak) {
    if (leak.isOutsideAttention()) {
      return "Outside attention, before layer " + leak.layer() + ".";
    }
    if (leak.mass() == 0) {
      return "Layer " + leak.layer() + ", head " + leak.head() + ".";
    }
    return "Layer "
        + leak.layer()
        + ", head "
        + leak.head()
        + ": a real token gives what it must not see up to "
        + Numbers.share(leak.mass())
        + " of its attention there.";
  }

  private static String place(Place place) {
    return "text "
        + Numbers.count(place.text())
        + " (\u201C"
        + place.excerpt()
        + "\u201D), "
        + (place.token() < 0
            ? "the whole text"
            : "token " + place.token() + " (\u201C" + place.spelling() + "\u201D)")
        + ", in "
        + place.output()
        + ", in a batch of shape "
        + place.batch();
  }

  private static Mass mass(AuditResult result) {
    Verdict verdict =
        result.findings().stream()
            .filter(finding -> finding.probe() == Probe.PADDING_MASS)
            .map(Finding::verdict)
            .findFirst()
            .orElse(new Verdict.NoData("Attention on padding was not measured."));
    PaddingMass mass = result.paddingMass();
    Place worst = mass == null ? null : mass.worst();
    return new Mass(
        verdict.meaning(),
        worst == null ? null : place(worst) + ".",
        mass == null ? "" : Numbers.count(mass.queries(), "real token"),
        verdict.outcome() == Outcome.PASS);
  }

  private static Inventory inventory(AuditResult result) {
    List<AttentionSite> found = result.attention().found();
    List<Site> sites = found.stream().map(AuditView::site).toList();
    long reached = found.stream().filter(s -> route(s) == MaskRoute.VALUE).count();
    String sentence =
        found.isEmpty()
            ? "No attention was found in the graph."
            : reached == found.size()
                ? "The values of the mask reach "
                    + (found.size() == 1
                        ? "the one attention"
                        : "all " + found.size() + " attentions")
                    + " of the model."
                : "The values of the mask reach "
                    + reached
                    + " of the model's "
                    + Numbers.count(found.size(), "attention")
                    + ".";
    return new Inventory(
        sentence,
        reached < found.size(),
        sites,
        result.attention().rejected().stream()
            .map(r -> new Rejected(r.node(), r.reason()))
            .toList());
  }

  private static Site site(AttentionSite site) {
    List<String> operands = site.masks().stream().flatMap(m -> m.operands().stream()).toList();
    return switch (route(site)) {
      case VALUE -> new Site(site.layer(), site.node(), "its values", "pass", operands);
      case SHAPE_ONLY ->
          new Site(site.layer(), site.node(), "only its shape: ignored", "fail", operands);
      case NONE -> new Site(site.layer(), site.node(), "no path", "fail", operands);
    };
  }

  /** The strongest route of any mask: an attention needs but the one of its own tokens. */
  private static MaskRoute route(AttentionSite site) {
    return site.masks().stream()
        .map(MaskPath::route)
        .min(Comparator.naturalOrder())
        .orElse(MaskRoute.NONE);
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

  private static String noise(NoiseFloor noise) {
    return noise.compared() == 0
        ? "not measured"
        : Numbers.of(noise.difference())
            + ", the largest difference over "
            + Numbers.count(noise.compared(), "pair")
            + " that should be the same: "
            + noise.method();
  }

  private static String time(Conditions conditions) {
    String whole = Numbers.seconds(conditions.seconds());
    return conditions.plainSeconds() > 0
        ? whole
            + ", "
            + Numbers.of(conditions.seconds() / conditions.plainSeconds())
            + " times as long as one plain inference of the same texts ("
            + Numbers.seconds(conditions.plainSeconds())
            + ")"
        : whole;
  }

  private static String sentence(String words) {
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + ".";
  }
}
