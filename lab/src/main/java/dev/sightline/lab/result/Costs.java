package dev.sightline.lab.result;

/**
 * What a policy costs, on one thread.
 *
 * @param stepMillis processor time of a training step, in milliseconds; the median
 * @param actionMillis processor time of one action chunk for one task, in milliseconds; the median
 * @param parameters how many numbers are trained
 * @param memoryBytes physical memory of the process at the end
 */
public record Costs(double stepMillis, double actionMillis, long parameters, long memoryBytes) {}
