package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Attention;
import dev.sightline.lab.internal.network.Linear;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.ScaledDotProduct;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.lab.internal.task.Thing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A policy in the manner of pi0.5: image tokens, an instruction, a subtask that is predicted token
 * by token, and an action expert with parameters of its own that gives the velocity of a flow. All
 * tokens meet in the same attentions, under one mask.
 */
public final class Pi05Policy {
  private final int width;
  private final ScaledDotProduct product;
  private final Parts parts;

  /**
   * Makes a policy with fresh parameters.
   *
   * @param parameters receive the policy's tensors
   * @param shape its sizes
   */
  public Pi05Policy(Parameters parameters, Shape shape) {
    this(parameters, shape, ScaledDotProduct.LIBTORCH);
  }

  /** As {@link #Pi05Policy(Parameters, Shape)}, with attentions that something else computes. */
  public Pi05Policy(Parameters parameters, Shape shape, ScaledDotProduct product) {
    this.width = shape.width;
    this.product = product;
    List<WordBlock> wordBlocks = new ArrayList<>();
    List<FlowBlock> flowBlocks = new ArrayList<>();
    this.parts =
        new Parts(
            parameters.linear("hand", 2, width),
            parameters.linear("scene", Thing.FEATURES, width),
            parameters.table("words", 0.5, shape.vocabulary, width),
            parameters.table("word-positions", 0.5, shape.longest, width),
            // One more than the subtask's vocabulary: what is before its first token.
            parameters.table("steps", 0.5, Subtask.VOCABULARY + 1, width),
            parameters.table("step-positions", 0.5, PolicyMask.SUBTASK, width),
            parameters.linear("next-step", width, Subtask.VOCABULARY),
            parameters.linear("action", 2, width),
            parameters.table("action-positions", 0.5, Episode.ACTIONS, width),
            parameters.linear("time", width, width),
            parameters.silentLinear("velocity", width, 2),
            wordBlocks,
            flowBlocks);
    for (int i = 0; i < shape.blocks; i++) {
      wordBlocks.add(WordBlock.of(parameters, "words." + i, width, shape.heads, product));
      flowBlocks.add(FlowBlock.of(parameters, "flow." + i, width, shape.heads, product));
    }
  }

  /** What a policy is made of. */
  record Parts(
      Linear hand,
      Linear scene,
      Tensor words,
      Tensor wordPositions,
      Tensor steps,
      Tensor stepPositions,
      Linear nextStep,
      Linear action,
      Tensor actionPositions,
      Linear time,
      Linear velocity,
      List<WordBlock> wordBlocks,
      List<FlowBlock> flowBlocks) {}

  Parts parts() {
    return parts;
  }

  int width() {
    return width;
  }

  /**
   * The sizes of a policy.
   *
   * @param width of a token
   * @param blocks layers
   * @param heads of each attention
   * @param vocabulary words of instructions
   * @param longest tokens of the longest instruction, padding included
   */
  public record Shape(int width, int blocks, int heads, int vocabulary, int longest) {}

  /** The states after the last layer; each null where no token of the kind was run. */
  record States(@Nullable Tensor words, @Nullable Tensor flow, KeyValues keyValues) {
    Tensor ofWords() {
      return Objects.requireNonNull(words);
    }

    Tensor ofFlow() {
      return Objects.requireNonNull(flow);
    }
  }

  /**
   * {@return image and language tokens {@code [B, 1 + THINGS + T, width]}}
   *
   * @param place of the hand, {@code [B, 1, 2]}
   * @param things {@code [B, THINGS, Thing.FEATURES]}
   * @param instruction ids of words, int64 {@code [B, T]}
   */
  Tensor prefix(Tensor place, Tensor things, Tensor instruction) {
    Tensor language =
        torch
            .embedding(parts.words, instruction)
            .add(parts.wordPositions.narrow(0, 0, instruction.size(1)));
    return Torch.tokens(parts.hand.of(place), parts.scene.of(things), language);
  }

  /**
   * {@return tokens of a subtask {@code [B, n, width]}}
   *
   * @param ids int64 {@code [B, n]}
   * @param first the position of the first of them in the subtask
   */
  Tensor subtask(Tensor ids, int first) {
    return torch.embedding(parts.steps, ids).add(parts.stepPositions.narrow(0, first, ids.size(1)));
  }

  /** {@return tokens of a noisy action chunk {@code [B, ACTIONS, width]}} */
  Tensor actions(Tensor noisy) {
    return parts.action.of(noisy).add(parts.actionPositions);
  }

  /**
   * {@return for each state of a subtask's token, scores of the next, {@code [B, n, VOCABULARY]}}
   */
  Tensor next(Tensor states) {
    return parts.nextStep.of(Torch.normalised(states));
  }

  /** {@return the velocity of the flow {@code [B, ACTIONS, 2]}} */
  Tensor velocity(Tensor states) {
    return parts.velocity.of(Torch.normalised(states));
  }

  /**
   * {@return the states of new tokens, and the keys and values of all}
   *
   * @param wordTokens image, language and subtask tokens {@code [B, n, width]}, or null
   * @param flowTokens action tokens {@code [B, m, width]}, or null
   * @param times of the flow, one for each batch row
   * @param mask bool {@code [B, 1, n + m, keys so far + n + m]}
   * @param past keys and values of the tokens before
   */
  States run(
      @Nullable Tensor wordTokens,
      @Nullable Tensor flowTokens,
      float[] times,
      Tensor mask,
      KeyValues past) {
    KeyValues kept = KeyValues.none();
    Tensor at = parts.time.of(Torch.timeFeatures(times, width)).unsqueeze(1);
    Tensor x = wordTokens;
    Tensor y = flowTokens;
    for (int layer = 0; layer < parts.wordBlocks.size(); layer++) {
      WordBlock wordBlock = parts.wordBlocks.get(layer);
      FlowBlock flowBlock = parts.flowBlocks.get(layer);
      TensorVector modulations = flowBlock.modulations(at);
      TensorVector queries = new TensorVector();
      TensorVector keys = new TensorVector();
      TensorVector values = new TensorVector();
      if (x != null) {
        project(wordBlock.attention(), wordBlock.before(x), queries, keys, values);
      }
      if (y != null) {
        project(flowBlock.attention(), flowBlock.before(y, modulations), queries, keys, values);
      }
      Tensor allKeys = past.keys(layer, torch.cat(keys, 2));
      Tensor allValues = past.values(layer, torch.cat(values, 2));
      kept.keep(allKeys, allValues);
      Tensor seen = Attention.joined(product.of(torch.cat(queries, 2), allKeys, allValues, mask));
      long ofWords = x == null ? 0 : x.size(1);
      if (x != null) {
        x = wordBlock.after(x, wordBlock.attention().output().of(seen.narrow(1, 0, ofWords)));
      }
      if (y != null) {
        Tensor ofFlow = seen.narrow(1, ofWords, y.size(1));
        y = flowBlock.after(y, flowBlock.attention().output().of(ofFlow), modulations);
      }
    }
    return new States(x, y, kept);
  }

  private static void project(
      Attention attention, Tensor x, TensorVector queries, TensorVector keys, TensorVector values) {
    queries.push_back(attention.split(attention.query().of(x)));
    keys.push_back(attention.split(attention.key().of(x)));
    values.push_back(attention.split(attention.value().of(x)));
  }
}
