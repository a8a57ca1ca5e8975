package dev.sightline.audit.internal.declared;

import dev.sightline.audit.internal.recover.MaskRecovery;
import dev.sightline.audit.result.Conformance.Offence;
import dev.sightline.data.internal.batch.SampleBatches;
import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskObservation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of real tokens that the declared mask allows and the model forbids. It forbids them if its
 * scores are at the fill whatever the tokens are; a head that gives a key nothing does not.
 */
final class NarrowerPairs {
  private final Map<Integer, Found> found = new HashMap<>();

  /**
   * The pairs of an attention.
   *
   * @param count all heads and rows together
   * @param first the first of them; null if there is none
   */
  record Found(long count, @Nullable Offence first) {
    static final Found NONE = new Found(0, null);
  }

  /**
   * Reads the model's own mask over the samples.
   *
   * @param names of all tokens
   * @throws ModelException if the model refuses all samples
   */
  NarrowerPairs(
      Model model, SampleBatches batches, List<DeclaredAttention> attentions, List<String> names)
      throws ModelException {
    Map<Integer, Map<Integer, List<MaskObservation>>> cells =
        MaskRecovery.cells(model, batches.samples(), batches.padId());
    for (DeclaredAttention attention : attentions) {
      BoundMask mask = attention.mask();
      TokenAxis.Pair axes = attention.axes();
      int layer = attention.site().layer();
      if (mask != null && axes != null && cells.containsKey(layer)) {
        int[] queries = axes.queries().tokens(batches.joint());
        int[] keys = axes.keys().tokens(batches.joint());
        found.put(
            layer, of(layer, mask, cells.getOrDefault(layer, Map.of()), names, queries, keys));
      }
    }
  }

  Found of(int layer) {
    return found.getOrDefault(layer, Found.NONE);
  }

  private static Found of(
      int layer,
      BoundMask mask,
      Map<Integer, List<MaskObservation>> byHead,
      List<String> names,
      int[] queries,
      int[] keys) {
    long count = 0;
    Offence first = null;
    for (Map.Entry<Integer, List<MaskObservation>> entry : byHead.entrySet()) {
      int head = entry.getKey();
      List<MaskObservation> seen = entry.getValue();
      for (int sample = 0; sample < Math.min(seen.size(), mask.shape().batch()); sample++) {
        MaskObservation observation = seen.get(sample);
        boolean[] declared = DeclaredAttention.cells(mask, sample, head);
        for (int q = 0; q < queries.length; q++) {
          for (int k = 0; k < keys.length; k++) {
            if (declared[q * keys.length + k]
                && observation.sample().isRealQuery(q)
                && observation.sample().isRealKey(k)
                && !observation.allowed(q, k)) {
              count++;
              if (first == null) {
                String query = names.get(queries[q]);
                first = new Offence(layer, sample, head, q, k, query, names.get(keys[k]), 0);
              }
            }
          }
        }
      }
    }
    return new Found(count, first);
  }
}
