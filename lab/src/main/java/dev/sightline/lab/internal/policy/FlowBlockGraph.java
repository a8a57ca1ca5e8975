package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.export.NetworkGraph;
import dev.sightline.onnx.internal.graph.GraphBuilder;

/** Writes a {@link FlowBlock} around its attention. */
final class FlowBlockGraph {
  private final GraphBuilder graph;
  private final NetworkGraph network;
  private final String name;
  private final FlowBlock block;
  private final long width;
  private final String modulations;

  /**
   * Writes the block's modulations.
   *
   * @param name of the block's parameters
   * @param time of the flow, {@code [B, 1, width]}, as {@link FlowBlock#modulations} takes it
   */
  FlowBlockGraph(
      GraphBuilder graph, NetworkGraph network, String name, FlowBlock block, String time) {
    this.graph = graph;
    this.network = network;
    this.name = name;
    this.block = block;
    this.width = block.modulation().weight().size(1);
    this.modulations = network.linear(name + ".modulation", block.modulation(), network.silu(time));
  }

  /** {@return what the attention's queries, keys and values are made of} */
  String before(String x) {
    return modulated(x, 0);
  }

  /** {@return the block's output} */
  String after(String x, String attended) {
    String y = graph.node("Add", x, graph.node("Mul", attended, part(2)));
    String inner = network.linear(name + ".up", block.up(), modulated(y, 3));
    String changed = network.linear(name + ".down", block.down(), network.gelu(inner));
    return graph.node("Add", y, graph.node("Mul", changed, part(5)));
  }

  private String modulated(String x, int first) {
    String scale = graph.node("Add", part(first + 1), graph.scalar(1));
    return graph.node("Add", graph.node("Mul", network.normalised(x, width), scale), part(first));
  }

  private String part(int number) {
    return graph.slice(modulations, 2, number * width, (number + 1) * width);
  }
}
