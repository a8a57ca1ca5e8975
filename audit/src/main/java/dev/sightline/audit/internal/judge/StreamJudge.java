package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.StreamProbes.Sided;
import dev.sightline.audit.result.Cause.HarmlessAfterText;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.MaskIgnored;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.Limit.Exact;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.NotApplicable;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.data.Padding;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.MaskPath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Judges the probes of one stream that has a mask. What padding holds comes first: if that reaches
 * a real token, the mask is at fault. If only the place of padding matters, positions are, and
 * those are the caller's.
 */
final class StreamJudge {
  private final Observations seen;
  private final StreamProbes probes;
  private final Limits limits;
  private final Leaks leaks;
  private final PaddingFacts facts;
  private final PaddingJudge padding;

  StreamJudge(
      Observations seen, StreamProbes probes, Limits limits, Leaks leaks, boolean isCausal) {
    this.seen = seen;
    this.probes = probes;
    this.limits = limits;
    this.leaks = leaks;
    this.facts = new PaddingFacts(seen, probes, limits, leaks, isCausal);
    this.padding = new PaddingJudge(facts);
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    add(findings, Probe.PAD_CONTENT, padding.rightContent());
    add(findings, Probe.SIDE_CONTENT, padding.otherContent());
    add(findings, Probe.PAD_LENGTH, padding.length());
    add(findings, Probe.PAD_LEFT, padding.side(Padding.LEFT));
    add(findings, Probe.PAD_INTERIOR, padding.side(Padding.INTERIOR));
    add(findings, Probe.POSITIONS, positions());
    add(findings, Probe.MASK_VALUE, maskValue());
    add(findings, Probe.CROSS_MASK, crossMask());
    add(findings, Probe.POOLING, new PoolingJudge(facts).verdict());
    return findings;
  }

  private void add(List<Finding> findings, Probe probe, Verdict verdict) {
    boolean only = seen.model().roles().streams().size() == 1;
    findings.add(new Finding(probe, only ? "" : probes.stream().name(), verdict));
  }

  private Verdict positions() {
    if (probes.stream().positions() == null) {
      return new NotApplicable(Kind.NO_POSITION_INPUT);
    }
    Difference difference = probes.otherPositions.atTokens();
    Evidence evidence = Limits.evidence(difference, new Limit(0, Exact.OTHER_POSITIONS), null);
    if (difference.largest() != 0) {
      return new Pass(Kind.POSITIONS_READ, evidence);
    }
    boolean needed = false;
    for (Padding side : List.of(Padding.LEFT, Padding.INTERIOR)) {
      needed |= !(probes.on(side).alone().atTokens().largest() <= limits.limit);
    }
    return !needed
        ? new ByDesign(Kind.POSITIONS_NOT_NEEDED, evidence)
        : new Fail(Kind.POSITIONS_IGNORED, evidence, null);
  }

  private Verdict maskValue() {
    Difference flipped = probes.oneMaskedOut.atTokens();
    double unmasked = 0;
    for (Padding side : Padding.values()) {
      unmasked = Math.max(unmasked, probes.on(side).unmasked().largest());
    }
    if (flipped.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    Evidence evidence =
        Limits.evidence(
            flipped,
            new Limit(0, Exact.OTHER_MASK),
            new Control(Change.PADDING_UNMASKED, unmasked));
    if (probes.oneMaskedOut.largest() == 0 && unmasked == 0) {
      Difference before = facts.leftOrInterior(Sided::content, OutputDelta::atTokens);
      if (isTokenWise()) {
        return new Inconclusive(Kind.TOKEN_WISE, evidence);
      }
      if (facts.isCausal && probes.stream().lengths() != null) {
        return new Inconclusive(Kind.LENGTHS_NOT_NEEDED, evidence);
      }
      if (facts.padsAfterTextOnly()) {
        return new Inconclusive(facts.harmlessAfter(before), evidence);
      }
      boolean afterIsClean = facts.isClean(probes.on(Padding.RIGHT).content().atTokens());
      HarmlessAfterText harmless =
          afterIsClean && !facts.isClean(before) ? facts.harmlessAfter(before) : null;
      return new Fail(maskIgnored(harmless), evidence, leaks.onPadding(facts.stream()));
    }
    return new Pass(Kind.MASK_READ, evidence);
  }

  /** Whether another token changes no output but its own. */
  private boolean isTokenWise() {
    CausalityProbe tokens = seen.causality().get(facts.stream());
    OutputDelta content = probes.on(Padding.RIGHT).content();
    return tokens != null
        && content.whole.compared() == 0
        && content.other.compared() == 0
        && tokens.before.own.compared() > 0
        && tokens.before.own.largest() == 0
        && tokens.after.own.compared() > 0
        && tokens.after.own.largest() == 0;
  }

  /** With what the graph says about the mask. */
  private MaskIgnored maskIgnored(@Nullable HarmlessAfterText harmless) {
    List<AttentionSite> sites = seen.model().attention().found();
    String mask =
        String.valueOf(
            probes.stream().paddingInput() == null ? "" : probes.stream().paddingInput().name());
    List<AttentionSite> cut =
        sites.stream().filter(site -> route(site, mask) != MaskRoute.VALUE).toList();
    return new MaskIgnored(
        harmless,
        seen.model().padId(probes.stream()),
        sites.size(),
        cut.stream().map(AttentionSite::layer).toList(),
        cut.stream().anyMatch(site -> route(site, mask) == MaskRoute.SHAPE_ONLY));
  }

  private static MaskRoute route(AttentionSite site, String mask) {
    return site.masks().stream()
        .filter(path -> path.input().equals(mask))
        .map(MaskPath::route)
        .findFirst()
        .orElse(MaskRoute.NONE);
  }

  private Verdict crossMask() {
    OutputDelta right = probes.on(Padding.RIGHT).content();
    boolean crosses = right.other.compared() > 0;
    boolean ownTokens = right.own.compared() > 0;
    if (!crosses && (ownTokens || seen.model().roles().streams().size() < 2)) {
      return new NotApplicable(Kind.NO_OTHER_STREAM);
    }
    Function<OutputDelta, Difference> where = delta -> crosses ? delta.other : delta.whole;
    Difference after = where.apply(right);
    Difference before = facts.leftOrInterior(Sided::content, where);
    Difference worst = before.largest() <= after.largest() ? after : before;
    Control control =
        new Control(
            Change.WITHOUT_MASK,
            Math.max(
                where.apply(probes.on(Padding.RIGHT).contentUnmasked()).largest(),
                where.apply(probes.on(Padding.LEFT).contentUnmasked()).largest()));
    if (worst.largest() == 0 && control.difference() == 0) {
      return new NotApplicable(Kind.NO_PATH_TO_OTHER_STREAM);
    }
    return PaddingJudge.worse(
        padding.content(Padding.RIGHT, where, control),
        PaddingJudge.worse(
            padding.content(Padding.LEFT, where, control),
            padding.content(Padding.INTERIOR, where, control)));
  }
}
