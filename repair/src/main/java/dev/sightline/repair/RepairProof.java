package dev.sightline.repair;

import dev.sightline.audit.Audit;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.repair.internal.plan.MaskInsertion.Inserted;
import dev.sightline.repair.internal.plan.MaskPlan;
import dev.sightline.repair.internal.plan.TokenPooling;
import dev.sightline.repair.internal.proof.PooledOutput;
import dev.sightline.repair.internal.proof.Sameness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What can be said of a changed model: what it has in common with the old one, and its audit. */
final class RepairProof {
  private static final int COMPARED_ALONE = 4;

  /** Relative; measured 4e-7 for MultiHeadAttention with a bias in place of none. */
  private static final double OTHER_KERNEL = 1e-5;

  private final Model model;
  private final Repair.Options options;
  private final List<Sample> samples;

  RepairProof(Model model, Repair.Options options, List<Sample> samples) {
    this.model = model;
    this.options = options;
    this.samples = samples;
  }

  /**
   * What was found out about a changed model.
   *
   * @param wrong what is not proved; empty if all is
   */
  record Proved(RepairResult.Sameness sameness, AuditResult audit, List<String> wrong) {}

  AuditResult audit(Model audited) throws IOException {
    Audit audit = options.audit.apply(Audit.of(audited).padId(options.padId)).samples(samples);
    return (options.mask == null ? audit : audit.expect(declared(options.mask))).run();
  }

  /** What is declared of the attentions that are repaired. */
  private Expectation declared(Expectation all) {
    if (options.only.isEmpty()) {
      return all;
    }
    return Expectation.parse(
        MaskPlan.declared(model, all, options.only).layers().entrySet().stream()
            .map(each -> each.getKey() + ": " + each.getValue())
            .collect(Collectors.joining("; ")));
  }

  /**
   * Proves a model that was written.
   *
   * @param plan the masks that it should have
   * @param inserted what is other in it
   * @param pooling the pooling that was put in; null if none was
   * @param part where it is
   * @param before the audit of the old model
   */
  Proved of(
      MaskPlan plan,
      Inserted inserted,
      @Nullable TokenPooling pooling,
      Path part,
      AuditResult before)
      throws IOException {
    Model changed = opened(part);
    List<Sample> alone = samples.subList(0, Math.min(COMPARED_ALONE, samples.size()));
    Sameness proof = new Sameness(model, changed, alone, options.padId);
    Set<Integer> other = new TreeSet<>(proof.otherMasks());
    boolean pools = pooling != null && pooling.isAnother();
    Sameness.Compared compared = proof.run();
    if (compared.different() > 0) {
      other.addAll(plan.weakWithoutPadding());
    }
    RepairResult.Sameness sameness =
        new RepairResult.Sameness(
            other.isEmpty() && !pools,
            other,
            compared.samples(),
            compared.values(),
            compared.different(),
            compared.largest(),
            compared.optimised(),
            compared.rounding(),
            compared.ratio());
    AuditResult after = audit(changed);
    List<String> wrong = new ArrayList<>();
    double limit = isFused(inserted) || pooling != null ? OTHER_KERNEL * compared.magnitude() : 0;
    if (sameness.expected() && compared.different() > 0 && !(compared.largest() <= limit)) {
      wrong.add(RepairText.notSame(sameness));
    }
    for (Finding finding : after.findings()) {
      Outcome was = outcome(before, finding);
      Outcome is = finding.verdict().outcome();
      if (is == Outcome.FAIL && (counts(finding) || was == Outcome.PASS)) {
        wrong.add(RepairText.stillFails(finding));
      } else if (was == Outcome.PASS && is == Outcome.NO_DATA) {
        wrong.add(RepairText.noLongerAsked(finding));
      }
    }
    inserted.refused().forEach((layer, reason) -> wrong.add(RepairText.refused(layer, reason)));
    if (options.positionsFromMask) {
      stillShifted(before, after).ifPresent(finding -> wrong.add(RepairText.stillShifted(finding)));
    }
    if (pooling != null && options.pooling != null) {
      new PooledOutput(changed, samples, options.padId)
          .difference(options.pooling, pooling)
          .ifPresent(wrong::add);
    }
    return new Proved(sameness, after, wrong);
  }

  /** A fused operator that gets a mask for the first time takes another loop, and rounds so. */
  private boolean isFused(Inserted inserted) {
    return inserted.done().keySet().stream()
        .anyMatch(layer -> !model.attention().found().get(layer).operator().equals("Softmax"));
  }

  /** With a declared mask, what it does not forbid is as it was declared. */
  private boolean counts(Finding finding) {
    return options.mask == null || finding.probe().group() == Probe.Group.DECLARED;
  }

  static Outcome outcome(AuditResult result, Finding like) {
    return result.findings().stream()
        .filter(f -> f.probe() == like.probe() && f.stream().equals(like.stream()))
        .map(f -> f.verdict().outcome())
        .findFirst()
        .orElse(Outcome.NOT_APPLICABLE);
  }

  private Model opened(Path part) throws ModelException {
    Model changed = Model.open(part);
    return model.roles().streams().isEmpty()
        ? changed
        : changed.withSpecialTokens(model.specialTokens(model.roles().streams().getFirst()));
  }

  /**
   * Where padding before or between tokens shifts positions, before first. Other faults that such
   * padding shows hide whether it does.
   */
  static List<Finding> shifted(AuditResult audit) {
    return audit.findings().stream()
        .filter(f -> f.probe() == Probe.PAD_LEFT || f.probe() == Probe.PAD_INTERIOR)
        .filter(f ->
            f.verdict().outcome() == Outcome.PAD_RIGHT_ONLY
                || f.verdict().outcome() == Outcome.FAIL)
        .sorted((a, b) -> Boolean.compare(isInterior(a), isInterior(b)))
        .toList();
  }

  static boolean isInterior(Finding finding) {
    return finding.probe() == Probe.PAD_INTERIOR;
  }

  /** Whether positions are all that padding on the left changes. */
  static boolean countsPadding(Finding finding) {
    return finding.probe() == Probe.PAD_LEFT
        && finding.verdict().cause() == Cause.Kind.POSITIONS_FROM_ROW_START;
  }

  /** Whether the model takes positions and does not read them. */
  static boolean ignoresPositions(AuditResult audit) {
    return audit.findings().stream()
        .filter(finding -> finding.verdict().outcome() == Outcome.FAIL)
        .map(finding -> finding.verdict().cause())
        .anyMatch(cause ->
            cause == Cause.Kind.POSITIONS_IGNORED || cause == Cause.Kind.GIVEN_POSITIONS_IGNORED);
  }

  /** Padding between tokens also shifts the windows of masks, which stay. */
  private static Optional<Finding> stillShifted(AuditResult before, AuditResult after) {
    List<Finding> now = shifted(after);
    boolean better = now.size() < shifted(before).size();
    return now.stream().filter(finding -> !better || !isInterior(finding)).findFirst();
  }
}
