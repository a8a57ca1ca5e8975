package dev.sightline.lab.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy did with held tasks under one condition.
 *
 * @param condition its name, such as {@code none} for runs without padding
 * @param success for each task, 1 where every goal was reached and 0 where not
 * @param endError for each task, how far the hand ended from the last goal
 * @param subtasks the share of subtasks decoded without an error; null where none is decoded
 */
public record Results(
    String condition, List<Double> success, List<Double> endError, @Nullable Double subtasks) {
  /** Copies the lists. */
  public Results {
    success = List.copyOf(success);
    endError = List.copyOf(endError);
  }

  /**
   * Returns the share of tasks that succeeded.
   *
   * @return from 0 to 1
   */
  public double successRate() {
    return mean(success);
  }

  /**
   * Returns the mean distance from the last goal.
   *
   * @return in the plane's units; the plane is 2 wide
   */
  public double meanEndError() {
    return mean(endError);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }
}
