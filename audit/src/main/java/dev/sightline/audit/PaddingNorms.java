package dev.sightline.audit;

import dev.sightline.onnx.Batch;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the vectors at padding are, against those at real tokens, as an attention reads them. A
 * mask is redundant where padding's vectors vanish; but behind a LayerNorm every vector has a
 * length near the root of its width, so a long one is no fault.
 *
 * @param layer the attention, in order of execution from 0
 * @param padding mean Euclidean length at padding
 * @param real mean Euclidean length at real tokens
 */
public record PaddingNorms(int layer, double padding, double real) {

  /** For each attention that reads one stream which is padded in this look. */
  static List<PaddingNorms> of(Look look, List<Integer> masked) {
    List<PaddingNorms> norms = new ArrayList<>();
    for (Site site : look.sites()) {
      FloatTensor hidden = look.hidden().get(site.layer());
      boolean padded = masked.stream().anyMatch(site.queries()::isStream);
      if (hidden != null && padded && hidden.shape().rank() == 3) {
        norms.add(of(site, hidden, look.batch()));
      }
    }
    return norms;
  }

  private static PaddingNorms of(Site site, FloatTensor hidden, Batch batch) {
    double[] sum = new double[2];
    long[] count = new long[2];
    int size = hidden.shape().dim(2);
    for (int row = 0; row < batch.rows(); row++) {
      for (int s = 0; s < hidden.shape().dim(1); s++) {
        double squares = 0;
        int from = hidden.offset(row, s);
        for (int d = 0; d < size; d++) {
          squares += (double) hidden.data()[from + d] * hidden.data()[from + d];
        }
        int kind = site.queries().isReal(batch, row, s) ? 1 : 0;
        sum[kind] += Math.sqrt(squares);
        count[kind]++;
      }
    }
    return new PaddingNorms(
        site.layer(), sum[0] / Math.max(1, count[0]), sum[1] / Math.max(1, count[1]));
  }
}
