package dev.sightline.repair;

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
import dev.sightline.repair.RepairProof.Proved;
import dev.sightline.repair.RepairResult.FurtherChange;
import dev.sightline.repair.RepairResult.MaskChange;
import dev.sightline.repair.RepairResult.NodeChange;
import dev.sightline.repair.RepairResult.Refusal;
import dev.sightline.repair.internal.plan.FurtherEdit;
import dev.sightline.repair.internal.plan.MaskInsertion;
import dev.sightline.repair.internal.plan.MaskInsertion.Inserted;
import dev.sightline.repair.internal.plan.MaskPlan;
import dev.sightline.repair.internal.plan.OwnCells;
import dev.sightline.repair.internal.plan.SiteAxes;
import dev.sightline.repair.internal.plan.TokenPooling;
import dev.sightline.repair.internal.plan.TokenPositions;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One repair: audit, plan, edit, proof. */
final class RepairRun {
  /** Where masks are right, those that seem right are left alone. */
  private static final boolean[] ONLY_WRONG = {false};

  private final Model model;
  private final Repair.Options options;
  private final List<Sample> samples;
  private final Path file;
  private final ModelWriter writer;
  private final RepairProof proof;
  private final List<Path> parts = new ArrayList<>();
  private final List<Path> copies = new ArrayList<>();
  private final List<Refusal> furtherRefused = new ArrayList<>();
  private @Nullable TokenPositions positions;
  private @Nullable TokenPooling pooling;

  RepairRun(Model given, Repair.Options options, List<Sample> samples, Path file)
      throws ModelException {
    this.model = ModelExperiments.resolve(given, options.padId, Optional.empty());
    this.options = options;
    this.samples = List.copyOf(samples);
    this.file = file;
    this.writer = new ModelWriter(ParsedModel.of(model));
    this.proof = new RepairProof(model, options, this.samples);
  }

  /** A changed model, the file that it was written to, and what is proved of it. */
  private record Attempt(MaskPlan plan, Inserted inserted, Path part, Proved proved) {
    List<String> wrong() {
      return proved.wrong();
    }
  }

  RepairResult run() throws IOException {
    writer.requireOther(file);
    requireLayers();
    requireFreeName();
    AuditResult before = proof.audit(model);
    if (isRight(before)) {
      return ended(RepairResult.Outcome.WAS_RIGHT, before, List.of());
    }
    findFurther(before);
    boolean wantsMasks =
        options.mask != null || options.addedMask != null || !before.faults().isEmpty();
    if (!wantsMasks && further().isEmpty()) {
      return ended(RepairResult.Outcome.NO_CURE, before, reasons(before));
    }
    List<Refusal> outside = withoutAttention();
    if (!outside.isEmpty() && further().isEmpty()) {
      return ended(RepairResult.Outcome.NO_CURE, before, outside);
    }
    SiteAxes axes = SiteAxes.of(model, samples.getFirst(), options.padId);
    try {
      Attempt best = null;
      List<Refusal> refused = unknownTokens(before, axes);
      if (refused.isEmpty()) {
        refused = reasons(before);
      }
      for (MaskPlan plan : plans(before, axes)) {
        Inserted inserted =
            new MaskInsertion(model, axes, options.fill, options.addedMask, further()).insert(plan);
        if (inserted.done().isEmpty() && further().isEmpty()) {
          refused = inserted.refused().isEmpty() ? refused : refusals(inserted);
          continue;
        }
        Path part = part();
        write(inserted, part);
        Attempt attempt =
            new Attempt(plan, inserted, part, proof.of(plan, inserted, pooling, part, before));
        if (best == null || attempt.wrong().size() < best.wrong().size()) {
          best = attempt;
        }
        if (attempt.wrong().isEmpty()) {
          break;
        }
      }
      return best == null || curesNothing(before, best)
          ? ended(RepairResult.Outcome.NO_CURE, before, refused)
          : finish(best, before);
    } finally {
      for (Path part : parts) {
        Files.deleteIfExists(part);
      }
      for (Path copy : copies) {
        Files.deleteIfExists(copy);
      }
    }
  }

  /** Messages name the file that was asked for, and not the one beside it. */
  private void write(Inserted inserted, Path part) throws IOException {
    try {
      copies.addAll(writer.write(inserted.changed(), part));
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      throw new IOException(message.replace(part.toString(), file.toString()), e);
    }
  }

  /** A new file beside the target, where weights in other files are found as they will be. */
  private Path part() {
    Path part = file.toAbsolutePath().normalize().resolveSibling(".sightline-" + UUID.randomUUID());
    parts.add(part);
    return part;
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

  /** Whether there is nothing to do. */
  private boolean isRight(AuditResult audit) {
    boolean shifts = options.positionsFromMask && !RepairProof.shifted(audit).isEmpty();
    boolean pools =
        options.pooling == null || audit.finding(Probe.POOLING).verdict().outcome() == Outcome.PASS;
    if (options.addedMask != null || shifts || !pools) {
      return false;
    }
    if (options.mask != null) {
      return audit.finding(Probe.DECLARED_INSIDE).verdict().outcome() == Outcome.PASS
          && audit.finding(Probe.DECLARED_OUTSIDE).verdict().outcome() != Outcome.FAIL;
    }
    return audit.faults().isEmpty() && audit.conclusion().summary() != Summary.NO_MASK_INPUT;
  }

  /** Finds what is to be changed beside masks. */
  private void findFurther(AuditResult before) throws ModelException {
    boolean ignored = RepairProof.ignoresPositions(before);
    if (options.positionsFromMask || ignored) {
      try {
        positions =
            TokenPositions.of(
                model, samples, options.padId, options.addedMask, options.positionsFromMask);
      } catch (IllegalArgumentException e) {
        furtherRefused.add(new Refusal(-1, "positions: " + e.getMessage()));
      }
    }
    if (options.pooling != null) {
      boolean fails = before.finding(Probe.POOLING).verdict().outcome() == Outcome.FAIL;
      try {
        pooling =
            TokenPooling.of(
                model, samples, options.padId, options.addedMask, options.pooling, fails);
      } catch (IllegalArgumentException e) {
        furtherRefused.add(new Refusal(-1, "pooling: " + e.getMessage()));
      }
    }
  }

  private List<FurtherEdit> further() {
    List<FurtherEdit> further = new ArrayList<>();
    if (positions != null) {
      further.add(positions);
    }
    if (pooling != null) {
      further.add(pooling);
    }
    return further;
  }

  private List<Refusal> withoutAttention() {
    AttentionSites sites = model.attention();
    if (!sites.found().isEmpty()) {
      return List.of();
    }
    List<Refusal> bodies = inBodies();
    return !bodies.isEmpty()
        ? bodies
        : List.of(
            new Refusal(
                -1,
                sites.rejected().stream()
                    .findFirst()
                    .map(each -> each.node() + ": " + each.reason())
                    .orElse("the model has no attention")));
  }

  /** The attentions in bodies of an If, a Loop or a Scan, into which no mask is put. */
  private List<Refusal> inBodies() {
    return model.attention().rejected().stream()
        .filter(AttentionSites.Rejected::isInBody)
        .map(each -> new Refusal(-1, each.node() + ": " + each.reason()))
        .toList();
  }

  private List<MaskPlan> plans(AuditResult before, SiteAxes axes) {
    if (options.mask != null) {
      options.mask.requireWithin(model.attention().found().size());
      return List.of(MaskPlan.declared(model, options.mask, options.only));
    }
    boolean added = options.addedMask != null;
    List<MaskPlan> plans = new ArrayList<>();
    OwnCells cells = new OwnCells(model, options.padId);
    // An operator may count real tokens from the first slot on, which a mask of its own undoes.
    boolean mayNeedMasks = added || options.positionsFromMask || !before.faults().isEmpty();
    boolean[] ways = mayNeedMasks ? new boolean[] {false, true} : ONLY_WRONG;
    for (boolean all : ways) {
      MaskPlan plan = MaskPlan.of(model, before, axes, all, added, cells).only(options.only);
      if (!plans.contains(plan)) {
        plans.add(plan);
      }
    }
    return plans;
  }

  private RepairResult finish(Attempt attempt, AuditResult before) throws IOException {
    List<Refusal> refused = new ArrayList<>(refusals(attempt.inserted));
    refused.addAll(furtherRefused);
    List<String> wrong = new ArrayList<>(attempt.wrong());
    if (options.pooling != null && pooling == null) {
      furtherRefused.forEach(refusal -> wrong.add(refusal.reason()));
    }
    boolean proved = wrong.isEmpty();
    if (!proved) {
      refused.addAll(inBodies());
    }
    Path written = null;
    if (proved || options.force) {
      AtomicFile.moveInto(attempt.part, file);
      copies.clear(); // they belong to the new model now
      written = file;
    }
    return new RepairResult(
        proved ? RepairResult.Outcome.REPAIRED : RepairResult.Outcome.NOT_PROVED,
        written,
        changes(attempt.inserted, before),
        further(attempt),
        refused,
        attempt.inserted.changes().stream()
            .map(change ->
                new NodeChange(
                    change.kind().name().toLowerCase(Locale.ROOT),
                    change.operator(),
                    change.node(),
                    change.detail()))
            .toList(),
        attempt.proved.sameness(),
        before,
        attempt.proved.audit().named(file.toString()),
        wrong);
  }

  private List<FurtherChange> further(Attempt attempt) {
    List<FurtherChange> further = new ArrayList<>();
    Map<Float, List<Integer>> fills = new TreeMap<>();
    attempt
        .plan
        .weakFills()
        .forEach((layer, fill) -> {
          if (attempt.inserted.done().containsKey(layer)) {
            fills.computeIfAbsent(fill, key -> new ArrayList<>()).add(layer);
          }
        });
    fills.forEach((fill, layers) -> further.add(RepairText.fill(layers, fill, options.fill)));
    attempt
        .inserted
        .further()
        .forEach(each ->
            further.add(new FurtherChange(each.what(), each.node(), each.was(), each.is())));
    return further;
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
        && further().isEmpty()
        && !options.force
        && !attempt.wrong().isEmpty()
        && cures(before, attempt.proved.audit()) == 0;
  }

  /** How many probes failed before and do not fail now. */
  private static long cures(AuditResult before, AuditResult after) {
    return before.findings().stream()
        .filter(finding -> finding.verdict().outcome() == Outcome.FAIL)
        .filter(finding -> RepairProof.outcome(after, finding) != Outcome.FAIL)
        .count();
  }

  /** The attentions that get no mask because no input says which of their keys are padding. */
  private List<Refusal> unknownTokens(AuditResult before, SiteAxes axes) {
    boolean padding =
        before.faults().stream().anyMatch(fault -> fault.cause().probe().showsPadding());
    return model.attention().found().stream()
        .filter(site -> padding && axes.of(site.layer()).isEmpty())
        .map(site -> new Refusal(site.layer(), MaskInsertion.unknownTokens(site)))
        .toList();
  }

  /** Why no mask cures what is wrong. */
  private List<Refusal> reasons(AuditResult before) {
    List<Refusal> reasons = new ArrayList<>(furtherRefused);
    if (before.conclusion().summary() == Summary.NO_MASK_INPUT) {
      reasons.add(new Refusal(-1, RepairText.noMaskInput()));
    }
    if (reasons.isEmpty()) {
      before.faults().forEach(fault -> reasons.add(new Refusal(-1, noCure(fault.cause()))));
    }
    return reasons;
  }

  private String noCure(Finding cause) {
    boolean counts = RepairProof.countsPadding(cause) && !options.positionsFromMask;
    boolean pools = cause.probe() == Probe.POOLING && options.pooling == null;
    return counts
        ? RepairText.positionsFromMask(cause)
        : pools ? RepairText.poolingFails(cause) : RepairText.noCure(cause);
  }

  private static RepairResult ended(
      RepairResult.Outcome outcome, AuditResult before, List<Refusal> refusals) {
    return new RepairResult(
        outcome, null, List.of(), List.of(), refusals, List.of(), null, before, null, List.of());
  }

  /** The model, as messages show it. */
  @Override
  public String toString() {
    return "repair of " + model;
  }
}
