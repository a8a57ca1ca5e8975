package dev.sightline.lab.internal.run;

import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.policy.EncoderMask;
import dev.sightline.lab.internal.policy.GrootGraph;
import dev.sightline.lab.internal.policy.GrootPolicy;
import dev.sightline.lab.internal.policy.GrootTask;
import dev.sightline.lab.internal.policy.Padding;
import dev.sightline.lab.result.LabRun;
import dev.sightline.lab.result.PaddingUse;
import dev.sightline.lab.result.Results;
import dev.sightline.lab.result.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** An action head under an encoder mask. */
final class GrootArm implements Arm {
  private final GrootTask task;
  private final int language;
  private final Parameters parameters;
  private final GrootPolicy policy;
  private final EncoderMask mask;
  private final int rows;
  private final long seed;

  GrootArm(GrootTask task, LabRun run, Sizes sizes) {
    this.task = task;
    this.language = task.languageWidth();
    this.parameters = new Parameters(run.seed());
    this.policy =
        new GrootPolicy(
            parameters,
            new GrootPolicy.Shape(
                sizes.width(), sizes.blocks(), sizes.heads(), task.languageWidth()),
            Backends.of(run.attention()));
    this.mask = EncoderMask.of(run.mask());
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
    return results(Padding.AS_TRAINED.id(), mask, Padding.AS_TRAINED, 0, tasks);
  }

  @Override
  public List<Results> conditions(int tasks) {
    List<Results> all = new ArrayList<>();
    for (Padding padding : Padding.values()) {
      all.add(results(padding.id(), mask, padding, 0, tasks));
    }
    EncoderMask other = mask == EncoderMask.OFF ? EncoderMask.ON : EncoderMask.OFF;
    all.add(results(Conditions.OTHER_MASK, other, Padding.AS_TRAINED, 0, tasks));
    return all;
  }

  private Results results(
      String name, EncoderMask atInference, Padding padding, int shift, int tasks) {
    return Judged.results(
        name,
        task.heldTasks(tasks),
        task.paths(policy, new GrootTask.Condition(atInference, padding, shift), tasks),
        null);
  }

  @Override
  public Results otherInstructions(int tasks) {
    return results(Conditions.OTHER_INSTRUCTION, mask, Padding.AS_TRAINED, 1, tasks);
  }

  @Override
  public List<Results> experts(int tasks) {
    return Judged.experts(task.heldTasks(tasks));
  }

  @Override
  public PaddingUse paddingUse() {
    return new PaddingUse(task.attentionOnPadding(policy, mask), task.paddingNorm());
  }

  @Override
  public List<Rollout> rollouts(String atInference, Padding padding, int tasks) {
    return Judged.rollouts(
        task.heldTasks(tasks),
        task.paths(
            policy, new GrootTask.Condition(EncoderMask.of(atInference), padding, 0), tasks));
  }

  @Override
  public void act() {
    task.paths(policy, new GrootTask.Condition(mask, Padding.NONE, 0), 1);
  }

  @Override
  public byte[] onnx(String part) {
    requireWhole(part);
    return GrootGraph.of(policy, mask, language);
  }

  @Override
  public List<String> rows(String part, int tasks) {
    requireWhole(part);
    return task.rows(seed, tasks);
  }

  private static void requireWhole(String part) {
    if (!part.equals("joint")) {
      throw new IllegalArgumentException(
          "'" + part + "' is no part of groot, which is exported whole: joint");
    }
  }
}
