package dev.sightline.audit;

import dev.sightline.audit.internal.judge.CausalStreams;
import dev.sightline.audit.internal.probe.MaskedModel;
import dev.sightline.audit.internal.probe.Site;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Counterfactual;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks all probes again with the mask that the model should have: first at the attentions that are
 * seen to be wrong, then at all. Each costs as much as one batch of the audit, and only where
 * something failed.
 */
final class CounterfactualRun {
  /** Judges the outputs of a model with another mask. */
  @FunctionalInterface
  interface ChangedJudge {
    /** Returns the findings; its attention is not read. */
    List<Finding> findings(ModelProbes probes) throws ModelException;
  }

  private final Model model;
  private final AuditSettings options;
  private final ModelProbes probes;
  private final ChangedJudge judge;
  private final List<Finding> failed;
  private final Set<Integer> causal;

  private CounterfactualRun(
      Model model,
      AuditSettings options,
      ModelProbes probes,
      ChangedJudge judge,
      List<Finding> findings) {
    this.model = model;
    this.options = options;
    this.probes = probes;
    this.judge = judge;
    this.failed = new ArrayList<>(findings);
    failed.removeIf(finding -> !hasFailed(finding) || !isCurable(finding));
    // Those that should be causal are, with the mask that they should have.
    this.causal =
        CausalStreams.of(
            model, findings, outcome -> outcome == Outcome.PASS || outcome == Outcome.FAIL);
  }

  /**
   * Runs it.
   *
   * @param judge judges the outputs of a changed model, whose attention is not read
   * @param wrong the attentions that are seen to be wrong, in order of execution from 0
   * @return null where nothing failed that a mask could be the reason of, or rows mix
   */
  static @Nullable Counterfactual of(
      Model model,
      AuditSettings options,
      ModelProbes probes,
      @Nullable TappedModel inside,
      ChangedJudge judge,
      List<Finding> findings,
      Set<Integer> wrong) {
    List<Site> sites = inside == null ? List.of() : inside.sites();
    CounterfactualRun run = new CounterfactualRun(model, options, probes, judge, findings);
    boolean rowsMix = findings.stream().anyMatch(f -> hasFailed(f) && f.probe() == Probe.NEIGHBOUR);
    Batch batch = probes.mostChanged();
    if (run.failed.isEmpty() || rowsMix || sites.isEmpty() || batch == null) {
      return null;
    }
    try {
      run.leaveOutWhatOtherBatchesShow(batch);
      Counterfactual best = null;
      if (!wrong.isEmpty()) {
        best =
            run.with(sites.stream().filter(site -> wrong.contains(site.layer())).toList(), batch);
      }
      if (best == null || (!best.remaining().isEmpty() && best.layers().size() < sites.size())) {
        Counterfactual all = run.with(sites, batch);
        best = best == null || all.cured().size() > best.cured().size() ? all : best;
      }
      return best;
    } catch (ModelException e) {
      return Counterfactual.untried(String.valueOf(e.getMessage()));
    }
  }

  /** What a batch does not show says nothing if it is not shown with another mask either. */
  private void leaveOutWhatOtherBatchesShow(Batch batch) throws ModelException {
    if (probes.batches() == 1) {
      return;
    }
    ModelProbes again =
        probes.ofChanged(
            (each, names) -> probes.runner.run(each).outputs(),
            options.randomTokens(model),
            options.padId());
    again.probe(batch);
    List<Finding> findings = judge.findings(again);
    failed.removeIf(finding ->
        finding.probe() != Probe.PADDING_MASS
            && findings.stream().noneMatch(f -> isSame(f, finding) && hasFailed(f)));
  }

  private Counterfactual with(List<Site> masked, Batch batch) throws ModelException {
    List<Finding> cured = new ArrayList<>();
    List<Finding> remaining = new ArrayList<>();
    List<Integer> layers = masked.stream().map(Site::layer).toList();
    try (MaskedModel changed = MaskedModel.of(model, masked, causal)) {
      ModelProbes again =
          probes.ofChanged(changed::run, options.randomTokens(model), options.padId());
      again.probe(batch);
      List<Finding> findings = judge.findings(again);
      for (Finding finding : failed) {
        boolean holds =
            finding.probe() == Probe.PADDING_MASS
                ? layers.containsAll(attending(finding))
                : findings.stream().anyMatch(f -> isSame(f, finding) && holds(f));
        (holds ? cured : remaining).add(finding);
      }
    }
    return new Counterfactual(layers, cured, remaining, "");
  }

  private static List<Integer> attending(Finding finding) {
    return finding.verdict().cause() instanceof Cause.AttendsToPadding attends
        ? attends.layers()
        : List.of();
  }

  private static boolean isSame(Finding one, Finding other) {
    return one.probe() == other.probe() && one.stream().equals(other.stream());
  }

  /** Where the control does not change either, that the model as it is does is the control. */
  private static boolean holds(Finding finding) {
    return switch (finding.verdict().outcome()) {
      case PASS, ROUNDING, PAD_RIGHT_ONLY, PAD_LEFT_ONLY, INCONCLUSIVE -> true;
      case BY_DESIGN -> finding.probe() != Probe.CAUSALITY; // a bidirectional model
      case FAIL, NOT_APPLICABLE, NO_DATA -> false;
    };
  }

  private static boolean hasFailed(Finding finding) {
    return finding.verdict().outcome() == Outcome.FAIL;
  }

  /** Whether a mask at the attentions can cure it. */
  private static boolean isCurable(Finding finding) {
    Probe probe = finding.probe();
    return (probe.showsPadding() || probe == Probe.POOLING || probe == Probe.CAUSALITY)
        && !(finding.verdict().cause() instanceof Cause.OtherPooling);
  }
}
