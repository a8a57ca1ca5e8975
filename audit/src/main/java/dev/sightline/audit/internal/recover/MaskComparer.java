package dev.sightline.audit.internal.recover;

import dev.sightline.audit.result.MaskComparison;
import dev.sightline.audit.result.MaskComparison.DifferentCell;
import dev.sightline.audit.result.MaskComparison.Layer;
import dev.sightline.audit.result.MaskComparison.Relation;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskObservation;
import dev.sightline.mask.MaskSample;
import dev.sightline.mask.MaskShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares the cells of some heads with other cells. Rows of padded queries do not count, and that
 * padded keys are forbidden is never too narrow.
 */
public final class MaskComparer {
  private long wider;
  private long narrower;
  private final List<DifferentCell> first = new ArrayList<>();
  private boolean compared;

  private MaskComparer() {}

  /** Other cells of a sample. */
  @FunctionalInterface
  private interface Cells {
    boolean allowed(int query, int key);
  }

  /**
   * Compares with an expression.
   *
   * @param layer the attention
   * @param numbers of the heads to report; empty for all
   * @throws IllegalArgumentException if it needs what a sample does not have
   */
  public static Layer with(int layer, List<Integer> numbers, MaskRecovery.Heads heads, Mask other) {
    MaskComparer comparer = new MaskComparer();
    List<MaskObservation> all = heads.observations();
    boolean byRow = other.batchRows() > 1;
    if (byRow && other.batchRows() != all.size()) {
      throw new IllegalArgumentException(
          "'"
              + other
              + "' tells "
              + other.batchRows()
              + " batch rows apart, but is compared over "
              + all.size()
              + " samples; write padding, prefix(token-types=0) and so on without the numbers of a"
              + " batch, or give the samples that it is of");
    }
    int head = other.heads() > 1 ? heads.heads().getFirst() : 0;
    for (int row = 0; row < all.size(); row++) {
      MaskSample sample = all.get(row).sample();
      Mask bound = other.forSample(sample);
      int rows = byRow ? all.size() : 1;
      BoundMask cells =
          bound.over(new MaskShape(rows, bound.heads(), sample.queries(), sample.keys()));
      int batch = byRow ? row : 0;
      comparer.add(all.get(row), (q, k) -> cells.allowed(batch, head, q, k));
    }
    return comparer.result(layer, numbers, heads, other.toString());
  }

  /** Compares with the cells of other heads over the same samples, or else their expression. */
  public static Layer with(
      int layer, List<Integer> numbers, MaskRecovery.Heads heads, MaskRecovery.Heads other) {
    Optional<Mask> mask = other.mask().mask();
    List<MaskSample> samples = heads.observations().stream().map(MaskObservation::sample).toList();
    if (samples.equals(other.observations().stream().map(MaskObservation::sample).toList())) {
      MaskComparer comparer = new MaskComparer();
      for (int n = 0; n < samples.size(); n++) {
        comparer.add(heads.observations().get(n), other.observations().get(n)::allowed);
      }
      return comparer.result(layer, numbers, heads, mask.map(Mask::toString).orElse(""));
    }
    return mask.isPresent()
        ? with(layer, numbers, heads, mask.get())
        : new MaskComparer().result(layer, numbers, heads, "");
  }

  /** Whether a mask gives the cells of a sample, rows of padded queries left out. */
  static boolean agrees(MaskObservation observation, Mask mask) {
    MaskSample sample = observation.sample();
    BoundMask cells = mask.forSample(sample).over(sample.queries(), sample.keys());
    for (int q = 0; q < sample.queries(); q++) {
      for (int k = 0; k < sample.keys() && sample.isRealQuery(q); k++) {
        if (observation.allowed(q, k) != cells.allowed(0, 0, q, k)) {
          return false;
        }
      }
    }
    return true;
  }

  private void add(MaskObservation observation, Cells other) {
    MaskSample sample = observation.sample();
    compared = true;
    for (int q = 0; q < sample.queries(); q++) {
      for (int k = 0; k < sample.keys() && sample.isRealQuery(q); k++) {
        boolean here = observation.allowed(q, k);
        boolean there = other.allowed(q, k);
        if (here == there || (there && !sample.isRealKey(k))) {
          continue;
        }
        wider += here ? 1 : 0;
        narrower += there ? 1 : 0;
        if (first.size() < MaskComparison.MOST_CELLS) {
          first.add(new DifferentCell(q, k, sample.queries(), sample.keys(), here));
        }
      }
    }
  }

  private Layer result(int layer, List<Integer> numbers, MaskRecovery.Heads heads, String other) {
    Relation relation =
        !compared
            ? Relation.UNKNOWN
            : wider == 0 && narrower == 0
                ? Relation.EQUAL
                : narrower == 0 ? Relation.WIDER : wider == 0 ? Relation.NARROWER : Relation.OTHER;
    return new Layer(
        layer,
        numbers,
        heads.mask().mask().map(Mask::toString).orElse(""),
        other,
        relation,
        wider,
        narrower,
        first);
  }
}
