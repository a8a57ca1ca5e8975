package dev.sightline.heads.statistics;

/**
 * A 95 % confidence interval.
 *
 * @param low its lower end
 * @param high its upper end
 */
public record Interval(double low, double high) {
  /** Whether all of it is at most the margin away from 0. */
  boolean isWithin(double margin) {
    return low >= -margin && high <= margin;
  }
}
