package dev.sightline.audit.result;

/**
 * A probe and its verdict.
 *
 * @param probe the question
 * @param stream the tokens that were probed, by the name of their input; empty if the probe is
 *     about the model as a whole
 * @param verdict the answer
 */
public record Finding(Probe probe, String stream, Verdict verdict) {
  /**
   * A finding about the whole model.
   *
   * @param probe the question
   * @param verdict the answer
   */
  public Finding(Probe probe, Verdict verdict) {
    this(probe, "", verdict);
  }
}
