package dev.sightline.report.internal.audit;

import dev.sightline.audit.Answer;
import dev.sightline.audit.Answer.Fault;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Place;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.report.internal.audit.AuditView.Badge;
import dev.sightline.report.internal.audit.AuditView.Fact;
import dev.sightline.report.internal.page.Numbers;
import dev.sightline.report.internal.page.TokenSpelling;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The questions and their answers, in words, those first that need a reader. */
public final class FindingView {
  private FindingView() {}

  /** Questions whose answers a reader takes alike. */
  public record Group(String id, String title, List<ProbeRow> rows, boolean folded) {}

  /**
   * A probe and its answer.
   *
   * @param id in the page
   * @param stream the tokens that were probed; empty if there is but one kind, or the model as a
   *     whole
   * @param difference null where there is no data
   * @param allowed the limit, in words
   * @param control what the same change does where it must show; null if the probe needs none
   */
  public record ProbeRow(
      String id,
      String question,
      String stream,
      Badge badge,
      String meaning,
      @Nullable String difference,
      String allowed,
      @Nullable String control,
      String controlChange,
      List<Fact> details) {}

  static List<Group> groups(AuditResult result) {
    List<Group> groups = new ArrayList<>();
    boolean failed = result.conclusion().outcome() == Outcome.FAIL;
    if (failed) {
      for (Fault fault : Answer.of(result).faults()) {
        List<ProbeRow> rows = rows(result, fault.findings()::contains);
        groups.add(new Group("fault-" + groups.size(), fault.cause(), rows, false));
      }
    }
    add(
        groups,
        result,
        failed,
        "open",
        "What changed without being a fault, or proved nothing",
        EnumSet.of(
            Outcome.ROUNDING,
            Outcome.PAD_RIGHT_ONLY,
            Outcome.PAD_LEFT_ONLY,
            Outcome.BY_DESIGN,
            Outcome.INCONCLUSIVE,
            Outcome.NO_DATA));
    add(groups, result, failed, "passed", "What passed", EnumSet.of(Outcome.PASS));
    return groups;
  }

  static List<ProbeRow> notApplicable(AuditResult result) {
    return rows(result, f -> f.verdict().outcome() == Outcome.NOT_APPLICABLE);
  }

  private static void add(
      List<Group> groups,
      AuditResult result,
      boolean folded,
      String id,
      String title,
      Set<Outcome> outcomes) {
    List<ProbeRow> rows = rows(result, f -> outcomes.contains(f.verdict().outcome()));
    if (!rows.isEmpty()) {
      groups.add(new Group(id, title, rows, folded));
    }
  }

  private static List<ProbeRow> rows(AuditResult result, Predicate<Finding> chosen) {
    List<Finding> findings = result.findings();
    boolean severalStreams =
        findings.stream().map(Finding::stream).filter(s -> !s.isEmpty()).distinct().count() > 1;
    return IntStream.range(0, findings.size())
        .filter(i -> chosen.test(findings.get(i)))
        .mapToObj(
            i -> probe(findings.get(i).probe().id() + "-" + i, findings.get(i), severalStreams))
        .toList();
  }

  /** One finding on its own. */
  static ProbeRow row(Finding finding) {
    return probe(finding.probe().id(), finding, true);
  }

  private static ProbeRow probe(String id, Finding finding, boolean severalStreams) {
    Probe probe = finding.probe();
    Verdict verdict = finding.verdict();
    Evidence evidence = verdict.evidence();
    Evidence.Control control = evidence == null ? null : evidence.control();
    return new ProbeRow(
        id,
        VerdictText.question(probe),
        severalStreams ? finding.stream() : "",
        AuditView.badge(verdict.outcome()),
        VerdictText.of(finding),
        evidence == null ? null : amount(probe, evidence.difference()),
        evidence == null
            ? ""
            : verdict.outcome() == Outcome.BY_DESIGN
                ? "and may, by design"
                : allowed(probe, evidence.limit().value()),
        control == null ? null : amount(probe, control.difference()),
        control == null ? "" : VerdictText.change(control),
        details(finding));
  }

  private static String amount(Probe probe, double value) {
    return probe == Probe.PADDING_MASS ? Numbers.share(value) : Numbers.of(value);
  }

  private static String allowed(Probe probe, double limit) {
    if (probe == Probe.MASK_VALUE || probe == Probe.POSITIONS) {
      return limit == 0 ? "must not be 0" : "must exceed " + Numbers.of(limit);
    }
    return limit == 0 ? "must be exactly 0" : "at most " + Numbers.of(limit);
  }

  private static List<Fact> details(Finding finding) {
    List<Fact> details = new ArrayList<>();
    Probe probe = finding.probe();
    details.add(new Fact("How it was tested", sentence(VerdictText.method(probe))));
    Evidence evidence = finding.verdict().evidence();
    if (evidence != null) {
      details.add(
          new Fact(
              "Limit",
              sentence(
                  allowed(probe, evidence.limit().value())
                      + ": "
                      + VerdictText.origin(evidence.limit()))));
      details.add(
          new Fact(
              "Compared",
              Numbers.count(
                      evidence.compared(), probe == Probe.PADDING_MASS ? "real token" : "pair")
                  + (probe == Probe.PADDING_MASS ? "." : " of tokens or pooled vectors.")));
      Place worst = evidence.worst();
      if (worst != null) {
        details.add(new Fact("Largest at", place(worst)));
      }
      if (evidence.effect() != null) {
        details.add(new Fact("How much it matters", sentence(VerdictText.of(evidence.effect()))));
      }
    }
    if (finding.verdict() instanceof Verdict.Fail fail && fail.leak() != null) {
      details.add(new Fact("Where it enters", sentence(VerdictText.of(fail.leak()))));
    }
    return details;
  }

  static String place(Place place) {
    return "text "
        + Numbers.count(place.text())
        + " (\u201C"
        + place.excerpt()
        + "\u201D), "
        + (place.token().isEmpty()
            ? "the whole text"
            : "token "
                + place.token().getAsInt()
                + " (\u201C"
                + TokenSpelling.of(place.spelling())
                + "\u201D)")
        + ", in "
        + place.output()
        + ", in a batch of shape "
        + place.batch();
  }

  static String sentence(String words) {
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + ".";
  }
}
