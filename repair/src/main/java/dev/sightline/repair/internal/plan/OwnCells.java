package dev.sightline.repair.internal.plan;

import dev.sightline.audit.Audit;
import dev.sightline.audit.internal.recover.MaskRecovery;
import dev.sightline.audit.internal.recover.MaskRecovery.Attention;
import dev.sightline.audit.internal.recover.MaskRecovery.Heads;
import dev.sightline.data.RandomTokens;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskObservation;
import dev.sightline.mask.MaskSample;
import dev.sightline.mask.RecoveredMask;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What attentions allow whose masks are no expression, because what is wrong with them is none:
 * without it they may be one. A window that is shifted by a token is one again once later tokens
 * are left out. The model is read only if that is asked for.
 */
public final class OwnCells {
  private final Model model;
  private final long padId;
  private @Nullable List<Attention> read;
  private @Nullable List<Attention> meant;

  /** The cells of a model. */
  public OwnCells(Model model, long padId) {
    this.model = model;
    this.padId = padId;
  }

  /**
   * The mask of an attention over samples without padding, without later tokens if it must be
   * causal; empty if it is none, or heads differ.
   */
  Optional<Mask> structure(int layer, boolean causal) {
    Attention attention = attentions().size() > layer ? attentions().get(layer) : null;
    if (attention == null || attention.heads().isEmpty()) {
      return Optional.empty();
    }
    List<Optional<Mask>> masks =
        attention.heads().stream().map(heads -> structure(heads, causal)).distinct().toList();
    return masks.size() == 1 ? masks.getFirst() : Optional.empty();
  }

  private static Optional<Mask> structure(Heads heads, boolean causal) {
    List<MaskObservation> seen =
        heads.observations().stream()
            .filter(o -> isUnpadded(o) && o.sample().queries() == o.sample().keys())
            .map(o -> MaskObservation.of(o.sample(), cells(o, causal)))
            .toList();
    if (seen.isEmpty()) {
      return Optional.empty();
    }
    RecoveredMask recovered = RecoveredMask.of(seen);
    return recovered.byCells() ? Optional.empty() : recovered.mask();
  }

  /** Whether all keys of a sample are real tokens. */
  public static boolean isUnpadded(MaskObservation seen) {
    MaskSample sample = seen.sample();
    return IntStream.range(0, sample.keys()).allMatch(sample::isRealKey);
  }

  private static boolean[][] cells(MaskObservation seen, boolean causal) {
    boolean[][] cells = new boolean[seen.sample().queries()][seen.sample().keys()];
    for (int q = 0; q < cells.length; q++) {
      for (int k = 0; k < cells[q].length; k++) {
        cells[q][k] = seen.allowed(q, k) && (!causal || k <= q);
      }
    }
    return cells;
  }

  /**
   * A mask with a fill.
   *
   * @param mask what it is meant to allow; empty if that is no expression, or heads differ
   * @param value what is added to the scores of padded keys
   */
  record Filled(Optional<Mask> mask, float value) {}

  /** The mask of an attention that adds something to padded keys; empty if it adds nothing. */
  Optional<Filled> filled(int layer) {
    Attention attention = meant().size() > layer ? meant().get(layer) : null;
    Float value = attention == null ? null : attention.penalty();
    if (attention == null || value == null) {
      return Optional.empty();
    }
    List<RecoveredMask> masks = attention.heads().stream().map(Heads::mask).distinct().toList();
    boolean known = masks.size() == 1 && !masks.getFirst().byCells();
    return Optional.of(new Filled(known ? masks.getFirst().mask() : Optional.empty(), value));
  }

  private List<Attention> meant() {
    List<Attention> known = meant;
    if (known == null) {
      try {
        RandomTokens tokens = new RandomTokens(model, padId, Audit.DEFAULT_SEED);
        known = MaskRecovery.meant(model, tokens, padId).attentions();
      } catch (ModelException e) {
        // As below.
        known = List.of();
      }
      meant = known;
    }
    return known;
  }

  private List<Attention> attentions() {
    List<Attention> known = read;
    if (known == null) {
      try {
        RandomTokens tokens = new RandomTokens(model, padId, Audit.DEFAULT_SEED);
        known = MaskRecovery.madeUp(model, tokens, padId, 0).attentions();
      } catch (ModelException e) {
        // Nothing tells which ids there are: then the cells stay unknown, and are refused by name.
        known = List.of();
      }
      read = known;
    }
    return known;
  }
}
