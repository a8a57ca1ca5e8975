package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The answer of an audit in short sentences, as the terminal, the page and the JSON print it: what
 * is wrong, where, how much it matters, what to do.
 *
 * @param headline what is the matter, in a line that follows the verdict and the model's name
 * @param faults why, one for each cause; empty for a PASS
 * @param proof what the right mask, put in at the attentions, makes of what failed; empty where
 *     that was not tried
 * @param effect how much it matters, in a number that people know; empty where nothing changed
 * @param fix what to do now; for a PASS, how batches may be padded
 */
public record Answer(String headline, List<Fault> faults, String proof, String effect, String fix) {
  /** Copies the faults. */
  public Answer {
    faults = List.copyOf(faults);
  }

  /**
   * One cause and what it makes.
   *
   * @param id a stable name, such as {@code padding}
   * @param cause where it is, in one sentence
   * @param findings the probes that show it
   */
  public record Fault(String id, String cause, List<Finding> findings) {
    /** Copies the findings. */
    public Fault {
      findings = List.copyOf(findings);
    }
  }

  /**
   * {@return the answer of a result}
   *
   * @param result what an audit found
   */
  public static Answer of(AuditResult result) {
    List<Fault> faults = faults(result);
    return new Answer(
        HeadlineText.of(result),
        faults,
        CounterfactualText.of(result),
        ConsequenceText.of(result, faults),
        FixText.of(result));
  }

  /** What shows the conclusion, by what it is about. */
  private static List<Fault> faults(AuditResult result) {
    Outcome outcome = result.conclusion().outcome();
    if (outcome == Outcome.PASS || outcome == Outcome.NOT_APPLICABLE) {
      return List.of();
    }
    Map<Probe.Group, List<Finding>> groups = new EnumMap<>(Probe.Group.class);
    for (Finding finding : result.findings()) {
      if (finding.verdict().outcome() == outcome) {
        Probe.Group group =
            outcome == Outcome.FAIL ? cause(causeOf(result, finding)) : Probe.Group.PADDING;
        groups.computeIfAbsent(group, g -> new ArrayList<>()).add(finding);
      }
    }
    List<Fault> faults = new ArrayList<>();
    groups.forEach((group, findings) ->
        faults.add(new Fault(group.id(), CauseText.of(result, group, findings), findings)));
    return faults;
  }

  /** The finding that a failed one follows from; itself if it follows from none. */
  private static Finding causeOf(AuditResult result, Finding finding) {
    return result.faults().stream()
        .filter(fault -> fault.consequences().contains(finding))
        .map(fault -> fault.cause())
        .findFirst()
        .orElse(finding);
  }

  /** Of a text that is padded on the left. */
  private static final Set<Kind> POSITIONS =
      EnumSet.of(
          Kind.GIVEN_POSITIONS_IGNORED,
          Kind.GIVEN_POSITIONS_NOT_ENOUGH,
          Kind.POSITIONS_FROM_ROW_START,
          Kind.POSITIONS_IGNORED);

  /** A mask that is not read, attention on padding and padding that reaches a token are one. */
  private static Probe.Group cause(Finding finding) {
    if (finding.verdict().cause() instanceof Kind kind && POSITIONS.contains(kind)) {
      return Probe.Group.POSITIONS;
    }
    Probe.Group group = finding.probe().group();
    return switch (group) {
      case ATTENTION, MASK -> Probe.Group.PADDING;
      case PADDING, POSITIONS, POOLING, ROWS, CAUSALITY, CACHE, DECLARED, INSTRUMENTS -> group;
    };
  }
}
