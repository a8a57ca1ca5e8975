package dev.sightline.report;

import dev.sightline.audit.AttentionPicture;
import dev.sightline.audit.AuditResult;
import dev.sightline.audit.AuditResult.Conclusion;
import dev.sightline.audit.AuditResult.Conditions;
import dev.sightline.audit.AuditResult.ModelFacts;
import dev.sightline.audit.AuditResult.NoiseFloor;
import dev.sightline.audit.Evidence;
import dev.sightline.audit.Evidence.Control;
import dev.sightline.audit.Finding;
import dev.sightline.audit.PaddingMass;
import dev.sightline.audit.Place;
import dev.sightline.audit.Probe;
import dev.sightline.audit.Tolerance;
import dev.sightline.audit.Verdict;
import dev.sightline.audit.Verdict.Outcome;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.AttentionSite.MaskRoute;
import dev.sightline.onnx.AttentionSites;
import dev.sightline.onnx.ElementType;
import dev.sightline.onnx.TensorSpec;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Results that no model gave. */
final class Fixtures {
  private Fixtures() {}

  /** A model of two layers whose second one leaks; every text in it is the given one. */
  static AuditResult failed(String text) {
    Place worst = new Place(3, text, 5, text, text, "[8, 34]");
    Evidence evidence =
        new Evidence(
            0.974,
            new Tolerance(2.89e-5, text),
            69,
            worst,
            OptionalDouble.of(0.97612),
            new Control(text, 2.05));
    Verdict fail = new Verdict.Fail(text, evidence, new Verdict.Leak(1, 1, 0.806));
    return new AuditResult(
        new ModelFacts(
            text,
            text,
            17,
            136_932,
            false,
            List.of(new TensorSpec(text, ElementType.INT64, List.of(text, "?"))),
            List.of(new TensorSpec(text, ElementType.FLOAT32, List.of(text, "384"))),
            List.of(text)),
        new Conditions(5, 69, 35, 3, List.of(text), 42, text, 12.5, 0.5),
        new Conclusion(Outcome.FAIL, text, text),
        Arrays.stream(Probe.values()).map(probe -> new Finding(probe, fail)).toList(),
        new NoiseFloor(1.19e-7, text, 69),
        new AttentionSites(
            List.of(site(0, MaskRoute.VALUE, text), site(1, MaskRoute.SHAPE_ONLY, text)),
            List.of(new AttentionSites.Rejected(text, text))),
        new PaddingMass(
            List.of(
                new PaddingMass.Layer(0, null, List.of(0.0, 0.0), List.of(0.0, 0.0)),
                new PaddingMass.Layer(1, null, List.of(0.25, 0.806), List.of(0.01, 0.1))),
            69,
            worst),
        AttentionPicture.of(
            text, List.of(text, "cat", "padding"), 2, List.of(attention(2, 3), attention(2, 3))));
  }

  /** A model without a mask: nothing was asked, nothing was read. */
  static AuditResult withoutMask() {
    Verdict noData = new Verdict.NoData("The model has no mask input.");
    return new AuditResult(
        new ModelFacts("vit", "", 17, 12, false, List.of(), List.of(), List.of()),
        new Conditions(1, 3, 3, 3, List.of(), 42, "ONNX Runtime", 0.01, 0),
        new Conclusion(Outcome.NO_DATA, "Nothing could be proved.", "Audit another model."),
        Arrays.stream(Probe.values()).map(probe -> new Finding(probe, noData)).toList(),
        new NoiseFloor(0, "not measured", 0),
        new AttentionSites(List.of(), List.of()),
        null,
        null);
  }

  static AuditResult with(AuditResult result, PaddingMass mass) {
    return new AuditResult(
        result.model(),
        result.conditions(),
        result.conclusion(),
        result.findings(),
        result.noiseFloor(),
        result.attention(),
        mass,
        result.picture());
  }

  static AuditResult with(AuditResult result, AttentionPicture picture) {
    return new AuditResult(
        result.model(),
        result.conditions(),
        result.conclusion(),
        result.findings(),
        result.noiseFloor(),
        result.attention(),
        result.paddingMass(),
        picture);
  }

  static AuditResult with(AuditResult result, Verdict verdict) {
    return new AuditResult(
        result.model(),
        result.conditions(),
        result.conclusion(),
        List.of(new Finding(Probe.PAD_CONTENT, verdict)),
        result.noiseFloor(),
        result.attention(),
        result.paddingMass(),
        result.picture());
  }

  /** Probabilities {@code [1, H, L, L]}, each row equal shares, head 0 with a trace on the last. */
  static FloatTensor attention(int heads, int length) {
    float[] data = new float[heads * length * length];
    Arrays.fill(data, 1f / length);
    data[length - 1] = 1e-22f;
    return FloatTensor.of(Shape.of(1, heads, length, length), data);
  }

  private static AttentionSite site(int layer, MaskRoute route, String text) {
    return new AttentionSite(layer, text, text, text, text, route, List.of(text));
  }
}
