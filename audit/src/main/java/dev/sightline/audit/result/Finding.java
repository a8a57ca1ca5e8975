package dev.sightline.audit.result;

/**
 * A probe and its verdict.
 *
 * @param stream the tokens that were probed, by the name of their input; empty if the probe is
 *     about the model as a whole
 */
public record Finding(Probe probe, String stream, Verdict verdict) {
  /** A finding about the whole model. */
  public Finding(Probe probe, Verdict verdict) {
    this(probe, "", verdict);
  }
}
