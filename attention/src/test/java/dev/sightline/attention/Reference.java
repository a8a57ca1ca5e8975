package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import dev.sightline.tensor.FloatTensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attention as its definition reads, in double precision, pair by pair: what every kernel is held
 * against. Tensors have heads first.
 */
final class Reference {
  final double[] output;
  final double[] logSumExp;

  /** {@code [B, Hq, Lq, Lk]}, exactly 0 where masked. */
  final double[] probabilities;

  Reference(
      AttentionShape s,
      BoundMask mask,
      float[] q,
      float[] k,
      float[] v,
      double scale,
      double softcap,
      float @Nullable [] alibi,
      float @Nullable [] sinks,
      @Nullable FloatTensor bias) {
    output = new double[s.outputSize()];
    logSumExp = new double[s.batch() * s.queryHeads() * s.queries()];
    probabilities = new double[logSumExp.length * s.keys()];
    for (int b = 0; b < s.batch(); b++) {
      for (int h = 0; h < s.queryHeads(); h++) {
        for (int i = 0; i < s.queries(); i++) {
          int row = (b * s.queryHeads() + h) * s.queries() + i;
          int kv = b * s.keyHeads() + h / s.group();
          double[] scores = new double[s.keys()];
          Arrays.fill(scores, Double.NEGATIVE_INFINITY);
          double max = sinks == null ? Double.NEGATIVE_INFINITY : sinks[h];
          for (int j = 0; j < s.keys(); j++) {
            if (!mask.allowed(b, h, i, j)) {
              continue;
            }
            double dot = 0;
            for (int d = 0; d < s.headSize(); d++) {
              dot += (double) q[row * s.headSize() + d] * k[(kv * s.keys() + j) * s.headSize() + d];
            }
            double score = dot * scale;
            if (softcap > 0) {
              score = softcap * Math.tanh(score / softcap);
            }
            if (bias != null) {
              score +=
                  bias.data()[
                      bias.offset(
                              b % bias.shape().dim(0),
                              h % bias.shape().dim(1),
                              i % bias.shape().dim(2))
                          + j];
            }
            if (alibi != null) {
              score -= alibi[h] * (double) Math.abs(i + s.keys() - s.queries() - j);
            }
            scores[j] = score;
            max = Math.max(max, score);
          }
          double reference = max == Double.NEGATIVE_INFINITY ? 0 : max;
          double sum = sinks == null ? 0 : Math.exp(sinks[h] - reference);
          for (int j = 0; j < s.keys(); j++) {
            sum += scores[j] == Double.NEGATIVE_INFINITY ? 0 : Math.exp(scores[j] - reference);
          }
          logSumExp[row] = sum == 0 ? Double.NEGATIVE_INFINITY : reference + Math.log(sum);
          for (int j = 0; j < s.keys(); j++) {
            if (scores[j] == Double.NEGATIVE_INFINITY) {
              continue;
            }
            double p = Math.exp(scores[j] - reference) / sum;
            probabilities[row * s.keys() + j] = p;
            for (int d = 0; d < s.valueHeadSize(); d++) {
              output[row * s.valueHeadSize() + d] +=
                  p * v[(kv * s.keys() + j) * s.valueHeadSize() + d];
            }
          }
        }
      }
    }
  }
}
