package dev.sightline.report;

import dev.sightline.audit.result.AttentionPicture;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.AuditResult.Conclusion;
import dev.sightline.audit.result.AuditResult.Conditions;
import dev.sightline.audit.result.AuditResult.ModelFacts;
import dev.sightline.audit.result.AuditResult.NoiseFloor;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.State;
import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Estimate;
import dev.sightline.audit.result.ModelMask;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.PaddingNorms;
import dev.sightline.audit.result.Place;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.SampleOrigin;
import dev.sightline.audit.result.Summary;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.MaskPath;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Results that no model gave. */
public final class Fixtures {
  private Fixtures() {}

  /** A model of two layers whose second one leaks; every text in it is the given one. */
  public static AuditResult failed(String text) {
    Verdict fail = fail(text);
    return new AuditResult(
        new ModelFacts(
            text,
            text,
            17,
            136_932,
            "ab12",
            false,
            List.of(new TensorSpec(text, ElementType.INT64, List.of(text, "?"))),
            List.of(new TensorSpec(text, ElementType.FLOAT32, List.of(text, "384"))),
            List.of(text)),
        new Conditions(
            SampleOrigin.GIVEN,
            5,
            5,
            69,
            35,
            3,
            List.of(text),
            42,
            text,
            Instant.parse("2026-11-28T16:00:00Z"),
            12.5,
            OptionalDouble.of(0.5)),
        new Conclusion(Outcome.FAIL, Summary.PADDING_REACHES),
        findings(text, fail),
        new NoiseFloor(1.19e-7, 69),
        new BatchRule(0x1p-23, 1, 0, false, Verdict.Outcome.FAIL, true, null),
        new AttentionSites(
            List.of(site(0, MaskRoute.VALUE, text), site(1, MaskRoute.SHAPE_ONLY, text)),
            List.of(new AttentionSites.Rejected(text, text, false))),
        new PaddingMass(
            List.of(
                new PaddingMass.Layer(0, null, List.of(0.0, 0.0), List.of(0.0, 0.0)),
                new PaddingMass.Layer(1, null, List.of(0.25, 0.806), List.of(0.01, 0.1))),
            69,
            place(text)),
        OptionalDouble.of(0.25),
        List.of(new PaddingNorms(0, 1.25, 5), new PaddingNorms(1, Double.NaN, 0)),
        AttentionPicture.of(
            text,
            List.of(text, "cat", "padding"),
            new boolean[] {false, false, true},
            false,
            List.of(attention(2, 3), attention(2, 3))),
        conformance(text),
        modelMask(text),
        trial(text, 3),
        null);
  }

  /** Every probe failed, for two streams; then one finding of each other outcome. */
  private static List<Finding> findings(String text, Verdict fail) {
    List<Finding> findings = new ArrayList<>();
    for (Probe probe : Probe.values()) {
      findings.add(new Finding(probe, text, fail));
    }
    Evidence evidence = evidence(text);
    findings.add(
        new Finding(
            Probe.PAD_LEFT, "other", new Verdict.Pass(new Cause.NotMeasured(text), evidence)));
    findings.add(
        new Finding(
            Probe.PAD_LEFT, text, new Verdict.Rounding(new Cause.NotMeasured(text), evidence)));
    findings.add(
        new Finding(
            Probe.PAD_LEFT, text, new Verdict.PadRightOnly(new Cause.NotMeasured(text), evidence)));
    findings.add(
        new Finding(
            Probe.CAUSALITY, text, new Verdict.ByDesign(new Cause.NotMeasured(text), null)));
    findings.add(
        new Finding(
            Probe.CAUSALITY,
            text,
            new Verdict.Inconclusive(new Cause.NotMeasured(text), evidence)));
    findings.add(
        new Finding(Probe.POOLING, text, new Verdict.NotApplicable(new Cause.NotMeasured(text))));
    findings.add(new Finding(Probe.POOLING, text, new Verdict.NoData(new Cause.NotMeasured(text))));
    return findings;
  }

  private static Verdict fail(String text) {
    return new Verdict.Fail(
        new Cause.NotMeasured(text),
        evidence(text),
        Verdict.Leak.ofAttention(1, 1, 0.806).in("Softmax", "/layer.1/Softmax", ""));
  }

  private static Evidence evidence(String text) {
    return new Evidence(
        0.974,
        new Limit(2.89e-5, new Limit.Rounding(64, 3.79)),
        69,
        place(text),
        new Effect.EmbeddingCosine(0.97612, 3),
        new Control(Change.WITHOUT_MASK, 2.05));
  }

  private static Place place(String text) {
    return new Place(3, text, OptionalInt.of(5), text, text, "[8, 34]");
  }

  /** Attentions 0 and 1 offend alike in the last column of two rows, attention 2 conforms. */
  public static Conformance conformance(String text) {
    Conformance.Offence offence = new Conformance.Offence(0, 1, 0, 1, 2, text, text, 0.031f);
    Conformance.Leak leak = new Conformance.Leak(1, text, text, 0.5f);
    return new Conformance(
        2,
        List.of(text, text, text),
        List.of(
            attention(0, State.OFFENDS, text, List.of(offence), cells(text, 0.031f)),
            attention(1, State.OFFENDS, text, List.of(offence), cells(text, 0.031f)),
            attention(2, State.CONFORMS, text, List.of(), cells(text, 0)),
            attention(3, State.NOT_READABLE, text, List.of(), null)),
        new Conformance.Reach(9, 2, 2, 1, 3, 2, List.of(text), List.of(leak), cells(text, 0.5f)),
        fail(text),
        fail(text),
        List.of(text));
  }

  private static Conformance.Attention attention(
      int number,
      State state,
      String text,
      List<Conformance.Offence> worst,
      @Nullable CellPicture picture) {
    long cells = picture == null ? 0 : 18;
    return new Conformance.Attention(
        number, text, text, state, text, cells, 4, worst.size(), 1, 0, 0.9, worst, picture, 0);
  }

  /** Rows action 0, action 1 and padding; the last column is forbidden and seen as given. */
  static CellPicture cells(String text, float seen) {
    return CellPicture.of(
        1,
        List.of("action 0", "action 1", text),
        List.of(text, "vl 0", "subtask 0"),
        new boolean[] {false, false, true},
        new boolean[] {false, false, false},
        new boolean[] {true, true, false, true, true, false, true, true, false},
        new float[] {0.5f, 0.5f, seen, 0.25f, 0.75f, seen, 0.1f, 0.9f, 0});
  }

  public static MaskTrial trial(String text, int rows) {
    return new MaskTrial(
        Collections.nCopies(
            rows, new MaskTrial.Row(1, text, 5, 3, 0.25, OptionalDouble.of(0.9876))),
        new Estimate(0.25, 0.2, 0.3, rows),
        new Estimate(0.9876, 0.98, 0.99, rows),
        new Estimate(4, 3.5, 4.5, 20),
        new Estimate(3, 2.5, 3.5, 20),
        new Estimate(8, 7.5, 8.5, 20),
        new MaskTrial.Memory(OptionalLong.of(300_000_000), OptionalLong.empty()),
        new MaskTrial.Thumb(OptionalDouble.of(0.25), OptionalDouble.empty()),
        false);
  }

  /** A model without a mask: nothing was asked, nothing was read. */
  public static AuditResult withoutMask() {
    Verdict noData = new Verdict.NoData(new Cause.NotMeasured("the model has no mask input"));
    return new AuditResult(
        new ModelFacts("vit", "", 17, 12, "cd34", false, List.of(), List.of(), List.of()),
        new Conditions(
            SampleOrigin.GIVEN,
            1,
            1,
            3,
            3,
            3,
            List.of(),
            42,
            "ONNX Runtime",
            Instant.parse("2026-11-28T16:00:00Z"),
            0.01,
            OptionalDouble.empty()),
        new Conclusion(Outcome.NO_DATA, Summary.NO_DATA),
        Arrays.stream(Probe.values()).map(probe -> new Finding(probe, noData)).toList(),
        null,
        new BatchRule(0x1p-23, 1, 0, false, Verdict.Outcome.FAIL, true, null),
        new AttentionSites(List.of(), List.of()),
        null,
        OptionalDouble.empty(),
        List.of(),
        null,
        null,
        null,
        null,
        null);
  }

  private static ModelMask modelMask(String text) {
    return new ModelMask(
        List.of(
            new ModelMask.Layer(
                0,
                text,
                AttentionSite.Source.SELF,
                List.of(
                    new ModelMask.Heads(
                        List.of(0, 1), text, false, List.of(), List.of("100", "110", "111"), 13)),
                ""),
            new ModelMask.Layer(1, text, AttentionSite.Source.CROSS, List.of(), text)),
        1,
        3,
        true,
        false,
        List.of(text));
  }

  public static AuditResult with(AuditResult result, PaddingMass mass) {
    return with(result, result.findings(), mass, result.picture(), result.conformance());
  }

  public static AuditResult with(AuditResult result, AttentionPicture picture) {
    return with(result, result.findings(), result.paddingMass(), picture, result.conformance());
  }

  public static AuditResult with(AuditResult result, Conformance conformance) {
    return with(result, result.findings(), result.paddingMass(), result.picture(), conformance);
  }

  public static AuditResult with(AuditResult result, Verdict verdict) {
    return with(
        result,
        List.of(new Finding(Probe.PAD_CONTENT, verdict)),
        result.paddingMass(),
        result.picture(),
        result.conformance());
  }

  private static AuditResult with(
      AuditResult result,
      List<Finding> findings,
      @Nullable PaddingMass mass,
      @Nullable AttentionPicture picture,
      @Nullable Conformance conformance) {
    return new AuditResult(
        result.model(),
        result.conditions(),
        result.conclusion(),
        findings,
        result.noiseFloor(),
        new BatchRule(0x1p-23, 1, 0, false, Verdict.Outcome.FAIL, true, null),
        result.attention(),
        mass,
        result.unmaskedWeight(),
        result.paddingNorms(),
        picture,
        conformance,
        result.mask(),
        result.trial(),
        result.counterfactual());
  }

  /** Probabilities {@code [1, H, L, L]}, each row equal shares, head 0 with a trace on the last. */
  public static FloatTensor attention(int heads, int length) {
    float[] data = new float[heads * length * length];
    Arrays.fill(data, 1f / length);
    data[length - 1] = 1e-22f;
    return FloatTensor.of(Shape.of(1, heads, length, length), data);
  }

  private static AttentionSite site(int layer, MaskRoute route, String text) {
    return new AttentionSite(
        layer,
        text,
        text,
        AttentionSite.Source.SELF,
        List.of(new MaskPath(text, route, List.of(text))),
        Set.of(),
        text,
        null,
        text);
  }
}
