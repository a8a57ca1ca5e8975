package dev.sightline.audit.internal.probe;

import dev.sightline.audit.declared.Sides;
import dev.sightline.data.Pooling;
import dev.sightline.onnx.Model;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was seen, before anybody judges it.
 *
 * @param declaredPooling how the output for a whole text is said to be made
 * @param sides where padding must do no harm; empty if it was not given
 * @param tokenizerPadsLeft whether the model's tokenizer says that it pads on the left
 * @param streams probes of the streams that have a mask
 * @param unmasked what padding changes, by index of the stream, for those without a mask
 * @param causality by index of the stream, for those with an output for each token
 * @param future what heads give to later tokens, by index of the stream, likewise
 * @param inside attention on padding; null if it could not be read
 * @param whyNotInside why not; empty if it could
 * @param entries where the faults of each stream enter, found by running the worst pair again
 * @param fused the optimised model against the plain one
 */
public record Observations(
    Model model,
    Optional<Pooling> declaredPooling,
    Optional<Sides> sides,
    boolean tokenizerPadsLeft,
    double epsilon,
    List<StreamProbes> streams,
    Map<Integer, OutputDelta> unmasked,
    RowProbes rows,
    Map<Integer, CausalityProbe> causality,
    Map<Integer, FutureAttention> future,
    @Nullable TappedModel inside,
    String whyNotInside,
    OutputDelta fused,
    Entries entries) {

  /** Where two runs first differ, asked for when a verdict needs it. */
  @FunctionalInterface
  public interface Entries {
    /**
     * Returns where they differ.
     *
     * @param rowsMix whether they differ in other rows of the batch
     * @return null if nothing that can be read shows it
     */
    Localiser.@Nullable Entry of(Difference difference, boolean rowsMix);
  }
}
