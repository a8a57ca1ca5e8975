package dev.sightline.lab.internal.train;

import dev.sightline.lab.internal.network.Parameters;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** A policy that is trained: its parameters, and the loss of a batch. */
public interface Learner {
  /** {@return what is trained} */
  Parameters parameters();

  /**
   * {@return the loss of one batch}
   *
   * @param random decides the batch, and nothing else does
   */
  Tensor loss(SplittableRandom random);
}
