package dev.sightline.lab.result;

import java.util.List;

/**
 * A loss over the steps of a training.
 *
 * @param steps the numbers of the steps, from 1
 * @param losses the loss at each
 */
public record Curve(List<Integer> steps, List<Float> losses) {
  /** Copies both, which are of the same length. */
  public Curve {
    steps = List.copyOf(steps);
    losses = List.copyOf(losses);
    if (steps.size() != losses.size()) {
      throw new IllegalArgumentException(
          "a curve has as many losses as steps, not " + losses.size() + " and " + steps.size());
    }
  }
}
