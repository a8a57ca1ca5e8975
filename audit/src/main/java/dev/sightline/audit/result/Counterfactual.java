package dev.sightline.audit.result;

import java.util.List;

/**
 * What becomes of the failed findings when the model runs with the mask that it should have, put in
 * at its attentions: every query sees real keys alone, and no later ones in a causal stream. What
 * goes away was the mask's fault; what stays was not.
 *
 * @param layers the attentions that got the mask, in order of execution from 0; the fault is in
 *     them if all findings go away
 * @param cured failed findings that do not fail with it
 * @param remaining failed findings that fail with it too
 * @param whyNot why it could not be tried; empty if it was
 */
public record Counterfactual(
    List<Integer> layers, List<Finding> cured, List<Finding> remaining, String whyNot) {
  /** Copies the lists. */
  public Counterfactual {
    layers = List.copyOf(layers);
    cured = List.copyOf(cured);
    remaining = List.copyOf(remaining);
  }

  /**
   * {@return a counterfactual that could not be tried}
   *
   * @param reason why, without a full stop
   */
  public static Counterfactual untried(String reason) {
    return new Counterfactual(List.of(), List.of(), List.of(), reason);
  }

  /** {@return whether the mask alone was at fault: all that failed goes away with the right one} */
  public boolean curesAll() {
    return !cured.isEmpty() && remaining.isEmpty();
  }

  /**
   * {@return whether the mask was not at fault: nothing that failed goes away with the right one}
   */
  public boolean curesNothing() {
    return cured.isEmpty() && !remaining.isEmpty();
  }
}
