package dev.sightline.audit.internal.judge;

import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Which streams of tokens are causal, by what was found. */
public final class CausalStreams {
  private CausalStreams() {}

  /**
   * The streams, by index, whose causality has one of some outcomes. A finding of a model of one
   * stream names none.
   */
  public static Set<Integer> of(Model model, List<Finding> findings, Predicate<Outcome> outcomes) {
    Set<Integer> causal = new TreeSet<>();
    List<TokenStream> streams = model.roles().streams();
    for (Finding finding : findings) {
      boolean counts =
          finding.probe() == Probe.CAUSALITY && outcomes.test(finding.verdict().outcome());
      for (int s = 0; s < streams.size() && counts; s++) {
        if (streams.size() == 1 || streams.get(s).name().equals(finding.stream())) {
          causal.add(s);
        }
      }
    }
    return causal;
  }
}
