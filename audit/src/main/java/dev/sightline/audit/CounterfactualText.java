package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Counterfactual;
import java.util.List;

/** What the right mask, put in at the attentions, makes of what failed. */
final class CounterfactualText {
  private CounterfactualText() {}

  /** Returns a sentence without a full stop; empty where there is nothing to say. */
  static String of(AuditResult result) {
    Counterfactual counterfactual = result.counterfactual();
    if (counterfactual == null) {
      return "";
    }
    if (!counterfactual.whyNot().isEmpty()) {
      return "none: the right mask could not be put in, " + counterfactual.whyNot();
    }
    int cured = counterfactual.cured().size();
    int failed = cured + counterfactual.remaining().size();
    String with = "with the right mask put in at " + layers(result, counterfactual.layers());
    if (counterfactual.curesAll()) {
      return with + (failed == 1 ? " the failed check holds" : " all failed checks hold");
    }
    if (!isOfEvery(result, counterfactual)) {
      return "";
    }
    return counterfactual.curesNothing()
        ? "the right mask put in at every layer changes nothing: the mask is not at fault"
        : with
            + " "
            + cured
            + " of "
            + Phrases.counted(failed, "failed check")
            + " hold; the rest is not the mask's fault";
  }

  /** Whether what failed has nothing to do with the mask: it fails with the right one too. */
  static boolean acquitsMask(AuditResult result) {
    Counterfactual counterfactual = result.counterfactual();
    return counterfactual != null
        && counterfactual.curesNothing()
        && isOfEvery(result, counterfactual);
  }

  /** Whether no attention was left as it was. */
  private static boolean isOfEvery(AuditResult result, Counterfactual counterfactual) {
    return counterfactual.layers().size() == result.attention().found().size()
        && result.attention().rejected().stream().noneMatch(rejected -> rejected.isInBody());
  }

  private static String layers(AuditResult result, List<Integer> layers) {
    int all = result.attention().found().size();
    return layers.size() == all && all > 1
        ? "every layer"
        : (layers.size() == 1 ? "layer " : "layers ") + Phrases.ranges(layers);
  }
}
