package dev.sightline.audit.internal.judge;

import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.data.Padding;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.CachePair;
import dev.sightline.onnx.internal.model.ParsedModel;

/**
 * The sides on which the padding of a stream is judged: those that were asked for; else those that
 * its callers use. An encoder is padded where its tokenizer pads, which is on the right unless it
 * says otherwise; a decoder on the left to go on writing, and on the right to be trained or scored,
 * but for one that gives a vector for a text, which is used as its tokenizer pads. Lengths leave no
 * choice: they count from the start of a row.
 *
 * @param sides where padding must do no harm
 * @param asked whether the user said so, so that nothing that happens elsewhere counts, and nothing
 *     here is excused
 */
record JudgedSides(Sides sides, boolean asked) {
  /**
   * The sides of a stream.
   *
   * @param isCausal whether no token is meant to see later ones
   */
  static JudgedSides of(Observations seen, StreamProbes probes, boolean isCausal) {
    if (probes.stream().lengths() != null) {
      return new JudgedSides(Sides.RIGHT, false);
    }
    if (seen.sides().isPresent()) {
      return new JudgedSides(seen.sides().get(), true);
    }
    if (isCausal && givesLastTokenOnly(seen, probes)) {
      return new JudgedSides(Sides.LEFT, false);
    }
    if (probes.on(Padding.RIGHT).content().isOfRowsOnly() && endsAtPaddingId(seen, probes)) {
      return new JudgedSides(Sides.RIGHT, false);
    }
    boolean isPooled = probes.on(Padding.RIGHT).content().whole.compared() > 0;
    if (isCausal && !(isPooled && seen.tokenizerPadsLeft())) {
      return new JudgedSides(Sides.BOTH, false);
    }
    return new JudgedSides(seen.tokenizerPadsLeft() ? Sides.LEFT : Sides.RIGHT, false);
  }

  /** A decoder that goes on from its last position, which padding must not be in. */
  private static boolean givesLastTokenOnly(Observations seen, StreamProbes probes) {
    Model model = seen.model();
    return probes.on(Padding.RIGHT).content().isOfRowsOnly()
        && !CachePair.of(ParsedModel.of(model).graph(), model.inputs(), model.outputs()).isEmpty();
  }

  /** As CLIP: a text is read at its first end id, with which it is padded, so never before it. */
  private static boolean endsAtPaddingId(Observations seen, StreamProbes probes) {
    Model model = seen.model();
    return model.endId(probes.stream()).isPresent()
        && model.endId(probes.stream()).equals(model.specialTokens(probes.stream()).padding());
  }

  boolean include(Padding padding) {
    return sides.include(padding);
  }
}
