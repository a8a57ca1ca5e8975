package dev.sightline.audit.result;

import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Leak;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One cause of failed findings. A mask that one layer lacks fails half of the probes; they are one
 * fault, since they enter the model at the same place and end together.
 *
 * @param cause the failed finding that shows it best
 * @param consequences the other failed findings that it explains, in the order of the findings
 */
public record Fault(Finding cause, List<Finding> consequences) {
  /** Copies the consequences. */
  public Fault {
    consequences = List.copyOf(consequences);
  }

  /** The probes whose failure says most, best first. */
  private static final List<Probe> TELLING =
      List.of(
          Probe.DECLARED_INSIDE,
          Probe.DECLARED_OUTSIDE,
          Probe.NEIGHBOUR,
          Probe.MASK_VALUE,
          Probe.PADDING_MASS,
          Probe.POSITIONS,
          Probe.PAD_CONTENT,
          Probe.SIDE_CONTENT,
          Probe.CROSS_MASK,
          Probe.CAUSALITY,
          Probe.PAD_LENGTH,
          Probe.CACHE,
          Probe.POOLING,
          Probe.BATCH);

  /**
   * Sorts failed findings by cause. Findings share a cause if they enter at the same attention or
   * node. One whose place is not known is a consequence of what explains it: padding that enters a
   * token explains every later sign of padding, and positions that are not read explain a text that
   * changes with its place.
   *
   * @param findings all findings of an audit
   * @param cured failed findings that go away together with the right mask: they share a cause
   * @return the faults, in the order in which their causes were found; empty if nothing failed
   */
  static List<Fault> of(List<Finding> findings, List<Finding> cured) {
    List<List<Finding>> groups = new ArrayList<>();
    cured.forEach(finding -> add(groups, finding, groups.isEmpty() ? null : groups.getFirst()));
    List<Finding> failed =
        findings.stream()
            .filter(finding -> finding.verdict() instanceof Fail && !cured.contains(finding))
            .toList();
    failed.stream()
        .filter(finding -> leak(finding) != null)
        .forEach(finding -> add(groups, finding, group(groups, finding)));
    failed.stream()
        .filter(finding -> leak(finding) == null)
        .sorted(Comparator.comparingInt(Fault::rank))
        .forEach(finding -> add(groups, finding, group(groups, finding)));
    return groups.stream().map(group -> byRank(group, findings)).toList();
  }

  private static void add(
      List<List<Finding>> groups, Finding finding, @Nullable List<Finding> group) {
    if (group == null) {
      groups.add(new ArrayList<>(List.of(finding)));
    } else {
      group.add(finding);
    }
  }

  private static Fault byRank(List<Finding> group, List<Finding> order) {
    Finding cause = group.stream().min(Comparator.comparingInt(Fault::rank)).orElseThrow();
    return new Fault(
        cause, order.stream().filter(f -> !f.equals(cause) && group.contains(f)).toList());
  }

  private static int rank(Finding finding) {
    int rank = TELLING.indexOf(finding.probe());
    return rank < 0 ? TELLING.size() : rank;
  }

  private static @Nullable List<Finding> group(List<List<Finding>> groups, Finding finding) {
    return groups.stream()
        .filter(group -> group.stream().anyMatch(other -> isSame(other, finding)))
        .findFirst()
        .orElse(null);
  }

  private static boolean isSame(Finding one, Finding other) {
    Leak a = leak(one);
    Leak b = leak(other);
    if (a != null && b != null) {
      return a.isOutsideAttention() == b.isOutsideAttention()
          && ((a.isOutsideAttention() && !a.node().isEmpty())
              ? a.node().equals(b.node())
              : a.layer().equals(b.layer()));
    }
    Probe probe = other.probe();
    return switch (one.probe()) {
      case DECLARED_INSIDE -> probe == Probe.DECLARED_OUTSIDE;
      case POSITIONS -> probe == Probe.PAD_LEFT || probe == Probe.PAD_INTERIOR;
      case POOLING -> probe == Probe.BATCH || probe == Probe.PAD_LENGTH;
      default ->
          one.probe().showsPadding()
              && (probe.showsPadding() || probe == Probe.POOLING)
              && (one.stream().equals(other.stream()) || other.stream().isEmpty());
    };
  }

  private static @Nullable Leak leak(Finding finding) {
    return finding.verdict() instanceof Fail fail ? fail.leak() : null;
  }
}
