package dev.sightline.heads;

/**
 * What is measured of a head.
 *
 * @param name such as {@code entropy}
 * @param unit such as {@code nats}
 */
public record Metric(String name, String unit) {
  public Metric {
    Provenance.requireShort("a metric's name", name);
    Provenance.requireShort("a unit", unit);
  }

  /** As in {@code entropy (nats)}. */
  @Override
  public String toString() {
    return name + " (" + unit + ")";
  }
}
