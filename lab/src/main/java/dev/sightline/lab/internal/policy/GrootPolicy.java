package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Linear;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.ScaledDotProduct;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.lab.internal.task.Thing;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An action head in the manner of GR00T N1: a diffusion transformer whose state, future and action
 * tokens attend to vision-language tokens and to each other in turn, and give the velocity of a
 * flow from noise to an action chunk.
 */
public final class GrootPolicy {
  /** Learned tokens between the state and the actions. */
  static final int FUTURE = 6;

  private static final int QUERIES = EncoderMask.QUERIES;

  private final int width;
  private final Parts parts;

  /**
   * Makes a head with fresh parameters.
   *
   * @param parameters receive the head's tensors
   * @param shape its sizes
   */
  public GrootPolicy(Parameters parameters, Shape shape) {
    this(parameters, shape, ScaledDotProduct.LIBTORCH);
  }

  /** As {@link #GrootPolicy(Parameters, Shape)}, with attentions that something else computes. */
  public GrootPolicy(Parameters parameters, Shape shape, ScaledDotProduct product) {
    this.width = shape.width;
    List<FlowBlock> crossBlocks = new ArrayList<>();
    List<FlowBlock> selfBlocks = new ArrayList<>();
    this.parts =
        new Parts(
            parameters.linear("scene", Thing.FEATURES, width),
            parameters.linear("language", shape.languageWidth, width),
            parameters.linear("state", 2, width),
            parameters.linear("action", 2, width),
            parameters.linear("time", width, width),
            parameters.silentLinear("velocity", width, 2),
            parameters.linear("meaning", width, Subtask.VOCABULARY),
            parameters.table("sources", 0.5, 2, width),
            parameters.table("future", 0.5, FUTURE, width),
            parameters.table("positions", 0.5, Episode.ACTIONS, width),
            crossBlocks,
            selfBlocks);
    for (int i = 0; i < shape.blocks; i++) {
      crossBlocks.add(FlowBlock.of(parameters, "cross." + i, width, shape.heads, product));
      selfBlocks.add(FlowBlock.of(parameters, "self." + i, width, shape.heads, product));
    }
  }

  /** What a head is made of. */
  record Parts(
      Linear scene,
      Linear language,
      Linear state,
      Linear action,
      Linear time,
      Linear velocity,
      Linear meaning,
      Tensor sources,
      Tensor future,
      Tensor positions,
      List<FlowBlock> crossBlocks,
      List<FlowBlock> selfBlocks) {}

  Parts parts() {
    return parts;
  }

  int width() {
    return width;
  }

  /**
   * The sizes of a head.
   *
   * @param width of a token
   * @param blocks pairs of a cross- and a self-attention
   * @param heads of each attention
   * @param languageWidth of the language encoder's hidden states
   */
  public record Shape(int width, int blocks, int heads, int languageWidth) {}

  /**
   * What a head gives.
   *
   * @param velocity of the flow {@code [B, ACTIONS, 2]}
   * @param meaning scores of the instruction's meaning {@code [B, Subtask.TOKENS, VOCABULARY]},
   *     from the first future tokens; used in training alone
   */
  record Output(Tensor velocity, Tensor meaning) {}

  /**
   * {@return what the head gives}
   *
   * @param seen what the head sees
   * @param noisy the action chunk on its way from noise, {@code [B, ACTIONS, 2]}
   * @param times of the flow, from 0 to 1, one for each batch row
   */
  Output run(GrootInputs seen, Tensor noisy, float[] times) {
    Tensor last = Torch.normalised(states(seen, noisy, times, (block, x, context) -> {}));
    return new Output(
        parts.velocity.of(last.narrow(1, 1 + FUTURE, Episode.ACTIONS)),
        parts.meaning.of(last.narrow(1, 1, Subtask.TOKENS)));
  }

  /** Sees what goes into each cross-attention. */
  private interface Observer {
    void cross(int block, Tensor x, Tensor context);
  }

  private Tensor states(GrootInputs seen, Tensor noisy, float[] times, Observer observer) {
    Tensor context =
        Torch.tokens(
            parts.scene.of(seen.scene()).add(parts.sources.select(0, 0)),
            parts.language.of(Torch.normalised(seen.language())).add(parts.sources.select(0, 1)));
    Tensor x =
        Torch.tokens(
            parts.state.of(seen.state()),
            parts.future.unsqueeze(0).expand(times.length, FUTURE, width),
            parts.action.of(noisy).add(parts.positions));
    Tensor at = parts.time.of(Torch.timeFeatures(times, width)).unsqueeze(1);
    Tensor all = torch.ones(new long[] {1, 1, QUERIES, QUERIES}).to(torch.ScalarType.Bool);
    for (int i = 0; i < parts.crossBlocks.size(); i++) {
      FlowBlock block = parts.crossBlocks.get(i);
      observer.cross(i, block.before(x, block.modulations(at)), context);
      x = block.cross(x, context, seen.mask(i, QUERIES), at);
      x = parts.selfBlocks.get(i).self(x, all, at);
    }
    return x;
  }

  /** {@return the velocity of the flow {@code [B, ACTIONS, 2]}, as {@link #run} gives it} */
  public Tensor velocity(GrootInputs seen, Tensor noisy, float[] times) {
    return run(seen, noisy, times).velocity;
  }

  /** {@return the mean share of the cross-attentions' probability that is at padding} */
  double attentionOnPadding(GrootInputs seen, Tensor noisy, float[] times) {
    double[] sum = new double[1];
    states(
        seen,
        noisy,
        times,
        (block, x, context) -> {
          Tensor shares =
              parts
                  .crossBlocks
                  .get(block)
                  .attention()
                  .probabilities(x, context, seen.mask(block, QUERIES));
          sum[0] += shares.mul(seen.padding()).sum(-1).mean().item_double();
        });
    return sum[0] / parts.crossBlocks.size();
  }
}
