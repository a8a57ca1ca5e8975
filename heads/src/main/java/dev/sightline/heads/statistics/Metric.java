package dev.sightline.heads.statistics;

/**
 * What is measured of a head.
 *
 * @param name such as {@code entropy}
 * @param unit such as {@code nats}; 1 for a share, empty for the model's own scale
 * @param note what to know of its numbers in this model, such as the operator that still follows;
 *     may be empty
 */
public record Metric(String name, String unit, String note) {
  public Metric {
    Provenance.requireText("a metric's name", name, 1);
    Provenance.requireText("a unit", unit, 0);
    Provenance.requireText("a metric's note", note, 0);
  }

  /** As in {@code entropy (nats)}. */
  @Override
  public String toString() {
    return unit.isEmpty() || unit.equals("1") ? name : name + " (" + unit + ")";
  }
}
