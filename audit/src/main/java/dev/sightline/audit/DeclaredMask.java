package dev.sightline.audit;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.declared.Segments;
import dev.sightline.audit.internal.declared.ConformanceCheck;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Masks that the user declares, and what their tokens are called. */
record DeclaredMask(Expectation expectation, Segments segments) {
  /** Samples that a declared mask is compared with. */
  static final int MAX_SAMPLES = 64;

  /** Tokens of a sample of which every pair is looked at. */
  private static final int MAX_PAIRS = 64;

  /**
   * Compares the declaration with all samples in their order, since a mask may differ between rows;
   * unless one is too long to be looked at pair by pair, then with a few, cut.
   *
   * @param mask the masks that the model implements; null if they could not be read
   */
  Conformance compare(
      Model model, AuditSettings options, List<Sample> samples, @Nullable ModelMask mask)
      throws ModelException {
    boolean fits = true;
    for (Sample sample : samples) {
      boolean placed = sample.placements().stream().anyMatch(Optional::isPresent);
      fits &= placed || sample.streams().stream().allMatch(s -> s.length() <= MAX_PAIRS);
    }
    return ConformanceCheck.run(
        model,
        fits ? samples : Pictures.shortened(model.roles(), samples),
        options.padId(),
        expectation,
        segments,
        options.randomTokens(model),
        layer ->
            mask == null || layer >= mask.layers().size()
                ? "unknown"
                : MaskText.of(mask.layers().get(layer)));
  }
}
