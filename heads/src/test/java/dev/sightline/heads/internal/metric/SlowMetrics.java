package dev.sightline.heads.internal.metric;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.file.Weight;
import dev.sightline.onnx.internal.graph.ProjectionPoint;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.tensor.FloatTensor;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one head at one query, written down as they are defined, in double.
 *
 * @param probabilities {@code [B, H, Lq, Lk]}
 * @param values {@code [B, KV, Lk, Dh]}
 * @param context {@code [B, H, Lq, Dh]}
 * @param output {@code [B, Lq, D]}
 * @param weights {@code [H*Dh, D]}, row by row
 * @param bias {@code [D]}; zeros if there is none
 */
@SuppressWarnings("ArrayRecordComponent")
record SlowMetrics(
    FloatTensor probabilities,
    @Nullable FloatTensor values,
    FloatTensor context,
    FloatTensor output,
    float[] weights,
    float[] bias) {

  /** A float32 weight of a model's file; zeros for none. */
  static float[] weight(Model model, String name, int length) {
    float[] values = new float[length];
    Weight weight = ParsedModel.of(model).weights().get(name);
    if (weight != null) {
      weight.values().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return values;
    }
    for (TensorProto tensor : ParsedModel.of(model).proto().getGraph().getInitializerList()) {
      if (tensor.getName().equals(name)) {
        tensor
            .getRawData()
            .asReadOnlyByteBuffer()
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer()
            .get(values);
      }
    }
    return values;
  }

  /**
   * A metric.
   *
   * @param keys which keys are real
   * @param special which keys are special tokens
   * @param ids the token at each key; -1 at padding
   */
  double of(
      HeadMetric metric,
      int row,
      int head,
      int query,
      boolean[] keys,
      boolean[] special,
      long[] ids) {
    List<Integer> real = new ArrayList<>();
    for (int k = 0; k < keys.length; k++) {
      if (keys[k]) {
        real.add(k);
      }
    }
    int own = real.indexOf(query);
    return switch (metric) {
      case OUTPUT_NORM -> length(z(row, head, query));
      case CONTRIBUTION_NORM -> length(contribution(row, head, query));
      case VALUE_WEIGHTED -> {
        double mixed = 0;
        for (int k = 0; k < keys.length; k++) {
          mixed += p(row, head, query, k) * length(projected(v(row, head, k), head));
        }
        yield mixed;
      }
      case SIGNED_SHARE -> {
        double[] sum = new double[bias.length];
        for (int e = 0; e < sum.length; e++) {
          sum[e] = output.data()[output.offset(row, query, e)] - bias[e];
        }
        yield dot(contribution(row, head, query), sum) / dot(sum, sum);
      }
      case ENTROPY -> {
        double entropy = 0;
        for (int k = 0; k < keys.length; k++) {
          double p = p(row, head, query, k);
          entropy -= p > 0 ? p * Math.log(p) : 0;
        }
        yield entropy;
      }
      case MAX_PROB -> {
        double most = 0;
        for (int k = 0; k < keys.length; k++) {
          most = Math.max(most, p(row, head, query, k));
        }
        yield most;
      }
      case DISTANCE -> {
        double distance = 0;
        for (int k : real) {
          distance += p(row, head, query, k) * Math.abs(real.indexOf(k) - own);
        }
        yield distance;
      }
      case FIRST_TOKEN -> p(row, head, query, real.getFirst());
      case SELF -> p(row, head, query, query);
      case PREVIOUS -> own == 0 ? 0 : p(row, head, query, real.get(own - 1));
      case INDUCTION -> {
        double mass = 0;
        for (int k = 1; k <= own; k++) {
          boolean follows = ids[real.get(k - 1)] == ids[query];
          mass += follows ? p(row, head, query, real.get(k)) : 0;
        }
        yield mass;
      }
      case SPECIAL -> {
        double mass = 0;
        for (int k = 0; k < keys.length; k++) {
          mass += special[k] ? p(row, head, query, k) : 0;
        }
        yield mass;
      }
      case PADDING -> {
        double mass = 0;
        for (int k = 0; k < keys.length; k++) {
          mass += keys[k] ? 0 : p(row, head, query, k);
        }
        yield mass;
      }
    };
  }

  private double p(int row, int head, int query, int key) {
    return probabilities.data()[probabilities.offset(row, head, query, key)];
  }

  private double[] z(int row, int head, int query) {
    double[] z = new double[context.shape().dim(3)];
    for (int d = 0; d < z.length; d++) {
      z[d] = context.data()[context.offset(row, head, query, d)];
    }
    return z;
  }

  private double[] v(int row, int head, int key) {
    FloatTensor all = Objects.requireNonNull(values, "values");
    int shared = head / (probabilities.shape().dim(1) / all.shape().dim(1));
    double[] v = new double[all.shape().dim(3)];
    for (int d = 0; d < v.length; d++) {
      v[d] = all.data()[all.offset(row, shared, key, d)];
    }
    return v;
  }

  private double[] contribution(int row, int head, int query) {
    return projected(z(row, head, query), head);
  }

  private double[] projected(double[] z, int head) {
    double[] sum = new double[bias.length];
    for (int d = 0; d < z.length; d++) {
      for (int e = 0; e < sum.length; e++) {
        sum[e] += z[d] * weights[(head * z.length + d) * sum.length + e];
      }
    }
    return sum;
  }

  private static double length(double[] x) {
    return Math.sqrt(dot(x, x));
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  static SlowMetrics of(
      Model model, AttentionSite site, java.util.Map<String, FloatTensor> tapped) {
    FloatTensor context = tensor(tapped, site.output(AttentionSite.Tap.CONTEXT));
    ProjectionPoint point =
        Objects.requireNonNull(
            ParsedModel.of(model).tapPoint(site).projection().point(), site.whyNoProjection());
    FloatTensor output = tensor(tapped, site.output(AttentionSite.Tap.ATTENTION_OUTPUT));
    int width = output.shape().dim(2);
    int rows = context.shape().dim(1) * context.shape().dim(3);
    boolean whole = point.scale() != null;
    return new SlowMetrics(
        tensor(tapped, site.output(AttentionSite.Tap.PROBABILITIES)),
        tapped.get(site.output(AttentionSite.Tap.VALUES)),
        context,
        output,
        whole ? new float[rows * width] : weight(model, point.weight(), rows * width),
        weight(model, Objects.requireNonNullElse(point.bias(), ""), width));
  }

  private static FloatTensor tensor(java.util.Map<String, FloatTensor> run, String name) {
    return Objects.requireNonNull(run.get(name), name);
  }
}
