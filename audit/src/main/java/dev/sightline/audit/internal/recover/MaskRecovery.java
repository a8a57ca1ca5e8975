package dev.sightline.audit.internal.recover;

import dev.sightline.audit.internal.recover.MaskReader.SiteCells;
import dev.sightline.audit.result.ModelMask.Kind;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskObservation;
import dev.sightline.mask.MaskSample;
import dev.sightline.mask.RecoveredMask;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the mask of every attention and finds its expression. Equal cells are fitted once. */
public final class MaskRecovery {
  /** Wav2Vec2 makes a frame of 320 values, which is the most that is common. */
  private static final int MOST_POSITIONS_A_FRAME = 400;

  private final Map<List<MaskObservation>, RecoveredMask> fitted = new HashMap<>();
  private final List<String> notes = new ArrayList<>();

  private MaskRecovery() {}

  /**
   * The masks of a model.
   *
   * @param attentions in order of execution
   * @param notes what was left out, for a person
   */
  public record Recovered(List<Attention> attentions, List<String> notes) {
    public Recovered {
      attentions = List.copyOf(attentions);
      notes = List.copyOf(notes);
    }
  }

  /**
   * The mask of an attention.
   *
   * @param heads by what they allow; empty if it could not be read
   * @param whyNotRead empty if it was
   * @param guessed whether its own cells say which keys are real
   * @param penalty what is added to padded keys without forbidding them; null if nothing is
   */
  public record Attention(
      AttentionSite site,
      List<Heads> heads,
      String whyNotRead,
      boolean guessed,
      @Nullable Float penalty) {
    public Attention {
      heads = List.copyOf(heads);
    }
  }

  /** The mask of the samples of a kind. */
  public record Case(Kind kind, RecoveredMask mask) {}

  /**
   * Heads that allow the same.
   *
   * @param mask of all samples
   * @param cases the masks of some samples each, where that of all has no expression
   * @param observations the cells, sample by sample
   * @param notInside whether the mask leaves out the samples with padding inside
   */
  public record Heads(
      List<Integer> heads,
      RecoveredMask mask,
      List<Case> cases,
      List<MaskObservation> observations,
      boolean notInside) {
    public Heads {
      heads = List.copyOf(heads);
      cases = List.copyOf(cases);
      observations = List.copyOf(observations);
    }
  }

  /**
   * Reads a model over made-up samples.
   *
   * @param longest the longest sample; not positive for the default
   * @throws ModelException if it refuses all of them, or nothing tells which ids there are
   */
  public static Recovered madeUp(Model model, RandomTokens tokens, long padId, int longest)
      throws ModelException {
    int length = longest > 0 ? longest : MaskRuns.LONGEST;
    List<MaskRun> runs = new MaskRuns(model, tokens, padId).madeUp(length, 1);
    MaskReader reader = new MaskReader(model);
    Map<AttentionSite, SiteCells> cells = reader.read(runs);
    int scale = scale(runs, cells);
    if (scale > 1) {
      reader = new MaskReader(model);
      cells = reader.read(new MaskRuns(model, tokens, padId).madeUp(length, scale));
    }
    return new MaskRecovery().recover(model, reader, cells);
  }

  /**
   * Reads what a model with weak fills was meant to forbid, over made-up samples. What is added to
   * padded keys is told whether it forbids or not.
   *
   * @throws ModelException if it refuses all of them, or nothing tells which ids there are
   */
  public static Recovered meant(Model model, RandomTokens tokens, long padId)
      throws ModelException {
    MaskReader reader = new MaskReader(model, true);
    return new MaskRecovery()
        .recover(
            model,
            reader,
            reader.read(new MaskRuns(model, tokens, padId).madeUp(MaskRuns.LONGEST, 1)));
  }

  /**
   * Reads a model over given samples.
   *
   * @throws ModelException if it refuses all of them
   */
  public static Recovered given(Model model, List<Sample> samples, long padId)
      throws ModelException {
    MaskReader reader = new MaskReader(model);
    Map<AttentionSite, SiteCells> cells = reader.read(MaskRuns.given(model, samples, padId));
    return new MaskRecovery().recover(model, reader, cells);
  }

  /**
   * Reads the cells of a model over given samples.
   *
   * @return by attention and head, sample by sample
   * @throws ModelException if it refuses all of them
   */
  public static Map<Integer, Map<Integer, List<MaskObservation>>> cells(
      Model model, List<Sample> samples, long padId) throws ModelException {
    Map<Integer, Map<Integer, List<MaskObservation>>> cells = new HashMap<>();
    new MaskReader(model)
        .read(MaskRuns.given(model, samples, padId))
        .forEach((site, own) -> cells.put(site.layer(), own.byHead()));
    return cells;
  }

  /** Frames of audio are many positions of the input each, and one or two frames tell nothing. */
  private static int scale(List<MaskRun> runs, Map<AttentionSite, SiteCells> cells) {
    int keys = 0;
    for (SiteCells own : cells.values()) {
      if (!own.isGuessed()) {
        return 1;
      }
      for (MaskObservation seen : own.byHead().getOrDefault(0, List.of())) {
        keys = Math.max(keys, seen.sample().keys());
      }
    }
    int width = 0;
    for (MaskRun run : runs) {
      width = Math.max(width, run.batch().joint().size());
    }
    return keys == 0 ? 1 : Math.min(MOST_POSITIONS_A_FRAME, width / keys);
  }

  private Recovered recover(Model model, MaskReader reader, Map<AttentionSite, SiteCells> cells) {
    notes.addAll(reader.notes());
    List<Attention> attentions = new ArrayList<>();
    for (AttentionSite site : model.attention().found()) {
      SiteCells own = cells.get(site);
      if (own == null) {
        String reason = site.whyNotReadable();
        attentions.add(
            new Attention(
                site,
                List.of(),
                reason.isEmpty() ? "its scores have no layout that is known" : reason,
                false,
                null));
      } else if (own.isChanging()) {
        String reason = "its number of heads changes with the length, so its axes are not tokens";
        attentions.add(new Attention(site, List.of(), reason, false, null));
      } else {
        attentions.add(new Attention(site, heads(own), "", own.isGuessed(), own.penalty()));
      }
    }
    return new Recovered(attentions, notes);
  }

  private List<Heads> heads(SiteCells cells) {
    Map<List<MaskObservation>, List<Integer>> alike = new LinkedHashMap<>();
    cells
        .byHead()
        .forEach((head, seen) -> alike.computeIfAbsent(seen, s -> new ArrayList<>()).add(head));
    List<Heads> heads = new ArrayList<>();
    alike.forEach((seen, numbers) -> heads.add(heads(numbers, seen, cells.padded())));
    return heads;
  }

  private Heads heads(List<Integer> numbers, List<MaskObservation> seen, List<Boolean> padded) {
    List<Boolean> cached = seen.stream().map(o -> isStep(o.sample())).toList();
    RecoveredMask all = ofAll(seen, cached);
    List<Case> cases = List.of();
    boolean notInside = false;
    if (all.mask().isEmpty()) {
      cases = cases(seen, cached, Kind.AT_ONCE, Kind.IN_STEPS);
    }
    if (all.mask().isEmpty() && cases.isEmpty()) {
      cases = cases(seen, padded, Kind.UNPADDED, Kind.PADDED);
    }
    if (all.mask().isEmpty() && cases.isEmpty()) {
      List<MaskObservation> outside =
          seen.stream().filter(o -> !isPaddedInside(o.sample())).toList();
      RecoveredMask ofThose = outside.isEmpty() ? all : fit(outside);
      notInside = ofThose.mask().isPresent();
      all = notInside ? ofThose : all;
    }
    return new Heads(numbers, all, cases, seen, notInside);
  }

  /** The mask of the samples that run at once, if it is that of the steps over a cache as well. */
  private RecoveredMask ofAll(List<MaskObservation> seen, List<Boolean> cached) {
    if (!cached.contains(true) || !cached.contains(false)) {
      return fit(seen);
    }
    RecoveredMask atOnce = fit(where(seen, cached, false));
    Mask mask = atOnce.mask().orElse(null);
    boolean holds =
        mask != null
            && where(seen, cached, true).stream().allMatch(step -> MaskComparer.agrees(step, mask));
    return holds ? atOnce : fit(seen);
  }

  private static boolean isStep(MaskSample sample) {
    return sample.sameTokens() && sample.queries() < sample.keys();
  }

  /** The masks of both kinds of samples; none if there is but one, or one has no expression. */
  private List<Case> cases(
      List<MaskObservation> seen, List<Boolean> second, Kind without, Kind with) {
    if (!second.contains(true) || !second.contains(false)) {
      return List.of();
    }
    RecoveredMask first = fit(where(seen, second, false));
    RecoveredMask other = fit(where(seen, second, true));
    return first.mask().isEmpty() || other.mask().isEmpty()
        ? List.of()
        : List.of(new Case(without, first), new Case(with, other));
  }

  private static List<MaskObservation> where(
      List<MaskObservation> seen, List<Boolean> property, boolean wanted) {
    List<MaskObservation> some = new ArrayList<>();
    for (int n = 0; n < seen.size(); n++) {
      if (property.get(n) == wanted) {
        some.add(seen.get(n));
      }
    }
    return some;
  }

  private static boolean isPaddedInside(MaskSample sample) {
    int runs = 0;
    for (int k = 0; k < sample.keys(); k++) {
      runs += sample.isRealKey(k) && (k == 0 || !sample.isRealKey(k - 1)) ? 1 : 0;
    }
    return runs > 1;
  }

  private RecoveredMask fit(List<MaskObservation> seen) {
    return fitted.computeIfAbsent(List.copyOf(seen), RecoveredMask::of);
  }
}
