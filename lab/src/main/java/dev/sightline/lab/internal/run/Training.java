package dev.sightline.lab.internal.run;

import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.policy.Padding;
import dev.sightline.lab.internal.train.Trainer;
import dev.sightline.lab.result.Costs;
import dev.sightline.lab.result.Curve;
import dev.sightline.lab.result.LabResult;
import dev.sightline.lab.result.LabRun;
import dev.sightline.lab.result.Results;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/** Trains a policy in a folder, and runs it on held tasks at the end. */
public final class Training {
  /** Held tasks that a trained policy is run on. */
  private static final int TASKS = 256;

  private static final int ROLLOUTS = 6;
  private static final int CHECKPOINT_STEPS = 50;
  private static final double RATE = 3e-3;

  /** Points of a curve that a result keeps. */
  private static final int CURVE_POINTS = 200;

  private Training() {}

  /** Hears of each step. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A step is done.
     *
     * @param done steps
     * @param total steps
     * @param loss of this step
     */
    void step(int done, int total, float loss);
  }

  /**
   * {@return what the training came to}
   *
   * @param world makes the policy
   * @param run what is trained
   * @param folder where; a training that was begun there goes on
   * @param listener hears of each step
   */
  public static LabResult train(World world, LabRun run, RunFolder folder, Listener listener)
      throws IOException {
    return train(() -> world.arm(run), run, folder, TASKS, listener);
  }

  /** Makes a policy. */
  @FunctionalInterface
  interface ArmSource {
    Arm arm() throws IOException;
  }

  /** As the public one, of any policy, which is run on as many held tasks. */
  static LabResult train(
      ArmSource source, LabRun run, RunFolder folder, int tasks, Listener listener)
      throws IOException {
    // Sums in another order are other numbers: with one thread there is one order.
    torch.set_num_threads(1);
    if (folder.isBegun()) {
      LabRun begun = folder.run();
      if (!begun.equals(run)) {
        throw new IllegalArgumentException(
            "another training was begun in this folder: " + begun.words() + ", not " + run.words());
      }
    }
    folder.begin(run);
    Arm arm = source.arm();
    Results untrained = named(arm.main(tasks), Conditions.UNTRAINED);
    int heldEvery = heldEvery(run.steps());
    List<Long> stepNanos = new ArrayList<>();
    try (Trainer trainer = new Trainer(arm, new Trainer.Plan(run.steps(), RATE, run.seed()))) {
      if (Files.isRegularFile(folder.checkpoint())) {
        trainer.resume(folder.checkpoint());
      }
      while (trainer.next() < run.steps()) {
        long before = processorNanos();
        float loss = trainer.step();
        stepNanos.add(processorNanos() - before);
        int done = trainer.next();
        if (done % heldEvery == 0) {
          trainer.keepHeld(heldLoss(arm));
        }
        if (done % CHECKPOINT_STEPS == 0 || done == run.steps()) {
          trainer.save(folder.checkpoint());
          folder.writeCurve(trainer.losses(), trainer.held(), heldEvery);
        }
        listener.step(done, run.steps(), loss);
      }
      LabResult result = result(run, arm, trainer, stepNanos, untrained);
      folder.finish(result);
      return result;
    }
  }

  /** {@return the policy of a folder as it is after the steps that were taken} */
  public static Arm trained(World world, RunFolder folder) throws IOException {
    torch.set_num_threads(1);
    LabRun run = folder.run();
    if (!Files.isRegularFile(folder.checkpoint())) {
      throw new IOException(
          "'" + folder.checkpoint() + "' is missing: no step of the training was kept");
    }
    Arm arm = world.arm(run);
    try (Trainer trainer = new Trainer(arm, new Trainer.Plan(run.steps(), RATE, run.seed()))) {
      trainer.resume(folder.checkpoint());
    }
    return arm;
  }

  private static int heldEvery(int steps) {
    return Math.max(1, steps / 20);
  }

  private static LabResult result(
      LabRun run, Arm arm, Trainer trainer, List<Long> stepNanos, Results untrained) {
    int tasks = untrained.success().size();
    List<Results> baselines = new ArrayList<>(List.of(untrained, arm.otherInstructions(tasks)));
    baselines.addAll(arm.experts(tasks));
    List<Results> conditions = arm.conditions(tasks);
    List<Long> actionNanos = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      long before = processorNanos();
      arm.act();
      actionNanos.add(processorNanos() - before);
    }
    int heldEvery = heldEvery(run.steps());
    List<Integer> heldSteps = new ArrayList<>();
    for (int i = 1; i <= trainer.held().size(); i++) {
      heldSteps.add(i * heldEvery);
    }
    return new LabResult(
        run,
        thinned(trainer.losses()),
        new Curve(heldSteps, trainer.held()),
        conditions,
        baselines,
        Optional.ofNullable(arm.paddingUse()),
        new Costs(
            medianMillis(stepNanos),
            medianMillis(actionNanos),
            arm.parameters().count(),
            Pointer.physicalBytes()),
        arm.rollouts(run.mask(), Padding.AS_TRAINED, Math.min(tasks, ROLLOUTS)));
  }

  private static float heldLoss(Arm arm) {
    return Torch.withoutGradients(() -> arm.heldLoss().item_float());
  }

  /** Means over as many steps as it takes for the curve to be short. */
  private static Curve thinned(List<Float> losses) {
    int each = (losses.size() + CURVE_POINTS - 1) / CURVE_POINTS;
    List<Integer> steps = new ArrayList<>();
    List<Float> means = new ArrayList<>();
    for (int first = 0; first < losses.size(); first += each) {
      List<Float> part = losses.subList(first, Math.min(first + each, losses.size()));
      steps.add(first + part.size());
      means.add((float) part.stream().mapToDouble(Float::doubleValue).average().orElseThrow());
    }
    return new Curve(steps, means);
  }

  private static Results named(Results results, String name) {
    return new Results(name, results.success(), results.endError(), results.subtasks());
  }

  /** Of this thread alone, which is the one that computes: others on the machine do not count. */
  private static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double medianMillis(List<Long> nanos) {
    if (nanos.isEmpty()) {
      return 0;
    }
    List<Long> sorted = new ArrayList<>(nanos);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2) / 1e6;
  }
}
