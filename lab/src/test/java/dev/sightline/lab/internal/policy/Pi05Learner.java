package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.train.Learner;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** A policy in the manner of pi0.5 in training under one mask. */
public record Pi05Learner(
    Pi05Task task, Pi05Policy policy, Parameters parameters, PolicyMask mask, int rows)
    implements Learner {
  @Override
  public Tensor loss(SplittableRandom random) {
    return task.loss(policy, mask, random, rows);
  }
}
