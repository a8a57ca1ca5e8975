package dev.sightline.lab.result;

import java.util.List;
import java.util.Optional;

/**
 * What one training came to.
 *
 * @param run what was trained
 * @param training the loss of the steps; of long trainings means over some
 * @param held the loss of held tasks on the way
 * @param conditions what the policy did with held tasks under each condition; the first is the one
 *     that a comparison is about
 * @param baselines what others did with the same tasks: the untrained policy, the policy with
 *     another task's instruction, an expert that guesses the instruction, and the expert
 * @param padding what the action head does with padding; empty for a policy without a frozen
 *     encoder
 * @param costs time and memory
 * @param rollouts some of the held tasks, under the first condition
 */
public record LabResult(
    LabRun run,
    Curve training,
    Curve held,
    List<Results> conditions,
    List<Results> baselines,
    Optional<PaddingUse> padding,
    Costs costs,
    List<Rollout> rollouts) {
  /** Copies the lists. */
  public LabResult {
    conditions = List.copyOf(conditions);
    baselines = List.copyOf(baselines);
    rollouts = List.copyOf(rollouts);
  }

  /**
   * Returns the results under a condition, or of a baseline.
   *
   * @param condition its name
   * @return the results; empty if there are none
   */
  public Optional<Results> under(String condition) {
    return java.util.stream.Stream.concat(conditions.stream(), baselines.stream())
        .filter(results -> results.condition().equals(condition))
        .findFirst();
  }
}
