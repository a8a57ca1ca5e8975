package dev.sightline.heads.statistics;

/**
 * A metric as statistics name it.
 *
 * @param name such as {@code entropy}
 * @param unit such as {@code nats}; 1 for a share, empty for the model's own scale
 * @param note a remark on its numbers in this model, such as the operator after the output
 *     projection; may be empty
 */
public record Metric(String name, String unit, String note) {
  /**
   * Checks the texts.
   *
   * @throws IllegalArgumentException if one is too long, or the name is empty
   */
  public Metric {
    Provenance.requireText("a metric's name", name, 1);
    Provenance.requireText("a unit", unit, 0);
    Provenance.requireText("a metric's note", note, 0);
  }

  /**
   * Returns the name, with the unit if it is not a share.
   *
   * @return such as {@code entropy (nats)}
   */
  @Override
  public String toString() {
    return unit.isEmpty() || unit.equals("1") ? name : name + " (" + unit + ")";
  }
}
