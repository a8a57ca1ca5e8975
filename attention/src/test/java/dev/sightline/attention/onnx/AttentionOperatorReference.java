package dev.sightline.attention.onnx;

import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** The ONNX Attention operator as its text reads, in double precision, pair by pair. */
final class AttentionOperatorReference {
  final double[] y;

  /** qk_matmul_output in each of its four modes. */
  final double[][] matrix;

  private final AttentionAttributes a;
  private final AttentionInputs in;
  private final int queries;
  private final int keys;
  private final int past;

  AttentionOperatorReference(AttentionAttributes a, AttentionInputs in) {
    this.a = a;
    this.in = in;
    boolean three = in.q().shape().rank() == 3;
    int batch = in.q().shape().dim(0);
    int queryHeads = three ? a.queryHeads() : in.q().shape().dim(1);
    int keyHeads = three ? a.keyHeads() : in.k().shape().dim(1);
    queries = in.q().shape().dim(three ? 1 : 2);
    past = in.pastKey() == null ? 0 : in.pastKey().shape().dim(2);
    keys = past + in.k().shape().dim(three ? 1 : 2);
    int size = in.q().shape().dim(-1) / (three ? queryHeads : 1);
    int valueSize = in.v().shape().dim(-1) / (three ? keyHeads : 1);
    double scale = a.scale() == null ? 1 / Math.sqrt(size) : a.scale();
    y = new double[batch * queryHeads * queries * valueSize];
    matrix = new double[4][batch * queryHeads * queries * keys];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < queryHeads; h++) {
        int kv = h / (queryHeads / keyHeads);
        for (int i = 0; i < queries; i++) {
          int row = ((b * queryHeads + h) * queries + i) * keys;
          double sum = 0;
          for (int j = 0; j < keys; j++) {
            double score = 0;
            for (int d = 0; d < size; d++) {
              score += at(in.q(), queryHeads, b, h, i, d) * key(keyHeads, b, kv, j, d);
            }
            score *= scale;
            matrix[0][row + j] = score;
            score = a.softcap() > 0 ? a.softcap() * Math.tanh(score / a.softcap()) : score;
            matrix[1][row + j] = score;
            double bias = bias(b, h, i, j);
            boolean allowed = allowed(b, i, j) && bias != Double.NEGATIVE_INFINITY;
            matrix[2][row + j] = allowed ? score + bias : Double.NEGATIVE_INFINITY;
            sum += allowed ? Math.exp(score + bias) : 0;
          }
          for (int j = 0; j < keys; j++) {
            double p = sum == 0 ? 0 : Math.exp(matrix[2][row + j]) / sum;
            matrix[3][row + j] = p;
            for (int d = 0; p > 0 && d < valueSize; d++) {
              int to =
                  three
                      ? ((b * queries + i) * queryHeads + h) * valueSize + d
                      : ((b * queryHeads + h) * queries + i) * valueSize + d;
              y[to] += p * value(keyHeads, b, kv, j, d);
            }
          }
        }
      }
    }
  }

  private static double at(RawTensor x, int heads, int b, int h, int i, int d) {
    Shape s = x.shape();
    int index =
        s.rank() == 4
            ? ((b * heads + h) * s.dim(2) + i) * s.dim(3) + d
            : ((b * s.dim(1) + i) * heads + h) * (s.dim(2) / heads) + d;
    return x.toFloats().data()[index];
  }

  private double key(int heads, int b, int h, int j, int d) {
    return joined(in.pastKey(), in.k(), heads, b, h, j, d);
  }

  private double value(int heads, int b, int h, int j, int d) {
    return joined(in.pastValue(), in.v(), heads, b, h, j, d);
  }

  private double joined(
      @Nullable RawTensor old, RawTensor now, int heads, int b, int h, int j, int d) {
    return old != null && j < past ? at(old, heads, b, h, j, d) : at(now, heads, b, h, j - past, d);
  }

  private boolean allowed(int b, int i, int j) {
    RawTensor nonpad = in.nonpadKvSeqlen();
    long real = nonpad == null ? keys : nonpad.toLongs()[b];
    long stand = i + (nonpad == null ? past : real - queries);
    return j < real
        && (!a.isCausal() || j <= stand)
        && (a.leftWindow() < 0 || j >= stand - a.leftWindow())
        && (a.rightWindow() < 0 || j <= stand + a.rightWindow());
  }

  private double bias(int b, int h, int i, int j) {
    RawTensor mask = in.attnMask();
    if (mask == null) {
      return 0;
    }
    int[] index = {b, h, i, j};
    Shape s = mask.shape();
    if (j >= s.dim(-1)) {
      return Double.NEGATIVE_INFINITY;
    }
    int at = 0;
    for (int axis = 0; axis < s.rank(); axis++) {
      int of = index[4 - s.rank() + axis];
      at = at * s.dim(axis) + (s.dim(axis) == 1 ? 0 : of);
    }
    if (mask.type() == ElementType.BOOL) {
      return mask.toBooleans()[at] ? 0 : Double.NEGATIVE_INFINITY;
    }
    return mask.toFloats().data()[at];
  }
}
