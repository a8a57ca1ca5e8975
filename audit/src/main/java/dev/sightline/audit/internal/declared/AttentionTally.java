package dev.sightline.audit.internal.declared;

import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Offence;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.mask.BoundMask;
import dev.sightline.tensor.FloatTensor;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Compares the probabilities of one attention with its declared mask, batch row by batch row. A
 * forbidden key must have a probability of exactly 0: a fill of minus infinity gives that, and so
 * does any finite one that is low enough, since its exponential underflows. There is no threshold,
 * because allowed keys can have 1e-22.
 */
final class AttentionTally {
  private static final Comparator<Offence> MILDEST_FIRST =
      Comparator.comparingDouble(Offence::probability)
          .thenComparing(
              Comparator.comparingInt(Offence::row)
                  .thenComparingInt(Offence::head)
                  .thenComparingInt(Offence::query)
                  .thenComparingInt(Offence::key)
                  .reversed());

  private final DeclaredAttention attention;
  private final BoundMask mask;
  private final List<String> queries;
  private final List<String> keys;
  private final boolean[] everAllowed;
  private final boolean[] everUsed;
  private final PriorityQueue<Offence> worst = new PriorityQueue<>(MILDEST_FIRST);
  private long cells;
  private long forbidden;
  private long offences;
  private long skippedQueries;
  private float largestAllowed;
  private long mostInARow = -1;
  private CellPicture.@Nullable Cells worstRow;

  AttentionTally(
      DeclaredAttention attention, BoundMask mask, List<String> queries, List<String> keys) {
    this.attention = attention;
    this.mask = mask;
    this.queries = queries;
    this.keys = keys;
    everAllowed = new boolean[queries.size() * keys.size()];
    everUsed = new boolean[everAllowed.length];
  }

  /** Who is padding in a batch row. */
  @FunctionalInterface
  interface Reals {
    boolean contains(boolean query, int index);
  }

  /**
   * Judges a batch row.
   *
   * @param probabilities {@code [B, H, Lq, Lk]}
   * @param row which of them
   * @param sample the row over all samples
   */
  void add(FloatTensor probabilities, int row, int sample, Reals reals) {
    CellPicture.Cells seen = new CellPicture.Cells(sample, queries, keys);
    for (int q = 0; q < queries.size(); q++) {
      seen.paddedRows[q] = !reals.contains(true, q);
    }
    for (int k = 0; k < keys.size(); k++) {
      seen.paddedColumns[k] = !reals.contains(false, k);
    }
    long before = offences;
    boolean[] allowed = DeclaredAttention.cells(mask, sample, 0);
    for (int head = 0; head < mask.shape().heads(); head++) {
      if (head > 0 && mask.mask().heads() > 1) {
        allowed = DeclaredAttention.cells(mask, sample, head);
      }
      for (int q = 0; q < queries.size(); q++) {
        boolean skipped = isEmpty(allowed, q);
        skippedQueries += skipped && !seen.paddedRows[q] ? 1 : 0;
        int from = probabilities.offset(row, head, q);
        for (int k = 0; k < keys.size(); k++) {
          int cell = q * keys.size() + k;
          float p = probabilities.data()[from + k];
          seen.declared[cell] |= allowed[cell];
          // Math.max would do, but for a NaN that one head gives and another does not.
          seen.observed[cell] = Float.compare(p, seen.observed[cell]) > 0 ? p : seen.observed[cell];
          if (!skipped && !seen.paddedRows[q]) {
            judge(allowed[cell], p, sample, head, q, k);
          }
        }
      }
    }
    if (offences - before > mostInARow) {
      mostInARow = offences - before;
      worstRow = seen;
    }
  }

  private boolean isEmpty(boolean[] allowed, int query) {
    for (int k = 0; k < keys.size(); k++) {
      if (allowed[query * keys.size() + k]) {
        return false;
      }
    }
    return true;
  }

  private void judge(boolean allowed, float p, int sample, int head, int q, int k) {
    cells++;
    int cell = q * keys.size() + k;
    if (allowed) {
      everAllowed[cell] = true;
      everUsed[cell] |= p > 0;
      largestAllowed = p > largestAllowed ? p : largestAllowed;
      return;
    }
    forbidden++;
    if (p == 0) {
      return;
    }
    offences++;
    worst.add(
        new Offence(attention.site().layer(), sample, head, q, k, queries.get(q), keys.get(k), p));
    if (worst.size() > Conformance.MOST_OFFENCES) {
      worst.remove();
    }
  }

  Conformance.Attention result() {
    long unused = 0;
    boolean used = false;
    for (int cell = 0; cell < everAllowed.length; cell++) {
      unused += everAllowed[cell] && !everUsed[cell] ? 1 : 0;
      used |= everUsed[cell];
    }
    State state = offences > 0 ? State.OFFENDS : used ? State.CONFORMS : State.UNUSED;
    return new Conformance.Attention(
        attention.site().layer(),
        attention.site().node(),
        mask.mask().toString(),
        state,
        "",
        cells,
        forbidden,
        offences,
        unused,
        skippedQueries,
        largestAllowed,
        worst.stream().sorted(MILDEST_FIRST.reversed()).toList(),
        worstRow == null ? null : worstRow.picture(),
        0);
  }
}
