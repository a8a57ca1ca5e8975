package dev.sightline.bench.comparison;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import java.util.Locale;

/**
 * Attention of Q {@code [B, Hq, Lq, D]} to K and V {@code [B, Hkv, Lk, D]} under a mask.
 *
 * @param form how the mask is told to a peer
 * @param mask what may attend to what, the same for every batch row and head
 * @param chart whether the picture shows it
 */
record Workload(
    WorkloadKind group,
    String name,
    int batch,
    int queryHeads,
    int keyHeads,
    int queries,
    int keys,
    int headSize,
    Form form,
    Mask mask,
    boolean chart) {

  /** How a mask is told: not at all, by a flag, or cell by cell. */
  enum Form {
    NONE,
    CAUSAL_FLAG,
    CELLS
  }

  /** The mask over this work's sizes, of one batch row and head. */
  BoundMask bound() {
    return mask.over(queries, keys);
  }

  /** The pairs that attend, of one batch row and head. */
  long pairs() {
    return form == Form.NONE ? (long) queries * keys : bound().count(0, 0);
  }

  /** The fraction of pairs that attend. */
  double density() {
    return pairs() / ((double) queries * keys);
  }

  /** Two multiplications and two additions for each pair that attends and each of D numbers. */
  double flops() {
    return group == WorkloadKind.COMPILE ? 0 : 4.0 * batch * queryHeads * pairs() * headSize;
  }

  /** The bytes of K and V, which a decoding step has to read once. */
  double keyValueBytes() {
    return 2.0 * Float.BYTES * batch * keyHeads * keys * headSize;
  }

  /** The same sizes where every pair attends. */
  Workload dense() {
    return new Workload(
        group,
        name,
        batch,
        queryHeads,
        keyHeads,
        queries,
        keys,
        headSize,
        Form.NONE,
        Mask.full(),
        chart);
  }

  /** The name, and what is not in it. */
  String label() {
    return form == Form.CELLS ? String.format(Locale.ROOT, "%s p=%.3f", name, density()) : name;
  }
}
