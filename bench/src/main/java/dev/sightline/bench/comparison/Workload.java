package dev.sightline.bench.comparison;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import java.util.List;
import java.util.Locale;

/**
 * Attention of Q {@code [B, Hq, Lq, D]} to K and V {@code [B, Hkv, Lk, D]} under a mask.
 *
 * @param form the form in which a peer receives the mask
 * @param mask which query may attend to which key, the same for every batch row and head
 * @param window the keys that a causal window lets a query look at, its own among them; 0 for other
 *     masks
 * @param lengths the numbers of real tokens of the batch rows, the rest being padding; empty if all
 *     tokens are real
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
    int window,
    List<Integer> lengths,
    boolean chart) {

  /** The form of a mask: none, a flag, a boolean for each cell, or one for each key of a row. */
  enum Form {
    NONE,
    CAUSAL_FLAG,
    CELLS,
    KEYS
  }

  /** The mask over the sizes of this workload, of one batch row and head. */
  BoundMask bound() {
    return mask.over(queries, keys);
  }

  /** The real queries of a batch row. */
  int queriesOf(int row) {
    return lengths.isEmpty() ? queries : lengths.get(row);
  }

  /** The real keys of a batch row. */
  int keysOf(int row) {
    return lengths.isEmpty() ? keys : lengths.get(row);
  }

  /** The pairs that attend, of all batch rows and one head. */
  long pairs() {
    if (!lengths.isEmpty()) {
      return lengths.stream().mapToLong(n -> (long) n * n).sum();
    }
    return batch * (form == Form.NONE ? (long) queries * keys : bound().count(0, 0));
  }

  /** The fraction of pairs that attend. */
  double density() {
    return pairs() / ((double) batch * queries * keys);
  }

  /**
   * A multiplication and an addition for each pair that attends, each of D numbers and each product
   * of matrices: two forward, and five backward, as the scores are computed again.
   */
  double flops() {
    int products =
        switch (kind) {
          case COMPILE -> 0;
          case BACKWARD -> 5;
          case FORWARD_AND_BACKWARD -> 7;
          default -> 2;
        };
    return 2.0 * products * queryHeads * pairs() * headSize;
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
        0,
        List.of(),
        chart);
  }

  /** The name, with the density of a mask that is given by its cells or keys. */
  String label() {
    return form == Form.CELLS || form == Form.KEYS
        ? String.format(Locale.ROOT, "%s p=%.3f", name, density())
        : name;
  }
}
