package dev.sightline.lab.internal.run;

import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.policy.Padding;
import dev.sightline.lab.internal.policy.Pi05Graph;
import dev.sightline.lab.internal.policy.Pi05Policy;
import dev.sightline.lab.internal.policy.Pi05Task;
import dev.sightline.lab.internal.policy.Pi05Task.Inference;
import dev.sightline.lab.internal.policy.PolicyMask;
import dev.sightline.lab.result.LabRun;
import dev.sightline.lab.result.PaddingUse;
import dev.sightline.lab.result.Results;
import dev.sightline.lab.result.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A policy with a subtask, under a mask over all its tokens. */
final class Pi05Arm implements Arm {
  private final Pi05Task task;
  private final Parameters parameters;
  private final Pi05Policy policy;
  private final PolicyMask mask;
  private final int rows;
  private final long seed;

  Pi05Arm(Pi05Task task, LabRun run, Sizes sizes) {
    this.task = task;
    this.parameters = new Parameters(run.seed());
    this.policy =
        new Pi05Policy(
            parameters,
            new Pi05Policy.Shape(
                sizes.width(),
                sizes.blocks(),
                sizes.heads(),
                task.vocabulary(),
                PolicyMask.LANGUAGE),
            Backends.of(run.attention()));
    this.mask = PolicyMask.of(run.mask());
    this.rows = sizes.rows();
    this.seed = run.seed();
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Tensor loss(SplittableRandom random) {
    return task.loss(policy, mask, random, rows);
  }

  @Override
  public Tensor heldLoss() {
    return task.heldLoss(policy, mask);
  }

  @Override
  public Results main(int tasks) {
    return results(Padding.AS_TRAINED.id(), Inference.NO_SUBTASK, Padding.AS_TRAINED, tasks);
  }

  @Override
  public List<Results> conditions(int tasks) {
    List<Results> all = new ArrayList<>();
    for (Padding padding : Padding.values()) {
      all.add(results(padding.id(), Inference.NO_SUBTASK, padding, tasks));
    }
    all.add(results(Conditions.DECODED, Inference.DECODED_SUBTASK, Padding.AS_TRAINED, tasks));
    return all;
  }

  private Results results(String name, Inference inference, Padding padding, int tasks) {
    Pi05Task.Run run = task.run(policy, mask, inference, padding, tasks);
    boolean decoded = inference == Inference.DECODED_SUBTASK;
    return Judged.results(
        name, task.heldTasks(tasks), run.paths(), decoded ? (double) run.subtasks() / tasks : null);
  }

  @Override
  public Results otherInstructions(int tasks) {
    return Judged.results(
        Conditions.OTHER_INSTRUCTION,
        task.heldTasks(tasks),
        task.otherInstructions(policy, mask, tasks).paths(),
        null);
  }

  @Override
  public List<Results> experts(int tasks) {
    return Judged.experts(task.heldTasks(tasks));
  }

  @Override
  public @Nullable PaddingUse paddingUse() {
    return null;
  }

  @Override
  public List<Rollout> rollouts(String atInference, Padding padding, int tasks) {
    return Judged.rollouts(
        task.heldTasks(tasks),
        task.run(policy, PolicyMask.of(atInference), Inference.NO_SUBTASK, padding, tasks).paths());
  }

  @Override
  public void act() {
    task.run(policy, mask, Inference.NO_SUBTASK, Padding.NONE, 1);
  }

  @Override
  public byte[] onnx(String part) {
    return Pi05Graph.of(policy, mask, Pi05Graph.Part.of(part));
  }

  @Override
  public List<String> rows(String part, int tasks) {
    return task.rows(policy, mask, Pi05Graph.Part.of(part), seed, tasks);
  }
}
