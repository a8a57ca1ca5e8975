package dev.sightline.lab;

/**
 * What a policy did with held tasks under one condition.
 *
 * @param condition its name, such as {@code none} for runs without padding
 * @param success for each task, 1 where every goal was reached and 0 where not
 * @param endError for each task, how far the hand ended from the last goal
 * @param subtasks the share of subtasks decoded without an error; NaN where none is decoded
 */
public record Results(String condition, double[] success, double[] endError, double subtasks) {
  /** {@return the share of tasks that succeeded} */
  public double successRate() {
    return java.util.Arrays.stream(success).average().orElse(0);
  }

  /** {@return the mean distance from the last goal} */
  public double meanEndError() {
    return java.util.Arrays.stream(endError).average().orElse(0);
  }
}
