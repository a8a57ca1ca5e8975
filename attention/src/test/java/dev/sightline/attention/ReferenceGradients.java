package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of attention as the chain rule reads, in double precision, pair by pair. Tensors
 * have heads first.
 */
final class ReferenceGradients {
  final double[] queries;
  final double[] keys;
  final double[] values;

  /** {@code [B, Hq, Lq]}: whether a query attends to a key. */
  final boolean[] attends;

  /** {@code [B, Hkv, Lk]}: whether a query attends to the key. */
  final boolean[] seen;

  ReferenceGradients(
      AttentionShape s,
      BoundMask mask,
      float[] q,
      float[] k,
      float[] v,
      float[] outputGradient,
      double scale,
      double softcap,
      float @Nullable [] alibi) {
    Reference forward = new Reference(s, mask, q, k, v, scale, softcap, alibi, null, null);
    queries = new double[q.length];
    keys = new double[k.length];
    values = new double[v.length];
    attends = new boolean[s.batch() * s.queryHeads() * s.queries()];
    seen = new boolean[s.batch() * s.keyHeads() * s.keys()];
    int size = s.headSize();
    int valueSize = s.valueHeadSize();
    for (int row = 0; row < attends.length; row++) {
      int b = row / (s.queryHeads() * s.queries());
      int h = row / s.queries() % s.queryHeads();
      double[] products = new double[s.keys()];
      double share = 0;
      for (int j = 0; j < s.keys(); j++) {
        int key = (b * s.keyHeads() + h / s.group()) * s.keys() + j;
        double p = forward.probabilities[row * s.keys() + j];
        attends[row] |= p > 0;
        seen[key] |= p > 0;
        for (int d = 0; d < valueSize; d++) {
          products[j] += (double) outputGradient[row * valueSize + d] * v[key * valueSize + d];
          values[key * valueSize + d] += p * outputGradient[row * valueSize + d];
        }
        share += p * products[j];
      }
      for (int j = 0; j < s.keys(); j++) {
        int key = (b * s.keyHeads() + h / s.group()) * s.keys() + j;
        double slope = forward.probabilities[row * s.keys() + j] * (products[j] - share) * scale;
        if (softcap > 0) {
          double dot = 0;
          for (int d = 0; d < size; d++) {
            dot += (double) q[row * size + d] * k[key * size + d];
          }
          double tanh = Math.tanh(dot * scale / softcap);
          slope *= 1 - tanh * tanh;
        }
        for (int d = 0; d < size; d++) {
          queries[row * size + d] += slope * k[key * size + d];
          keys[key * size + d] += slope * q[row * size + d];
        }
      }
    }
  }
}
