package dev.sightline.audit;

import dev.sightline.audit.Evidence.Control;
import dev.sightline.audit.Verdict.Fail;
import dev.sightline.audit.Verdict.Leak;
import dev.sightline.audit.Verdict.NoData;
import dev.sightline.audit.Verdict.Numeric;
import dev.sightline.audit.Verdict.Pass;
import dev.sightline.audit.Verdict.Vacuous;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.AttentionSite.MaskRoute;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns observations into verdicts. Two limits, both measured or derived, none guessed:
 *
 * <ul>
 *   <li><b>rounding</b>: 64 rounding steps of the output type at the largest output value.
 *       Reordered float32 sums of a 12-layer encoder stay below a tenth of it.
 *   <li><b>noise</b>: three times the noise floor measured in this session. Over 32 runs of two
 *       int8 encoders with other seeds and texts, an intact mask moved outputs by up to 1.8 floors.
 * </ul>
 *
 * Below rounding nothing happened. Between the two, and with no attention on padding, it is
 * arithmetic. Beyond, or with attention on padding, it is the mask.
 */
final class Judge {
  private static final int ROUNDING_STEPS = 64;
  private static final int FLOORS = 3;

  private final Observations seen;
  private final double rounding;
  private final double limit;
  private final @Nullable Leak leak;

  Judge(Observations seen) {
    this.seen = seen;
    BlackBox box = seen.blackBox();
    rounding =
        ROUNDING_STEPS * seen.outputs().epsilon() * Math.max(1, box.noise.largestMagnitude());
    limit = Math.max(rounding, FLOORS * box.noise.largest());
    leak = firstLeak(seen.mass());
  }

  /** One finding for each probe, in the order of {@link Probe}. */
  List<Finding> findings() {
    BlackBox box = seen.blackBox();
    return List.of(
        new Finding(Probe.PAD_CONTENT, padContent(box)),
        new Finding(Probe.PAD_LENGTH, padLength(box)),
        new Finding(Probe.NEIGHBOUR, neighbour(box)),
        new Finding(Probe.BATCH, batch(box)),
        new Finding(Probe.MASK_VALUE, maskValue(box)),
        new Finding(Probe.PADDING_MASS, paddingMass()),
        new Finding(Probe.INSTRUMENTED, instrumented()));
  }

  private Verdict padContent(BlackBox box) {
    Control control =
        new Control("the same change under a mask of ones", box.padContentUnmasked.largest());
    return equal(
        box.padContent,
        control,
        "Real tokens are bit-for-bit the same, whatever stands in the padding.",
        "Real tokens change with what stands in the padding");
  }

  private Verdict neighbour(BlackBox box) {
    return equal(
        box.neighbour,
        null,
        "Rows are bit-for-bit the same, whatever the other rows hold.",
        "A row changes with what the other rows hold");
  }

  private Verdict padLength(BlackBox box) {
    Control control =
        new Control("seven more tokens under a mask of ones", box.padLengthUnmasked.largest());
    return withinRounding(
        box.padLength,
        control,
        "More padding changes nothing beyond rounding.",
        "Real tokens change with the amount of padding");
  }

  private Verdict batch(BlackBox box) {
    return withinRounding(
        box.batch,
        null,
        "A text alone and the same text in a padded batch agree up to rounding.",
        "A text alone and the same text in a padded batch disagree");
  }

  private Verdict equal(
      Difference difference, @Nullable Control control, String holds, String fails) {
    if (difference.compared() == 0) {
      return nothingCompared();
    }
    Evidence evidence =
        evidence(difference, new Tolerance(0, "the same shapes run the same arithmetic"), control);
    if (difference.largest() == 0) {
      return provenOrVacuous(holds, evidence, control);
    }
    // Between equal shapes only run-time quantisation may move anything. The noise floor is no
    // excuse for other models: rows that see each other would raise it themselves.
    return moved(
        difference, control, fails, seen.model().quantizesDynamically() ? limit : rounding);
  }

  private Verdict withinRounding(
      Difference difference, @Nullable Control control, String holds, String fails) {
    if (difference.compared() == 0) {
      return nothingCompared();
    }
    if (difference.largest() <= rounding) {
      return provenOrVacuous(holds, evidence(difference, roundingTolerance(), control), control);
    }
    return moved(difference, control, fails, limit);
  }

  private Verdict provenOrVacuous(String holds, Evidence evidence, @Nullable Control control) {
    if (control != null && !(control.difference() > rounding)) {
      return new Vacuous(
          "Nothing moved, and nothing could have: even without a mask this change does not reach"
              + " real tokens, as when padding lies behind the text of a model that only looks"
              + " back.",
          evidence);
    }
    return new Pass(holds, evidence);
  }

  private Verdict moved(
      Difference difference, @Nullable Control control, String fails, double allowed) {
    double d = difference.largest();
    Tolerance tolerance = allowed > rounding ? limitTolerance() : roundingTolerance();
    Evidence evidence = evidence(difference, tolerance, control);
    if (d <= allowed && leak == null) {
      if (d <= rounding) {
        return new Numeric(fails + ", by rounding only.", evidence);
      }
      return new Numeric(
          seen.model().quantizesDynamically()
              ? fails
                  + ", but not through attention: the model rounds each tensor to 8 bits by the"
                  + " largest value in the whole batch, padding included."
              : fails + ", no more than they do beside other texts without any padding.",
          evidence);
    }
    if (Double.isNaN(d)) {
      return new Fail("An output at a real token is not a finite number.", evidence, leak);
    }
    return new Fail(fails + where(), evidence, leak);
  }

  private String where() {
    if (leak != null) {
      return String.format(
          Locale.ROOT,
          ": from layer %d on, real tokens look at padding (head %d gives it up to %s of its"
              + " attention).",
          leak.layer(),
          leak.head(),
          percent(leak.mass()));
    }
    return seen.mass() == null
        ? "."
        : ", though no attention that could be read looks at padding: the leak is outside attention.";
  }

  private Verdict maskValue(BlackBox box) {
    double flipped = box.oneMaskedOut.largest();
    double unmasked = box.allUnmasked.largest();
    if (box.oneMaskedOut.compared() == 0) {
      return nothingCompared();
    }
    Evidence evidence =
        evidence(
            box.oneMaskedOut,
            new Tolerance(rounding, "must differ by more than rounding"),
            new Control("all padding unmasked", unmasked));
    if (flipped == 0 && unmasked == 0) {
      return new Fail("The mask is ignored: no output depends on it. " + routes(), evidence, null);
    }
    if (flipped <= rounding) {
      return new Fail(
          "The mask hardly matters: hiding a real token moves the others by rounding only. "
              + routes(),
          evidence,
          null);
    }
    return new Pass("The mask is read: hiding one real token moves the others.", evidence);
  }

  /** What the graph says about an ignored mask. */
  private String routes() {
    List<AttentionSite> sites = seen.model().attention().found();
    if (sites.isEmpty()) {
      return "No attention was found in the graph.";
    }
    List<AttentionSite> cut = sites.stream().filter(s -> s.maskRoute() != MaskRoute.VALUE).toList();
    boolean byShape = cut.stream().anyMatch(s -> s.maskRoute() == MaskRoute.SHAPE_ONLY);
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

  private Verdict paddingMass() {
    PaddingMass mass = seen.mass();
    if (mass == null) {
      return new NoData("Attention could not be read: " + seen.whyNoMass() + ".");
    }
    double max = mass.max();
    Evidence evidence =
        new Evidence(
            max,
            new Tolerance(0, "a masked key has a probability of exactly 0"),
            mass.queries(),
            mass.worst(),
            java.util.OptionalDouble.empty(),
            new Control("attention on padding under a mask of ones", seen.unmaskedMass()));
    if (leak != null) {
      return new Fail("Real tokens look at padding" + where() + " " + routes(), evidence, leak);
    }
    if (!(seen.unmaskedMass() > 0)) {
      return new Vacuous(
          "No head looks at padding, but none would without a mask either.", evidence);
    }
    return new Pass(
        "No head of any layer gives padding any attention: all shares are exactly 0.", evidence);
  }

  private Verdict instrumented() {
    Difference difference = seen.instrumented();
    if (difference == null) {
      return new NoData("Nothing was tapped: " + seen.whyNoMass() + ".");
    }
    double d = difference.largest();
    if (d <= rounding) {
      return new Pass(
          "The tapped model gives what the untouched one gives.",
          evidence(difference, roundingTolerance(), null));
    }
    if (d <= limit) {
      return new Numeric(
          "Tapping moves the outputs, no more than neighbours do: ONNX Runtime cannot fuse what it"
              + " hands out.",
          evidence(difference, limitTolerance(), null));
    }
    return new NoData(
        "Tapping moved the outputs by "
            + number(d)
            + ", more than the "
            + number(limit)
            + " that noise explains: what was seen inside is about the tapped model, not yours.");
  }

  private static Verdict nothingCompared() {
    return new NoData("No text left anything to compare.");
  }

  private Evidence evidence(Difference d, Tolerance tolerance, @Nullable Control control) {
    return new Evidence(d.largest(), tolerance, d.compared(), d.worst(), d.cosine(), control);
  }

  private Tolerance roundingTolerance() {
    return new Tolerance(
        rounding,
        ROUNDING_STEPS
            + " rounding steps of the output type at the largest output, "
            + number(seen.blackBox().noise.largestMagnitude()));
  }

  private Tolerance limitTolerance() {
    return limit > rounding
        ? new Tolerance(
            limit,
            FLOORS
                + " times the noise floor of "
                + number(seen.blackBox().noise.largest())
                + " measured in this session")
        : roundingTolerance();
  }

  /** Null if no real token looks at padding, or nobody could tell. */
  private static @Nullable Leak firstLeak(@Nullable PaddingMass mass) {
    if (mass == null) {
      return null;
    }
    for (PaddingMass.Layer layer : mass.layers()) {
      int worst = -1;
      for (int h = 0; h < layer.max().size(); h++) {
        double share = layer.max().get(h);
        if (share != 0 && (worst < 0 || !(share <= layer.max().get(worst)))) {
          worst = h;
        }
      }
      if (worst >= 0) {
        return new Leak(layer.layer(), worst, layer.max().get(worst));
      }
    }
    return null;
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }

  static String percent(double share) {
    return share >= 0.001
        ? String.format(Locale.ROOT, "%.1f %%", 100 * share)
        : String.format(Locale.ROOT, "%.1e", share);
  }
}
