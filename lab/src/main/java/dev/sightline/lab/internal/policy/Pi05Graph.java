package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.export.NetworkGraph;
import dev.sightline.lab.internal.export.NetworkGraph.Projected;
import dev.sightline.lab.internal.network.Attention;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.lab.internal.task.Thing;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes a trained policy in the manner of pi0.5 as an ONNX model: the run of all tokens at once,
 * or the two runs of a robot without a subtask, of which the first gives the keys and values that
 * the second takes. The instruction has the length of the policy's longest; {@code attention_mask}
 * is 1 at its words.
 */
public final class Pi05Graph {
  private static final long OPSET = 17;
  private static final ElementType NUMBER = ElementType.FLOAT32;

  private final GraphBuilder graph;
  private final NetworkGraph network;
  private final Pi05Policy policy;
  private final Pi05Policy.Parts parts;
  private final BoundMask mask;
  private final int language;

  /** Which tokens a model runs. */
  public enum Part {
    /** All: image, language, subtask and flow. */
    JOINT,
    /** Image and language, whose keys and values are outputs. */
    PREFIX,
    /** Flow over the keys and values of image and language. */
    STEP;

    /** {@return the part of a name in commands, such as {@code joint}} */
    public static Part of(String name) {
      return Arrays.stream(values())
          .filter(part -> part.id().equals(name))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "'%s' is no part of pi05; it has %s"
                      .formatted(
                          name,
                          String.join(", ", Arrays.stream(values()).map(Part::id).toList()))));
    }

    private String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private Pi05Graph(Pi05Policy policy, PolicyMask mask, Part part) {
    this.graph = new GraphBuilder("pi05-" + part.id());
    this.network = new NetworkGraph(graph);
    this.policy = policy;
    this.parts = policy.parts();
    this.language = (int) parts.wordPositions().size(0);
    int tokens = PolicyMask.tokens(language);
    this.mask = mask.attention(language).over(new MaskShape(1, 1, tokens, tokens));
  }

  /**
   * {@return the bytes of a .onnx file}
   *
   * @param policy trained
   * @param mask under which it was
   * @param part the tokens that are run
   */
  public static byte[] of(Pi05Policy policy, PolicyMask mask, Part part) {
    Pi05Graph written = new Pi05Graph(policy, mask, part);
    switch (part) {
      case JOINT -> written.joint();
      case PREFIX -> written.prefix();
      case STEP -> written.step();
    }
    return written.graph.model(OPSET, "sightline-lab");
  }

  private void joint() {
    String prefix = prefixTokens();
    String real = attentionMask();
    String subtask = subtaskTokens();
    String flow = flowTokens();
    String time = time();
    int[] tokens = JointMask.range(0, PolicyMask.tokens(language));
    int first = PolicyMask.IMAGE + language;
    States states =
        run(graph.concat(1, prefix, subtask), flow, time, keys(real, tokens, tokens), false);
    velocity(states.flow);
    String ofSubtask = graph.slice(states.words, 1, first, first + PolicyMask.SUBTASK);
    graph.output(
        "subtask_scores",
        network.linear("next-step", parts.nextStep(), network.normalised(ofSubtask, width())),
        NUMBER,
        "batch",
        Integer.toString(PolicyMask.SUBTASK),
        Integer.toString(Subtask.VOCABULARY));
  }

  private void prefix() {
    String prefix = prefixTokens();
    String real = attentionMask();
    int[] tokens = JointMask.range(0, PolicyMask.IMAGE + language);
    List<Projected> projected = run(prefix, null, "", keys(real, tokens, tokens), false).projected;
    for (int layer = 0; layer < projected.size(); layer++) {
      graph.output(key("present", layer), projected.get(layer).keys(), NUMBER, cached());
      graph.output(value("present", layer), projected.get(layer).values(), NUMBER, cached());
    }
  }

  private void step() {
    String flow = flowTokens();
    String time = time();
    String real = attentionMask();
    for (int layer = 0; layer < parts.flowBlocks().size(); layer++) {
      graph.input(key("past", layer), NUMBER, cached());
      graph.input(value("past", layer), NUMBER, cached());
    }
    int first = PolicyMask.IMAGE + language + PolicyMask.SUBTASK;
    int[] queries = JointMask.range(first, first + PolicyMask.FLOW);
    int[] keys = JointMask.both(JointMask.range(0, PolicyMask.IMAGE + language), queries);
    velocity(run(null, flow, time, keys(real, queries, keys), true).flow);
  }

  private String[] cached() {
    Attention attention = parts.flowBlocks().getFirst().attention();
    return new String[] {
      "batch",
      Integer.toString(attention.heads()),
      Integer.toString(PolicyMask.IMAGE + language),
      Long.toString(width() / attention.heads())
    };
  }

  static String key(String stem, int layer) {
    return stem + "." + layer + ".key";
  }

  static String value(String stem, int layer) {
    return stem + "." + layer + ".value";
  }

  private long width() {
    return policy.width();
  }

  private String prefixTokens() {
    String state = graph.input("state", NUMBER, "batch", "1", "2");
    String scene =
        graph.input(
            "scene",
            NUMBER,
            "batch",
            Integer.toString(Episodes.THINGS),
            Integer.toString(Thing.FEATURES));
    String ids = graph.input("input_ids", ElementType.INT64, "batch", Integer.toString(language));
    return graph.concat(
        1,
        network.linear("hand", parts.hand(), state),
        network.linear("scene", parts.scene(), scene),
        network.embedded("words", parts.words(), "word-positions", parts.wordPositions(), ids));
  }

  private String attentionMask() {
    return graph.input("attention_mask", ElementType.INT64, "batch", Integer.toString(language));
  }

  private String subtaskTokens() {
    String ids =
        graph.input(
            "subtask_ids", ElementType.INT64, "batch", Integer.toString(PolicyMask.SUBTASK));
    return network.embedded("steps", parts.steps(), "step-positions", parts.stepPositions(), ids);
  }

  private String flowTokens() {
    String noisy =
        graph.input("noisy_actions", NUMBER, "batch", Integer.toString(Episode.ACTIONS), "2");
    return graph.node(
        "Add",
        network.linear("action", parts.action(), noisy),
        network.constant("action-positions", parts.actionPositions()));
  }

  private String time() {
    String time = graph.input("time", NUMBER, "batch");
    return network.linear("time", parts.time(), network.timeFeatures(time, policy.width()));
  }

  /** Adds the output that the flow's states give. */
  private void velocity(String states) {
    graph.output(
        "velocity",
        network.linear("velocity", parts.velocity(), network.normalised(states, width())),
        NUMBER,
        "batch",
        Integer.toString(Episode.ACTIONS),
        "2");
  }

  /**
   * {@return bool {@code [B, 1, queries, keys]}: the mask's cells of these tokens, less padding}
   */
  private String keys(String real, int[] queries, int[] keys) {
    boolean[] cells = new boolean[queries.length * keys.length];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = mask.allowed(0, 0, queries[i / keys.length], keys[i % keys.length]);
    }
    boolean[] image = new boolean[PolicyMask.IMAGE];
    boolean[] after = new boolean[keys.length - image.length - language];
    Arrays.fill(image, true);
    Arrays.fill(after, true);
    List<String> bits = new ArrayList<>();
    bits.add(network.sameInEachRow(real, image));
    bits.add(graph.cast(real, ElementType.BOOL));
    if (after.length > 0) {
      bits.add(network.sameInEachRow(real, after));
    }
    String areReal =
        graph.node("Unsqueeze", graph.concat(1, bits.toArray(String[]::new)), graph.longs(1, 2));
    return graph.node("And", network.cells(cells, 1, 1, queries.length, keys.length), areReal);
  }

  /** The states after the last layer, "" where no token of the kind is run. */
  private record States(String words, String flow, List<Projected> projected) {}

  private States run(
      @Nullable String words, @Nullable String flow, String time, String allowed, boolean cached) {
    String x = words;
    String y = flow;
    List<Projected> kept = new ArrayList<>();
    long ofWords =
        words == null ? 0 : PolicyMask.IMAGE + language + (flow == null ? 0 : PolicyMask.SUBTASK);
    for (int layer = 0; layer < parts.wordBlocks().size(); layer++) {
      WordBlock wordBlock = parts.wordBlocks().get(layer);
      FlowBlock flowBlock = parts.flowBlocks().get(layer);
      String wordName = "words." + layer;
      String flowName = "flow." + layer;
      FlowBlockGraph flowWritten = null;
      List<Projected> all = new ArrayList<>();
      if (cached) {
        all.add(new Projected("", key("past", layer), value("past", layer)));
      }
      if (x != null) {
        String before = network.normalised(x, width());
        all.add(network.projected(wordName + ".attention", wordBlock.attention(), before, before));
      }
      if (y != null) {
        flowWritten = new FlowBlockGraph(graph, network, flowName, flowBlock, time);
        String before = flowWritten.before(y);
        all.add(network.projected(flowName + ".attention", flowBlock.attention(), before, before));
      }
      Projected joined = joined(all);
      kept.add(joined);
      String seen = network.scaledDotProduct(joined, flowBlock.attention(), allowed);
      if (x != null) {
        String own = y == null ? seen : graph.slice(seen, 1, 0, ofWords);
        x =
            after(
                wordName,
                wordBlock,
                x,
                network.output(wordName + ".attention", wordBlock.attention(), own));
      }
      if (y != null && flowWritten != null) {
        String own = x == null ? seen : graph.slice(seen, 1, ofWords, ofWords + PolicyMask.FLOW);
        y =
            flowWritten.after(
                y, network.output(flowName + ".attention", flowBlock.attention(), own));
      }
    }
    return new States(x == null ? "" : x, y == null ? "" : y, kept);
  }

  private Projected joined(List<Projected> all) {
    return new Projected(
        concatenated(all.stream().map(Projected::queries).filter(name -> !name.isEmpty()).toList()),
        concatenated(all.stream().map(Projected::keys).toList()),
        concatenated(all.stream().map(Projected::values).toList()));
  }

  private String concatenated(List<String> parts) {
    return parts.size() == 1 ? parts.getFirst() : graph.concat(2, parts.toArray(String[]::new));
  }

  private String after(String name, WordBlock block, String x, String attended) {
    String y = graph.node("Add", x, attended);
    String inner = network.linear(name + ".up", block.up(), network.normalised(y, width()));
    return graph.node("Add", y, network.linear(name + ".down", block.down(), network.gelu(inner)));
  }
}
