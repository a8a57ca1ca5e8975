package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.train.Learner;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** An action head in training under one mask. */
public record GrootLearner(
    GrootTask task, GrootPolicy policy, Parameters parameters, EncoderMask mask, int rows)
    implements Learner {
  @Override
  public Tensor loss(SplittableRandom random) {
    return task.loss(policy, mask, random, rows);
  }
}
