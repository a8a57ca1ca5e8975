package dev.sightline.lab.internal.run;

import dev.sightline.lab.internal.policy.Padding;
import dev.sightline.lab.internal.train.Learner;
import dev.sightline.lab.result.PaddingUse;
import dev.sightline.lab.result.Results;
import dev.sightline.lab.result.Rollout;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A policy under one mask, which is trained and run on held tasks. */
public interface Arm extends Learner {
  /** {@return the loss of held tasks, of the same batch each time} */
  Tensor heldLoss();

  /** {@return what the policy does with held tasks under the main condition} */
  Results main(int tasks);

  /** {@return what the policy does with held tasks under each condition, the main one first} */
  List<Results> conditions(int tasks);

  /** {@return what the policy does with held tasks with the instructions of others} */
  Results otherInstructions(int tasks);

  /** {@return what an expert does that guesses each instruction, and what the expert does} */
  List<Results> experts(int tasks);

  /** {@return what the action head does with padding, or null} */
  @Nullable PaddingUse paddingUse();

  /**
   * {@return held tasks as they were run, the first ones}
   *
   * @param atInference the mask under which they are run, as {@code LabRun} names it
   */
  List<Rollout> rollouts(String atInference, Padding padding, int tasks);

  /** Makes one action chunk for one task. */
  void act();

  /**
   * {@return the trained policy as the bytes of a .onnx file}
   *
   * @param part which of its tokens are run: {@code joint} for all
   * @throws IllegalArgumentException if the policy has no such part
   */
  byte[] onnx(String part);

  /**
   * {@return held tasks as lines of JSON, with a field for each input of {@link #onnx}}
   *
   * @param part as there
   * @throws IllegalArgumentException if the policy has no such part
   */
  List<String> rows(String part, int tasks);
}
