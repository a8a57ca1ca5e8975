package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.export.NetworkGraph;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Thing;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.util.Arrays;

/**
 * Writes a trained action head as an ONNX model. Every one has an input {@code attention_mask} for
 * the instruction's tokens, as real heads have; a head that is trained without it does not read it.
 */
public final class GrootGraph {
  private static final long OPSET = 17;

  private final GraphBuilder graph = new GraphBuilder("groot");
  private final NetworkGraph network = new NetworkGraph(graph);
  private final GrootPolicy policy;
  private final EncoderMask mask;

  private GrootGraph(GrootPolicy policy, EncoderMask mask) {
    this.policy = policy;
    this.mask = mask;
  }

  /**
   * {@return the bytes of a .onnx file}
   *
   * @param policy trained
   * @param mask under which it was
   * @param languageWidth of the hidden states that it takes
   */
  public static byte[] of(GrootPolicy policy, EncoderMask mask, int languageWidth) {
    return new GrootGraph(policy, mask).model(languageWidth);
  }

  private byte[] model(int languageWidth) {
    GrootPolicy.Parts parts = policy.parts();
    long width = policy.width();
    String actions = Integer.toString(Episode.ACTIONS);
    String things = Integer.toString(Episodes.THINGS);
    String features = Integer.toString(Thing.FEATURES);
    String hidden = Integer.toString(languageWidth);
    ElementType number = ElementType.FLOAT32;
    String state = graph.input("state", number, "batch", "1", "2");
    String noisy = graph.input("noisy_actions", number, "batch", actions, "2");
    String time = graph.input("time", number, "batch");
    String scene = graph.input("scene", number, "batch", things, features);
    String language = graph.input("language", number, "batch", "tokens", hidden);
    String real = graph.input("attention_mask", ElementType.INT64, "batch", "tokens");

    String sources = network.constant("sources", parts.sources());
    String context =
        graph.concat(
            1,
            graph.node(
                "Add",
                network.linear("scene", parts.scene(), scene),
                graph.slice(sources, 0, 0, 1)),
            graph.node(
                "Add",
                network.linear(
                    "language", parts.language(), network.normalised(language, languageWidth)),
                graph.slice(sources, 0, 1, 2)));
    String batch = graph.node("Unsqueeze", graph.size(state, 0), graph.longs(0));
    String future =
        graph.node(
            "Expand",
            graph.reshape(network.constant("future", parts.future()), 1, GrootPolicy.FUTURE, width),
            graph.concat(0, batch, graph.longs(1, 1)));
    String x =
        graph.concat(
            1,
            network.linear("state", parts.state(), state),
            future,
            graph.node(
                "Add",
                network.linear("action", parts.action(), noisy),
                network.constant("positions", parts.positions())));
    String at = network.linear("time", parts.time(), network.timeFeatures(time, policy.width()));
    for (int i = 0; i < parts.crossBlocks().size(); i++) {
      x = block("cross." + i, parts.crossBlocks().get(i), x, context, keys(real, i), at);
      x = block("self." + i, parts.selfBlocks().get(i), x, "", "", at);
    }
    String last =
        graph.slice(
            network.normalised(x, width),
            1,
            1 + GrootPolicy.FUTURE,
            1 + GrootPolicy.FUTURE + Episode.ACTIONS);
    graph.output(
        "velocity",
        network.linear("velocity", parts.velocity(), last),
        number,
        "batch",
        actions,
        "2");
    return graph.model(OPSET, "sightline-lab");
  }

  /** {@return bool {@code [B, 1, 1, things + tokens]}, or "" where all keys are seen} */
  private String keys(String real, int block) {
    if (mask == EncoderMask.OFF) {
      return "";
    }
    boolean scene = mask == EncoderMask.ON || block % 2 == 1;
    boolean text = mask == EncoderMask.ON || block % 2 == 0;
    String isReal = graph.cast(real, ElementType.BOOL);
    String words = text ? isReal : graph.node("And", isReal, graph.boolScalar(false));
    boolean[] things = new boolean[Episodes.THINGS];
    Arrays.fill(things, scene);
    String keys = graph.concat(1, network.sameInEachRow(real, things), words);
    return graph.node("Unsqueeze", keys, graph.longs(1, 2));
  }

  private String block(
      String name, FlowBlock block, String x, String context, String keys, String time) {
    FlowBlockGraph written = new FlowBlockGraph(graph, network, name, block, time);
    String seen = written.before(x);
    String attended =
        network.attention(
            name + ".attention", block.attention(), seen, context.isEmpty() ? seen : context, keys);
    return written.after(x, attended);
  }
}
