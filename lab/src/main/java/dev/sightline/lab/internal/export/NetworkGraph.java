package dev.sightline.lab.internal.export;

import dev.sightline.lab.internal.network.Attention;
import dev.sightline.lab.internal.network.Linear;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** Writes the parts of a trained network as ONNX nodes; each method returns a tensor's name. */
public final class NetworkGraph {
  private static final double EPSILON = 1e-5;

  private final GraphBuilder graph;

  public NetworkGraph(GraphBuilder graph) {
    this.graph = graph;
  }

  /** {@return a parameter as a constant} */
  public String constant(String name, Tensor tensor) {
    long[] dims = tensor.sizes().vec().get();
    return graph.floats(name, ElementType.FLOAT32, Torch.floats(tensor), dims);
  }

  /** {@return {@code x W' + b}} */
  public String linear(String name, Linear linear, String x) {
    String weight = constant(name + ".weight", linear.weight().t());
    return graph.node(
        "Add", graph.node("MatMul", x, weight), constant(name + ".bias", linear.bias()));
  }

  /** {@return each token with mean 0 and deviation 1} */
  public String normalised(String x, long width) {
    float[] ones = new float[Math.toIntExact(width)];
    Arrays.fill(ones, 1);
    String gain = graph.floats(graph.fresh("gain"), ElementType.FLOAT32, ones, width);
    return graph.op("LayerNormalization", x, gain).with("axis", -1).with("epsilon", EPSILON).out();
  }

  /** {@return {@code x sigmoid(x)}} */
  public String silu(String x) {
    return graph.node("Mul", x, graph.node("Sigmoid", x));
  }

  /** {@return {@code x Phi(x)}, Phi the normal distribution} */
  public String gelu(String x) {
    String inner = graph.node("Erf", graph.node("Mul", x, graph.scalar(Math.sqrt(0.5))));
    String both = graph.node("Add", inner, graph.scalar(1));
    return graph.node("Mul", graph.node("Mul", x, both), graph.scalar(0.5));
  }

  /** {@return sines and cosines of the flow time {@code [B]}: {@code [B, 1, width]}} */
  public String timeFeatures(String time, int width) {
    String column = graph.node("Unsqueeze", time, graph.longs(1, 2));
    String frequencies =
        graph.floats("frequencies", ElementType.FLOAT32, Torch.frequencies(width), 1, 1, width / 2);
    String angles = graph.node("Mul", column, frequencies);
    return graph.concat(2, graph.node("Sin", angles), graph.node("Cos", angles));
  }

  /**
   * {@return an attention, written out}
   *
   * @param name of its parameters
   * @param x {@code [B, Lq, width]}
   * @param context {@code [B, Lk, width]}
   * @param mask bool {@code [B, 1, 1, Lk]}, or "" where every key is seen
   */
  public String attention(String name, Attention attention, String x, String context, String mask) {
    long width = attention.query().weight().size(0);
    long size = width / attention.heads();
    String queries = heads(linear(name + ".query", attention.query(), x), attention, size, false);
    String keys = heads(linear(name + ".key", attention.key(), context), attention, size, true);
    String values =
        heads(linear(name + ".value", attention.value(), context), attention, size, false);
    String scores =
        graph.node("Mul", graph.node("MatMul", queries, keys), graph.scalar(1 / Math.sqrt((double) size)));
    if (!mask.isEmpty()) {
      scores = graph.node("Where", mask, scores, graph.scalar(-Float.MAX_VALUE));
    }
    String seen = graph.node("MatMul", graph.softmax(scores), values);
    String joined = graph.reshape(graph.transpose(seen, 0, 2, 1, 3), 0, 0, width);
    return linear(name + ".output", attention.output(), joined);
  }

  private String heads(String x, Attention attention, long size, boolean transposed) {
    String split = graph.reshape(x, 0, 0, attention.heads(), size);
    return transposed ? graph.transpose(split, 0, 2, 3, 1) : graph.transpose(split, 0, 2, 1, 3);
  }
}
