package dev.sightline.lab.internal.export;

import dev.sightline.lab.internal.network.Attention;
import dev.sightline.lab.internal.network.Linear;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.nio.ByteBuffer;
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

  /**
   * {@return rows of a table by ids {@code [B, L]}, and the positions' rows, {@code [B, L, width]}}
   */
  public String embedded(
      String name, Tensor table, String positionsName, Tensor positions, String ids) {
    return graph.node(
        "Add",
        graph.node("Gather", constant(name, table), ids),
        constant(positionsName, positions));
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
    Projected own = projected(name, attention, x, context);
    return output(name, attention, scaledDotProduct(own, attention, mask));
  }

  /** The names of queries, keys and values, each {@code [B, H, L, D]}. */
  public record Projected(String queries, String keys, String values) {}

  /** {@return the queries of {@code x}, and the keys and values of {@code context}} */
  public Projected projected(String name, Attention attention, String x, String context) {
    return new Projected(
        heads(linear(name + ".query", attention.query(), x), attention),
        heads(linear(name + ".key", attention.key(), context), attention),
        heads(linear(name + ".value", attention.value(), context), attention));
  }

  /** {@return softmax(q k' / sqrt(D)) v under a mask, {@code [B, Lq, width]}} */
  public String scaledDotProduct(Projected projected, Attention attention, String mask) {
    String keys = graph.transpose(projected.keys, 0, 1, 3, 2);
    String scores =
        graph.node(
            "Mul",
            graph.node("MatMul", projected.queries, keys),
            graph.scalar(1 / Math.sqrt((double) headSize(attention))));
    if (!mask.isEmpty()) {
      scores = graph.node("Where", mask, scores, graph.scalar(-Float.MAX_VALUE));
    }
    String seen = graph.node("MatMul", graph.softmax(scores), projected.values);
    return graph.reshape(graph.transpose(seen, 0, 2, 1, 3), 0, 0, width(attention));
  }

  /** {@return the attention's last layer} */
  public String output(String name, Attention attention, String seen) {
    return linear(name + ".output", attention.output(), seen);
  }

  private String heads(String x, Attention attention) {
    return graph.transpose(
        graph.reshape(x, 0, 0, attention.heads(), headSize(attention)), 0, 2, 1, 3);
  }

  private static long width(Attention attention) {
    return attention.query().weight().size(0);
  }

  private static long headSize(Attention attention) {
    return width(attention) / attention.heads();
  }

  /**
   * {@return bool {@code [B, n]}, the same in each batch row}
   *
   * @param rows a tensor that has B rows
   * @param cells n of them
   */
  public String sameInEachRow(String rows, boolean... cells) {
    String batch = graph.node("Unsqueeze", graph.size(rows, 0), graph.longs(0));
    return graph.node(
        "Expand", cells(cells, 1, cells.length), graph.concat(0, batch, graph.longs(cells.length)));
  }

  /** {@return bool of these dimensions} */
  public String cells(boolean[] cells, long... dims) {
    ByteBuffer raw = ByteBuffer.allocate(cells.length);
    for (boolean cell : cells) {
      raw.put((byte) (cell ? 1 : 0));
    }
    return graph.constant(graph.fresh("cells"), ElementType.BOOL, raw.flip(), dims);
  }
}
