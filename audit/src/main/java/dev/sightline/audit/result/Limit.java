package dev.sightline.audit.result;

/**
 * The largest difference of two runs that is not a fault.
 *
 * @param value largest absolute difference, in units of the model's output; 0 where the runs must
 *     be equal to the bit
 * @param origin where the number comes from
 */
public record Limit(double value, String origin) {}
