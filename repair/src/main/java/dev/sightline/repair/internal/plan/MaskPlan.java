package dev.sightline.repair.internal.plan;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.repair.internal.plan.OwnCells.Filled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which attentions of a model get which mask. A mask that was declared is taken as it is. Else each
 * attention keeps what its own mask says besides padding, hides padded keys where an input says
 * which they are, and is causal where the audit says that its tokens must not see later ones.
 *
 * @param layers the new masks by attention
 * @param weakFills what is added to forbidden keys so far and does not keep them out
 * @param refused why others that need one get none, by attention
 */
public record MaskPlan(
    SortedMap<Integer, Mask> layers,
    SortedMap<Integer, Float> weakFills,
    SortedMap<Integer, String> refused) {
  public MaskPlan {
    weakFills = Collections.unmodifiableSortedMap(new TreeMap<>(weakFills));
    layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
    refused = Collections.unmodifiableSortedMap(new TreeMap<>(refused));
  }

  /** The masks that were declared, for some attentions only if those are given. */
  public static MaskPlan declared(Model model, Expectation expectation, Set<Integer> only) {
    TreeMap<Integer, Mask> layers = new TreeMap<>();
    for (AttentionSite site : model.attention().found()) {
      if (only.isEmpty() || only.contains(site.layer())) {
        expectation.of(site.layer()).ifPresent(mask -> layers.put(site.layer(), ofAnyRows(mask)));
      }
    }
    return new MaskPlan(layers, new TreeMap<>(), new TreeMap<>());
  }

  private static Mask ofAnyRows(Mask mask) {
    if (mask.batchRows() > 1) {
      throw new IllegalArgumentException(
          "the mask is about "
              + mask.batchRows()
              + " batch rows, and a model takes any number of them; write padding or key-padding"
              + " without numbers, which read the model's own mask input");
    }
    return mask;
  }

  /**
   * The attentions whose weak fill is meant to forbid more than padding, so that what it lets
   * through changes outputs without padding too.
   */
  public Set<Integer> weakWithoutPadding() {
    Set<Integer> weak = new HashSet<>(weakFills.keySet());
    weak.removeIf(layer -> {
      Mask mask = layers.get(layer);
      return mask == null || Structure.of(mask).equals(Mask.full());
    });
    return weak;
  }

  /** The plan of some attentions, of all if none are given. */
  public MaskPlan only(Set<Integer> attentions) {
    TreeMap<Integer, Mask> some = new TreeMap<>(layers);
    some.keySet().removeIf(layer -> !attentions.isEmpty() && !attentions.contains(layer));
    TreeMap<Integer, String> others = new TreeMap<>(refused);
    others.keySet().removeIf(layer -> !attentions.isEmpty() && !attentions.contains(layer));
    return new MaskPlan(some, weakFills, others);
  }

  /**
   * What an audit shows to be wrong.
   *
   * @param all whether attentions that seem right get a new mask as well
   * @param addedMask whether the first stream gets a mask input
   * @param cells what attentions allow whose masks are no expression
   */
  public static MaskPlan of(
      Model model,
      AuditResult audit,
      SiteAxes axes,
      boolean all,
      boolean addedMask,
      OwnCells cells) {
    return new Finder(model, audit, axes, all, addedMask, cells).find();
  }

  /** Finds what is wrong. */
  private static final class Finder {
    private final Model model;
    private final AuditResult audit;
    private final SiteAxes axes;
    private final boolean all;
    private final boolean addedMask;
    private final OwnCells cells;
    private final Map<Integer, ModelMask.Layer> read = new HashMap<>();
    private final Set<String> mustBeCausal = new HashSet<>();
    private final boolean paddingFails;

    Finder(
        Model model,
        AuditResult audit,
        SiteAxes axes,
        boolean all,
        boolean addedMask,
        OwnCells cells) {
      this.model = model;
      this.audit = audit;
      this.axes = axes;
      this.all = all;
      this.addedMask = addedMask;
      this.cells = cells;
      if (audit.mask() != null) {
        audit.mask().layers().forEach(layer -> read.put(layer.layer(), layer));
      }
      List<Finding> failed =
          audit.findings().stream()
              .filter(finding -> finding.verdict().outcome() == Outcome.FAIL)
              .toList();
      failed.stream()
          .filter(finding -> finding.probe() == Probe.CAUSALITY)
          .forEach(finding -> mustBeCausal.add(finding.stream()));
      paddingFails =
          addedMask || failed.stream().anyMatch(finding -> finding.probe().showsPadding());
    }

    MaskPlan find() {
      TreeMap<Integer, Mask> layers = new TreeMap<>();
      TreeMap<Integer, Float> weakFills = new TreeMap<>();
      TreeMap<Integer, String> refused = new TreeMap<>();
      for (AttentionSite site : model.attention().found()) {
        TokenAxis.Pair pair = axes.of(site.layer()).map(SiteAxes.Axes::pair).orElse(null);
        if (pair == null) {
          continue;
        }
        List<Mask> implemented = masks(site.layer());
        boolean hides = saysPadding(pair) && paddingFails;
        Optional<Filled> filled =
            hides && isSeen(site.layer()) ? cells.filled(site.layer()) : Optional.empty();
        if (filled.isPresent()) {
          weakFills.put(site.layer(), filled.get().value());
          implemented = filled.get().mask().map(List::of).orElse(implemented);
        }
        boolean known = !implemented.isEmpty();
        boolean causal = site.source() != Source.CROSS && mustBeCausal(pair);
        List<Mask> wanted = new ArrayList<>();
        Optional<Mask> guess =
            known ? Optional.empty() : cells.structure(site.layer(), causal).or(this::usual);
        if (!known && guess.isEmpty()) {
          refused.put(
              site.layer(),
              "what it allows is no mask of the language, and the other attentions have several; "
                  + "say which it should have, as in --mask \""
                  + site.layer()
                  + ": causal\"");
          continue;
        }
        for (Mask mask : known ? implemented : guess.stream().toList()) {
          Mask structure = Structure.of(mask);
          structure = causal ? Structure.causal(structure) : structure;
          wanted.add(saysPadding(pair) ? Structure.overRealKeys(structure) : structure);
        }
        boolean wrong =
            !known
                || (hides && isSeen(site.layer()))
                || implemented.stream()
                    .anyMatch(mask ->
                        (hides && !Structure.hidesPadding(mask))
                            || (causal && !Structure.isCausal(mask)));
        if ((wrong || all) && (hides || causal || all)) {
          layers.put(site.layer(), together(site.layer(), wanted));
        }
      }
      return new MaskPlan(layers, weakFills, refused);
    }

    /**
     * The mask of the other attentions, for one that cannot be read; empty if they have several.
     */
    private Optional<Mask> usual() {
      Set<Mask> others = new HashSet<>();
      for (AttentionSite site : model.attention().found()) {
        if (site.source() != Source.CROSS) {
          masks(site.layer()).forEach(mask -> others.add(Structure.of(mask)));
        }
      }
      if (others.isEmpty()) {
        return Optional.of(isCausalByItself() ? Mask.causal() : Mask.full());
      }
      return others.size() == 1 ? others.stream().findFirst() : Optional.empty();
    }

    private boolean isCausalByItself() {
      return audit.findings().stream()
          .anyMatch(finding ->
              finding.probe() == Probe.CAUSALITY && finding.verdict().outcome() == Outcome.PASS);
    }

    private boolean mustBeCausal(TokenAxis.Pair pair) {
      return mustBeCausal.contains("")
          || pair.queries().streams().stream()
              .map(s -> model.roles().streams().get(s).name())
              .anyMatch(mustBeCausal::contains);
    }

    private boolean saysPadding(TokenAxis.Pair pair) {
      for (int s : pair.keys().streams()) {
        TokenStream stream = model.roles().streams().get(s);
        if (stream.marksPadding() || (s == 0 && addedMask)) {
          return true;
        }
      }
      return false;
    }

    /** Whether padding gets a share of an attention. */
    private boolean isSeen(int layer) {
      PaddingMass mass = audit.paddingMass();
      return mass != null
          && mass.layers().stream()
              .filter(each -> each.layer() == layer)
              .anyMatch(each -> each.max().stream().anyMatch(share -> share != 0));
    }

    /** The masks of an attention's heads, by head where they differ; none if they are not known. */
    private List<Mask> masks(int layer) {
      ModelMask.Layer known = read.get(layer);
      if (known == null || known.heads().isEmpty()) {
        return List.of();
      }
      List<Mask> masks = new ArrayList<>();
      for (ModelMask.Heads heads : known.heads()) {
        Optional<String> text = text(heads);
        if (text.isEmpty()) {
          return List.of();
        }
        masks.add(Mask.parse(text.get()));
      }
      return masks;
    }

    private static Optional<String> text(ModelMask.Heads heads) {
      if (!heads.mask().isEmpty() && !heads.byCells()) {
        return Optional.of(heads.mask());
      }
      return heads.cases().stream()
          .filter(each ->
              each.kind() == ModelMask.Kind.UNPADDED || each.kind() == ModelMask.Kind.AT_ONCE)
          .map(ModelMask.Case::mask)
          .filter(mask -> !mask.isEmpty())
          .findFirst();
    }

    /** One mask for all heads where all are alike. */
    private Mask together(int layer, List<Mask> masks) {
      if (masks.stream().distinct().count() == 1) {
        return masks.getFirst();
      }
      ModelMask.@Nullable Layer known = read.get(layer);
      TreeMap<Integer, Mask> byHead = new TreeMap<>();
      for (int g = 0; g < masks.size(); g++) {
        for (int head : known == null ? List.<Integer>of() : known.heads().get(g).heads()) {
          byHead.put(head, masks.get(g));
        }
      }
      return Mask.perHead(byHead.values().toArray(Mask[]::new));
    }
  }
}
