package dev.sightline.repair;

import dev.sightline.audit.Audit;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Summary;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.model.ModelWriter;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.repair.RepairResult.MaskChange;
import dev.sightline.repair.RepairResult.NodeChange;
import dev.sightline.repair.RepairResult.Refusal;
import dev.sightline.repair.internal.plan.MaskInsertion;
import dev.sightline.repair.internal.plan.MaskInsertion.Inserted;
import dev.sightline.repair.internal.plan.MaskPlan;
import dev.sightline.repair.internal.plan.OwnCells;
import dev.sightline.repair.internal.plan.SiteAxes;
import dev.sightline.repair.internal.proof.Sameness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One repair: audit, plan, edit, proof. */
final class RepairRun {
  private static final int COMPARED_ALONE = 4;

  /** Relative; measured 4e-7 for MultiHeadAttention with a bias in place of none. */
  private static final double OTHER_KERNEL = 1e-5;

  private final Model model;
  private final Repair.Options options;
  private final List<Sample> samples;
  private final Path file;
  private final ModelWriter writer;
  private final List<Path> copies = new ArrayList<>();

  RepairRun(Model given, Repair.Options options, List<Sample> samples, Path file)
      throws ModelException {
    this.model = ModelExperiments.resolve(given, options.padId, Optional.empty());
    this.options = options;
    this.samples = List.copyOf(samples);
    this.file = file;
    this.writer = new ModelWriter(ParsedModel.of(model));
  }

  /** A changed model and what is proved of it. */
  private record Attempt(
      Inserted inserted, RepairResult.Sameness sameness, AuditResult audit, List<String> wrong) {}

  RepairResult run() throws IOException {
    writer.requireOther(file);
    requireLayers();
    requireFreeName();
    AuditResult before = audit(model);
    if (isRight(before)) {
      return ended(RepairResult.Outcome.WAS_RIGHT, before, List.of());
    }
    List<Refusal> outside = withoutAttention();
    if (!outside.isEmpty()) {
      return ended(RepairResult.Outcome.NO_CURE, before, outside);
    }
    SiteAxes axes = SiteAxes.of(model, samples.getFirst(), options.padId);
    // Beside the file, where weights in other files are found as they will be.
    Path folder = file.toAbsolutePath().normalize().getParent();
    Path part = Files.createTempFile(folder, "sightline-", ".onnx");
    try {
      Attempt best = null;
      List<Refusal> refused = reasons(before);
      for (MaskPlan plan : plans(before, axes)) {
        Inserted inserted =
            new MaskInsertion(model, axes, options.fill, options.addedMask).insert(plan);
        if (inserted.done().isEmpty()) {
          refused = inserted.refused().isEmpty() ? refused : refusals(inserted);
          continue;
        }
        copies.addAll(writer.write(inserted.changed(), part));
        Attempt attempt = prove(inserted, part, before);
        if (best == null || attempt.wrong.size() < best.wrong.size()) {
          best = attempt;
        }
        if (attempt.wrong.isEmpty()) {
          break;
        }
      }
      return best == null || curesNothing(before, best)
          ? ended(RepairResult.Outcome.NO_CURE, before, refused)
          : finish(best, before);
    } finally {
      Files.deleteIfExists(part);
      for (Path copy : copies) {
        Files.deleteIfExists(copy);
      }
    }
  }

  private void requireLayers() {
    int attentions = model.attention().found().size();
    for (int layer : options.only) {
      if (layer < 0 || layer >= attentions) {
        throw new IllegalArgumentException(
            "a repair of attention "
                + layer
                + " is asked for, but the model has "
                + attentions
                + (attentions > 0 ? ", counted from 0" : ""));
      }
    }
  }

  private void requireFreeName() throws ModelException {
    String name = options.addedMask;
    if (name == null) {
      return;
    }
    if (model.roles().streams().isEmpty()) {
      throw new ModelException(model + " reads no tokens, so a mask input would be of nothing");
    }
    boolean taken =
        model.inputs().stream().anyMatch(input -> input.name().equals(name))
            || ParsedModel.of(model).graph().producer(name) != null
            || ParsedModel.of(model).proto().getGraph().getInitializerList().stream()
                .anyMatch(constant -> constant.getName().equals(name));
    if (taken) {
      throw new ModelException(model + " has a tensor '" + name + "' already");
    }
  }

  private AuditResult audit(Model audited) throws IOException {
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

  /** Whether there is nothing to do. */
  private boolean isRight(AuditResult audit) {
    if (options.addedMask != null) {
      return false;
    }
    if (options.mask != null) {
      return audit.finding(Probe.DECLARED_INSIDE).verdict().outcome() == Outcome.PASS
          && audit.finding(Probe.DECLARED_OUTSIDE).verdict().outcome() != Outcome.FAIL;
    }
    return audit.faults().isEmpty();
  }

  private List<Refusal> withoutAttention() {
    AttentionSites sites = model.attention();
    if (!sites.found().isEmpty()) {
      return List.of();
    }
    return List.of(
        new Refusal(
            -1,
            sites.rejected().stream()
                .findFirst()
                .map(each -> each.node() + ": " + each.reason())
                .orElse("the model has no attention")));
  }

  private List<MaskPlan> plans(AuditResult before, SiteAxes axes) {
    if (options.mask != null) {
      options.mask.requireWithin(model.attention().found().size());
      return List.of(MaskPlan.declared(model, options.mask, options.only));
    }
    boolean added = options.addedMask != null;
    List<MaskPlan> plans = new ArrayList<>();
    OwnCells cells = new OwnCells(model, options.padId);
    for (boolean all : new boolean[] {false, true}) {
      MaskPlan plan = MaskPlan.of(model, before, axes, all, added, cells).only(options.only);
      if (!plans.contains(plan)) {
        plans.add(plan);
      }
    }
    return plans;
  }

  private Attempt prove(Inserted inserted, Path part, AuditResult before) throws IOException {
    Model changed = opened(part);
    List<Sample> alone = samples.subList(0, Math.min(COMPARED_ALONE, samples.size()));
    Sameness proof = new Sameness(model, changed, alone, options.padId);
    Set<Integer> other = new TreeSet<>(proof.otherMasks());
    Sameness.Compared compared = proof.run();
    RepairResult.Sameness sameness =
        new RepairResult.Sameness(
            other.isEmpty(),
            other,
            compared.samples(),
            compared.values(),
            compared.different(),
            compared.largest(),
            compared.optimised(),
            compared.rounding(),
            compared.ratio());
    AuditResult after = audit(changed).named(file.toString());
    List<String> wrong = new ArrayList<>();
    double limit = isFused(inserted) ? OTHER_KERNEL * compared.magnitude() : 0;
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
    return new Attempt(inserted, sameness, after, wrong);
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

  private static Outcome outcome(AuditResult result, Finding like) {
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

  private RepairResult finish(Attempt attempt, AuditResult before) throws IOException {
    boolean proved = attempt.wrong.isEmpty();
    Path written = null;
    if (proved || options.force) {
      writer.write(attempt.inserted.changed(), file);
      copies.clear(); // they belong to the new model now
      written = file;
    }
    return new RepairResult(
        proved ? RepairResult.Outcome.REPAIRED : RepairResult.Outcome.NOT_PROVED,
        written,
        changes(attempt.inserted, before),
        refusals(attempt.inserted),
        attempt.inserted.changes().stream()
            .map(change ->
                new NodeChange(
                    change.kind().name().toLowerCase(Locale.ROOT),
                    change.operator(),
                    change.node(),
                    change.detail()))
            .toList(),
        attempt.sameness,
        before,
        attempt.audit,
        attempt.wrong);
  }

  private List<MaskChange> changes(Inserted inserted, AuditResult before) {
    Map<Integer, String> was = new TreeMap<>();
    if (before.mask() != null) {
      for (ModelMask.Layer layer : before.mask().layers()) {
        was.put(layer.layer(), RepairText.masks(layer));
      }
    }
    List<MaskChange> changes = new ArrayList<>();
    for (Map.Entry<Integer, Mask> each : new TreeMap<>(inserted.done()).entrySet()) {
      AttentionSite site = model.attention().found().get(each.getKey());
      changes.add(
          new MaskChange(
              each.getKey(),
              site.node(),
              was.getOrDefault(each.getKey(), ""),
              each.getValue().toString()));
    }
    return changes;
  }

  private static List<Refusal> refusals(Inserted inserted) {
    List<Refusal> refusals = new ArrayList<>();
    new TreeMap<>(inserted.refused())
        .forEach((layer, reason) -> refusals.add(new Refusal(layer, reason)));
    return refusals;
  }

  /** Whether masks that were found by the audit changed nothing about what it found. */
  private boolean curesNothing(AuditResult before, Attempt attempt) {
    return options.mask == null
        && options.addedMask == null
        && !options.force
        && !attempt.wrong.isEmpty()
        && cures(before, attempt.audit) == 0;
  }

  /** How many probes failed before and do not fail now. */
  private static long cures(AuditResult before, AuditResult after) {
    return before.findings().stream()
        .filter(finding -> finding.verdict().outcome() == Outcome.FAIL)
        .filter(finding -> outcome(after, finding) != Outcome.FAIL)
        .count();
  }

  /** Why no mask cures what is wrong. */
  private static List<Refusal> reasons(AuditResult before) {
    return before.conclusion().summary() == Summary.NO_MASK_INPUT
        ? List.of(new Refusal(-1, RepairText.noMaskInput()))
        : before.faults().stream()
            .map(fault -> new Refusal(-1, RepairText.noCure(fault.cause())))
            .toList();
  }

  private static RepairResult ended(
      RepairResult.Outcome outcome, AuditResult before, List<Refusal> refusals) {
    return new RepairResult(
        outcome, null, List.of(), refusals, List.of(), null, before, null, List.of());
  }

  /** The model, as messages show it. */
  @Override
  public String toString() {
    return "repair of " + model;
  }
}
