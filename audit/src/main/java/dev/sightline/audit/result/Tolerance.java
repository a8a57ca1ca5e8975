package dev.sightline.audit.result;

/**
 * How much two runs may differ, and who says so.
 *
 * @param value largest absolute difference allowed, in units of the model's output; 0 where the
 *     runs must be equal to the bit
 * @param origin where the number comes from, in words
 */
public record Tolerance(double value, String origin) {}
