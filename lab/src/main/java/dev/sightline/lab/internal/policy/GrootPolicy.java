package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Linear;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
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
  static final int FUTURE = 4;

  private final int width;
  private final Linear scene;
  private final Linear language;
  private final Linear state;
  private final Linear action;
  private final Linear time;
  private final Linear velocity;
  private final Tensor sources;
  private final Tensor future;
  private final Tensor positions;
  private final List<FlowBlock> crossBlocks = new ArrayList<>();
  private final List<FlowBlock> selfBlocks = new ArrayList<>();

  /**
   * Makes a head with fresh parameters.
   *
   * @param parameters receive the head's tensors
   * @param shape its sizes
   */
  public GrootPolicy(Parameters parameters, Shape shape) {
    this.width = shape.width;
    this.scene = parameters.linear("scene", Thing.FEATURES, width);
    this.language = parameters.linear("language", shape.languageWidth, width);
    this.state = parameters.linear("state", 2, width);
    this.action = parameters.linear("action", 2, width);
    this.time = parameters.linear("time", width, width);
    this.velocity = parameters.silentLinear("velocity", width, 2);
    this.sources = parameters.table("sources", 0.5, 2, width);
    this.future = parameters.table("future", 0.5, FUTURE, width);
    this.positions = parameters.table("positions", 0.5, Episode.ACTIONS, width);
    for (int i = 0; i < shape.blocks; i++) {
      crossBlocks.add(FlowBlock.of(parameters, "cross." + i, width, shape.heads));
      selfBlocks.add(FlowBlock.of(parameters, "self." + i, width, shape.heads));
    }
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
   * {@return the velocity of the flow {@code [B, ACTIONS, 2]}}
   *
   * @param seen what the head sees
   * @param noisy the action chunk on its way from noise, {@code [B, ACTIONS, 2]}
   * @param times of the flow, from 0 to 1, one for each batch row
   */
  public Tensor velocity(GrootInputs seen, Tensor noisy, float[] times) {
    Tensor context =
        Torch.tokens(
            scene.of(seen.scene()).add(sources.select(0, 0)),
            language.of(seen.language()).add(sources.select(0, 1)));
    Tensor x =
        Torch.tokens(
            state.of(seen.state()),
            future.unsqueeze(0).expand(times.length, FUTURE, width),
            action.of(noisy).add(positions));
    Tensor at = time.of(Torch.timeFeatures(times, width)).unsqueeze(1);
    int queries = 1 + FUTURE + Episode.ACTIONS;
    Tensor all = torch.ones(new long[] {1, 1, queries, queries}).to(torch.ScalarType.Bool);
    for (int i = 0; i < crossBlocks.size(); i++) {
      x = crossBlocks.get(i).cross(x, context, seen.mask(i, queries), at);
      x = selfBlocks.get(i).self(x, all, at);
    }
    return velocity.of(Torch.normalised(x).narrow(1, 1 + FUTURE, Episode.ACTIONS));
  }
}
