package dev.sightline.bench.comparison;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import java.util.Locale;

/**
 * Attention of Q {@code [B, Hq, Lq, D]} to K and V {@code [B, Hkv, Lk, D]} under a mask.
 *
 * @param form the form in which a peer receives the mask
 * @param mask which query may attend to which key, the same for every batch row and head
 * @param chart whether the chart shows it
 */
record Workload(
    WorkloadKind kind,
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

  /** The form of a mask: none, a flag, or a boolean for each cell. */
  enum Form {
    NONE,
    CAUSAL_FLAG,
    CELLS
  }

  /** The mask over the sizes of this workload, of one batch row and head. */
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
    return kind == WorkloadKind.COMPILE ? 0 : 4.0 * batch * queryHeads * pairs() * headSize;
  }

  /** The bytes of K and V, which a decoding step has to read once. */
  double keyValueBytes() {
    return 2.0 * Float.BYTES * batch * keyHeads * keys * headSize;
  }

  /** The same sizes where every pair attends. */
  Workload dense() {
    return new Workload(
        kind,
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

  /** The name, with the density of a mask given by cells. */
  String label() {
    return form == Form.CELLS ? String.format(Locale.ROOT, "%s p=%.3f", name, density()) : name;
  }
}
