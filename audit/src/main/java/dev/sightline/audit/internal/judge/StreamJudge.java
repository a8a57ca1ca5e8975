package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.StreamProbes.Sided;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.NotApplicable;
import dev.sightline.audit.result.Verdict.PadRightOnly;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.audit.result.Verdict.Rounding;
import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.MaskPath;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges the probes of one stream that has a mask. What stands in padding comes first: if that
 * reaches a real token, the mask is at fault. If only the place of padding matters, positions are,
 * and those are the caller's.
 */
final class StreamJudge {
  private final Observations seen;
  private final StreamProbes probes;
  private final Limits limits;
  private final Leaks leaks;
  private final boolean isCausal;
  private final int stream;

  StreamJudge(
      Observations seen, StreamProbes probes, Limits limits, Leaks leaks, boolean isCausal) {
    this.seen = seen;
    this.probes = probes;
    this.limits = limits;
    this.leaks = leaks;
    this.isCausal = isCausal;
    this.stream = probes.index();
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    add(findings, Probe.PAD_CONTENT, padContent());
    add(findings, Probe.SIDE_CONTENT, sideContent());
    add(findings, Probe.PAD_LENGTH, padLength());
    add(findings, Probe.PAD_LEFT, padLeft());
    add(findings, Probe.PAD_INTERIOR, padInterior());
    add(findings, Probe.POSITIONS, positions());
    add(findings, Probe.MASK_VALUE, maskValue());
    add(findings, Probe.CROSS_MASK, crossMask());
    add(findings, Probe.POOLING, pooling());
    return findings;
  }

  private void add(List<Finding> findings, Probe probe, Verdict verdict) {
    boolean only = seen.model().roles().streams().size() == 1;
    findings.add(new Finding(probe, only ? "" : probes.stream().name(), verdict));
  }

  private Verdict padContent() {
    Sided right = probes.on(Padding.RIGHT);
    Control control =
        new Control(
            "the same change under a mask of ones", right.contentUnmasked().atTokens().largest());
    return equal(
        right.content().atTokens(),
        control,
        "Real tokens are bit-for-bit the same, whatever stands in the padding behind them.",
        "Real tokens change with what stands in the padding behind them");
  }

  /** The worse of left and interior padding. */
  private Difference besides(
      Function<Sided, OutputDelta> what, Function<OutputDelta, Difference> where) {
    Difference left = where.apply(what.apply(probes.on(Padding.LEFT)));
    Difference interior = where.apply(what.apply(probes.on(Padding.INTERIOR)));
    return interior.largest() <= left.largest() || Double.isNaN(left.largest()) ? left : interior;
  }

  private Verdict sideContent() {
    Difference moved = besides(Sided::content, OutputDelta::atTokens);
    Control control =
        new Control(
            "the same change under a mask of ones",
            probes.on(Padding.LEFT).contentUnmasked().atTokens().largest());
    if (!(moved.largest() <= limits.betweenEqualShapes())) {
      Evidence evidence = Limits.evidence(moved, limits.of(limits.betweenEqualShapes()), control);
      if (countsPositionsFromIds()) {
        return new ByDesign(
            "The model counts positions from the ids it is fed, so another id in the padding shifts"
                + " the text; padded with its own padding id it is the same.",
            evidence);
      }
      if (harmlessBehind()) {
        return onlyBehind(moved, evidence);
      }
    }
    return equal(
        moved,
        control,
        "Real tokens are bit-for-bit the same, whatever stands in padding before or between them.",
        "Real tokens change with what stands in padding before or between them");
  }

  private boolean isClean(Difference difference) {
    return difference.largest() <= limits.betweenEqualShapes();
  }

  /** RoBERTa: other ids in the padding move what padding with the padding id leaves in place. */
  private boolean countsPositionsFromIds() {
    Difference alone = probes.on(Padding.LEFT).alone().atTokens();
    return probes.stream().fixedLength().isEmpty()
        && probes.oneMaskedOut.largest() != 0
        && leaks.onPadding(stream) == null
        && isClean(probes.on(Padding.RIGHT).content().atTokens())
        && alone.compared() > 0
        && alone.largest() <= limits.limit;
  }

  /**
   * Whether a causal model can be padded on the right alone: it takes no positions and moves with
   * its place, so that no caller can pad it on the left anyway.
   */
  private boolean harmlessBehind() {
    return isCausal
        && probes.stream().positions() == null
        && isClean(probes.on(Padding.RIGHT).content().atTokens())
        && !(probes.on(Padding.LEFT).alone().atTokens().largest() <= limits.limit);
  }

  private Verdict onlyBehind(Difference moved, Evidence evidence) {
    return new Inconclusive(
        bothNumbers(moved)
            + " This model takes no positions, so it is padded on the right, where its mask is not"
            + " needed.",
        evidence);
  }

  private String bothNumbers(Difference moved) {
    return "Harmless under right padding (real tokens move by "
        + Limits.number(probes.on(Padding.RIGHT).content().atTokens().largest())
        + "), wrong under left or interior padding (they move by "
        + Limits.number(moved.largest())
        + ").";
  }

  private Verdict padLength() {
    if (probes.stream().fixedLength().isPresent()) {
      return new NotApplicable("The model fixes the length of this input.");
    }
    Control control =
        new Control(
            "seven more tokens under a mask of ones", probes.lengthUnmasked.atTokens().largest());
    return withinRounding(
        probes.length.atTokens(),
        control,
        "More padding changes nothing beyond rounding.",
        "Real tokens change with the amount of padding");
  }

  private Verdict padLeft() {
    if (probes.stream().fixedLength().isPresent()) {
      return new NotApplicable(
          "The model fixes the length of this input, so that a slot may have a meaning of its"
              + " own.");
    }
    return side(Padding.LEFT, "on the left");
  }

  private Verdict padInterior() {
    if (probes.stream().fixedLength().isPresent()) {
      return new NotApplicable(
          "The model fixes the length of this input, so that a slot may have a meaning of its"
              + " own.");
    }
    return side(Padding.INTERIOR, "in its middle");
  }

  private Verdict side(Padding side, String where) {
    Difference alone = probes.on(side).alone().atTokens();
    if (alone.compared() == 0) {
      return new NoData("The model takes a fixed number of rows, so no text could run alone.");
    }
    Control control =
        new Control(
            "the same padding under a mask of ones",
            probes.on(side).unmasked().atTokens().largest());
    String holds = "A text with its padding " + where + " is the same as without, up to rounding.";
    String fails = "A text with its padding " + where + " is not the same as without";
    Evidence evidence = Limits.evidence(alone, limits.of(limits.limit), control);
    if (alone.largest() <= limits.rounding) {
      return new Pass(holds, evidence);
    }
    boolean contentHolds = isClean(probes.on(side).content().atTokens());
    if (Double.isNaN(alone.largest())) {
      Verdict.Leak leak = leaks.of(stream, alone);
      return new Fail(
          "With padding "
              + where
              + ", an output at a real token is not a finite number"
              + leaks.where(leak, stream),
          evidence,
          leak);
    }
    if (alone.largest() <= limits.limit && leaks.onPadding(stream) == null) {
      return new Rounding(fails + ", by no more than noise.", evidence);
    }
    if (!contentHolds && !harmlessBehind() && !countsPositionsFromIds()) {
      return new Fail(fails + ": its padding is seen.", evidence, leaks.of(stream, alone));
    }
    if (side == Padding.LEFT && probes.stream().positions() != null) {
      return new Fail(
          fails
              + (probes.otherPositions.largest() == 0
                  ? ", though positions count its real tokens: the model ignores its positions."
                  : ", though positions count its real tokens and no padding is seen."),
          evidence,
          null);
    }
    return new PadRightOnly(
        side == Padding.LEFT
            ? "A text moves when its padding is on the left, not with what stands there: the model"
                + " counts positions by slot and takes none. Pad on the right."
            : "A text moves when padding parts it, not with what stands there: distances count"
                + " slots. Keep a text together.",
        evidence);
  }

  private Verdict positions() {
    if (probes.stream().positions() == null) {
      return new NotApplicable("The model takes no positions.");
    }
    Difference moved = probes.otherPositions.atTokens();
    Evidence evidence =
        Limits.evidence(moved, new Limit(0, "must differ: the same shapes, other positions"), null);
    if (moved.largest() != 0) {
      return new Pass("The positions are read: other ones move the real tokens.", evidence);
    }
    return probes.on(Padding.LEFT).alone().atTokens().largest() <= limits.limit
        ? new ByDesign(
            "The positions are not read, and a text is the same wherever it stands.", evidence)
        : new Fail(
            "The positions are ignored: the model takes them and nothing depends on them, so a text"
                + " that is padded on the left stands at the wrong place.",
            evidence,
            null);
  }

  private Verdict maskValue() {
    Difference flipped = probes.oneMaskedOut.atTokens();
    double unmasked = 0;
    for (Padding side : Padding.values()) {
      unmasked = Math.max(unmasked, probes.on(side).unmasked().largest());
    }
    if (flipped.compared() == 0) {
      return nothingCompared();
    }
    Evidence evidence =
        Limits.evidence(
            flipped,
            new Limit(0, "must differ: the same shapes, another mask"),
            new Control("all padding unmasked", unmasked));
    if (probes.oneMaskedOut.largest() == 0 && unmasked == 0) {
      Difference side = besides(Sided::content, OutputDelta::atTokens);
      if (harmlessBehind()) {
        return onlyBehind(side, evidence);
      }
      return new Fail(
          "The mask is ignored: no output depends on it. "
              + (isClean(probes.on(Padding.RIGHT).content().atTokens()) && !isClean(side)
                  ? bothNumbers(side) + " "
                  : "")
              + maskOfItsOwn()
              + routes(),
          evidence,
          leaks.onPadding(stream));
    }
    return new Pass("The mask is read: hiding one real token moves the others.", evidence);
  }

  /** A graph that compares its ids with one constant makes a mask, or positions, of that. */
  private String maskOfItsOwn() {
    OptionalLong padId = seen.model().padId(probes.stream());
    return padId.isEmpty()
        ? ""
        : "The graph compares its ids with "
            + padId.getAsLong()
            + ": if it makes a mask of that, a real token with this id counts as padding. ";
  }

  /** What the graph says about an ignored mask. */
  private String routes() {
    List<AttentionSite> sites = seen.model().attention().found();
    if (sites.isEmpty()) {
      return "No attention was found in the graph.";
    }
    String mask =
        String.valueOf(probes.stream().mask() == null ? "" : probes.stream().mask().name());
    List<AttentionSite> cut =
        sites.stream().filter(site -> route(site, mask) != MaskRoute.VALUE).toList();
    boolean byShape = cut.stream().anyMatch(site -> route(site, mask) == MaskRoute.SHAPE_ONLY);
    return cut.isEmpty()
        ? "In the graph it reaches every attention."
        : "In the graph "
            + (byShape ? "only its shape reaches" : "it does not reach")
            + " layer "
            + cut.stream().map(s -> Integer.toString(s.layer())).collect(Collectors.joining(", "))
            + " of "
            + sites.size()
            + " (counted from 0).";
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
      return new NotApplicable("No output belongs to the tokens of another input.");
    }
    Function<OutputDelta, Difference> where = moved -> crosses ? moved.other : moved.whole;
    Difference behind = where.apply(right);
    Difference beside = besides(Sided::content, where);
    Difference moved = beside.largest() <= behind.largest() ? behind : beside;
    Control control =
        new Control(
            "the same change under a mask of ones",
            Math.max(
                where.apply(probes.on(Padding.RIGHT).contentUnmasked()).largest(),
                where.apply(probes.on(Padding.LEFT).contentUnmasked()).largest()));
    if (moved.largest() == 0 && control.difference() == 0) {
      return new NotApplicable("Padding of this input has no way to the tokens of another.");
    }
    return equal(
        moved,
        control,
        "The tokens of the other input are bit-for-bit the same, whatever stands in this one's"
            + " padding.",
        "The tokens of the other input change with what stands in this one's padding");
  }

  private Verdict pooling() {
    Sided right = probes.on(Padding.RIGHT);
    if (right.content().whole.compared() == 0 || right.content().own.compared() == 0) {
      return new NotApplicable("There is no pooled output beside one for each token.");
    }
    if (!isClean(right.content().own)) {
      return new NoData("The tokens themselves move, so the pooled output has to.");
    }
    Control control =
        new Control(
            "the same change under a mask of ones", right.contentUnmasked().whole.largest());
    Sided left = probes.on(Padding.LEFT);
    Difference worst = right.content().whole;
    String how = "with what stands in the padding";
    if (isClean(worst) && !(right.alone().whole.largest() <= limits.limit)) {
      worst = right.alone().whole;
      how = "with the amount of padding";
    }
    boolean tokensHoldLeft =
        left.alone().own.compared() > 0 && left.alone().own.largest() <= limits.limit;
    if (isClean(worst) && tokensHoldLeft) {
      Difference content = left.content().whole;
      Difference alone = left.alone().whole;
      if (!isClean(content) || !(alone.largest() <= limits.limit)) {
        worst = isClean(content) ? alone : content;
        how = "when the padding is on the left, though no token does";
      }
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.limit), control);
    Pooling declared = seen.declaredPooling().orElse(null);
    if (declared != null && !probes.pooling.isPooledBy(declared, tokensHoldLeft).orElse(false)) {
      return new Fail(
          "The pooled output is not the "
              + declared.label()
              + " over real tokens, as declared. "
              + pooledBy(),
          evidence,
          null);
    }
    if (worst.largest() <= limits.limit) {
      return new Pass(
          pooledBy()
              + "The pooled output takes real tokens only"
              + (tokensHoldLeft
                  ? ", on either side."
                  : "; it was tested with padding on the right."),
          evidence);
    }
    return new Fail(
        pooledBy() + "The pooled output moves " + how + ": the pooling takes padding for tokens.",
        evidence,
        null);
  }

  private String pooledBy() {
    Pooling way = probes.pooling.found();
    return way == null ? "" : "It is the " + way.label() + ". ";
  }

  private Verdict equal(Difference difference, Control control, String holds, String fails) {
    if (difference.compared() == 0) {
      return nothingCompared();
    }
    if (difference.largest() == 0) {
      return provenOrInconclusive(
          holds, Limits.evidence(difference, limits.exact(), control), control, 0);
    }
    return moved(difference, control, fails, limits.betweenEqualShapes());
  }

  private Verdict withinRounding(
      Difference difference, Control control, String holds, String fails) {
    if (difference.compared() == 0) {
      return nothingCompared();
    }
    if (difference.largest() <= limits.rounding) {
      Evidence evidence = Limits.evidence(difference, limits.of(limits.rounding), control);
      return provenOrInconclusive(holds, evidence, control, limits.rounding);
    }
    return moved(difference, control, fails, limits.limit);
  }

  private static Verdict provenOrInconclusive(
      String holds, Evidence evidence, Control control, double mustExceed) {
    if (!(control.difference() > mustExceed)) {
      return new Inconclusive(
          "Nothing moved, and nothing could have: even without a mask this change does not reach"
              + " real tokens, as when padding follows the text of a causal model.",
          evidence);
    }
    return new Pass(holds, evidence);
  }

  private Verdict moved(
      Difference difference, @Nullable Control control, String fails, double allowed) {
    double d = difference.largest();
    Evidence evidence = Limits.evidence(difference, limits.of(allowed), control);
    if (d <= allowed && leaks.onPadding(stream) == null) {
      return new Rounding(
          d <= limits.rounding
              ? fails + ", by rounding only."
              : limits.quantizes()
                  ? fails
                      + ", but not through attention: the model rounds each tensor to 8 bits by the"
                      + " largest value in the whole batch, padding included."
                  : fails + ", no more than they do beside other texts without any padding.",
          evidence);
    }
    Verdict.Leak leak = leaks.of(stream, difference);
    if (Double.isNaN(d)) {
      return new Fail(
          "An output at a real token is not a finite number" + leaks.where(leak, stream),
          evidence,
          leak);
    }
    return new Fail(fails + leaks.where(leak, stream), evidence, leak);
  }

  private static Verdict nothingCompared() {
    return new NoData("No text left anything to compare.");
  }
}
