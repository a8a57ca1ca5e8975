package dev.sightline.audit;

import dev.sightline.audit.result.Cause.AttendsToPadding;
import dev.sightline.audit.result.Cause.Attentions;
import dev.sightline.audit.result.Cause.HarmlessAfterText;
import dev.sightline.audit.result.Cause.MaskIgnored;
import dev.sightline.audit.result.Cause.SomeHeadsNotCausal;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where in the model a fault is: layer, head, share of attention, part of the graph. */
final class PlaceText {

  private PlaceText() {}

  /** The end of a sentence: the place of a leak, with its full stop. */
  static String where(@Nullable Leak leak, boolean afterLastAttention) {
    if (leak == null) {
      return afterLastAttention
          ? ", though no attention is on padding: the leak is outside attention, after the last"
              + " one."
          : ".";
    }
    if (leak.isOutsideAttention()) {
      return ", though no attention is on padding: the leak is outside attention, "
          + outside(leak)
          + ".";
    }
    if (leak.mass().isEmpty() || leak.head().isEmpty()) {
      return ": it shows first in " + attention(leak) + ".";
    }
    int head = leak.head().getAsInt();
    double mass = leak.mass().getAsDouble();
    return Double.isNaN(mass)
        ? ": it begins in "
            + attention(leak)
            + ", as where a mask leaves a row without a key, and spreads from there."
        : String.format(
            Locale.ROOT,
            ": from %s on, real tokens attend to padding (head %d gives it up to %s of its"
                + " attention).",
            layer(leak),
            head,
            Phrases.percent(mass));
  }

  /** The end of a sentence: where rows of a batch mix, with its full stop. */
  static String betweenRows(@Nullable Leak leak) {
    if (leak == null) {
      return ".";
    }
    return leak.isOutsideAttention()
        ? ": rows mix " + outside(leak) + "."
        : ": the attention of layer "
            + leak.layer().orElseThrow()
            + (leak.node().isEmpty() ? "" : " (" + leak.node() + ")")
            + " is between rows, as where its axes of rows and tokens are swapped.";
  }

  /** As in {@code layer 4, head 2}. */
  static String attention(Leak leak) {
    return layer(leak) + (leak.head().isEmpty() ? "" : ", head " + leak.head().getAsInt());
  }

  /** As in {@code layer 4}, or {@code layer 4 (decoder_input_ids, /decoder/Softmax)}. */
  static String layer(Leak leak) {
    return "layer "
        + leak.layer().orElseThrow()
        + (leak.stream().isEmpty() ? "" : " (" + leak.stream() + ", " + leak.node() + ")");
  }

  /** As in {@code at Conv /encoder/Conv, before layer 0}. */
  static String outside(Leak leak) {
    String node = leak.node().isEmpty() ? "" : "at " + leak.operator() + " " + leak.node() + ", ";
    return node + beforeLayer(leak);
  }

  /** As in {@code before layer 4 (input_ids)}: of two stacks, a number alone says little. */
  static String beforeLayer(Leak leak) {
    return leak.layer().isEmpty()
        ? "after the last layer"
        : "before layer "
            + leak.layer().getAsInt()
            + (leak.stream().isEmpty() ? "" : " (" + leak.stream() + ")");
  }

  /** A leak as a phrase of its own. */
  static String of(Leak leak) {
    if (leak.isOutsideAttention()) {
      return "outside attention, " + outside(leak);
    }
    return leak.mass().isEmpty()
        ? attention(leak)
        : attention(leak)
            + ": a real token gives what it must not see up to "
            + Phrases.percent(leak.mass().getAsDouble())
            + " of its attention there";
  }

  static String attendsToPadding(AttendsToPadding attends, Outcome outcome, @Nullable Leak leak) {
    String layers = Phrases.listed("layer", attends.layers());
    if (outcome == Outcome.INCONCLUSIVE) {
      return "Heads attend to padding before a text, in " + layers + ", and never after it.";
    }
    if (!attends.finite()) {
      return "Attention of real tokens is NaN in "
          + layers
          + ", as where a mask leaves a row without a key.";
    }
    return "Real tokens attend to padding in "
        + layers
        + (attends.onlyBeforeText() ? ", when it is before them" : "")
        + where(leak, false);
  }

  static String someHeads(SomeHeadsNotCausal some, @Nullable Leak leak) {
    return some.heads()
        + " of "
        + some.total()
        + " heads attend to later tokens and the others cannot: the model is causal, but "
        + Phrases.listed("layer", some.layers())
        + (some.layers().size() == 1 ? " is not" : " are not")
        + (leak == null || leak.head().isEmpty() || leak.mass().isEmpty()
            ? "."
            : " (head "
                + leak.head().getAsInt()
                + " of "
                + layer(leak)
                + " gives a later token up to "
                + Phrases.percent(leak.mass().getAsDouble())
                + " of its attention).");
  }

  static String attentions(Attentions attentions) {
    String which = Phrases.listed("attention", attentions.attentions());
    if (attentions.state() == Conformance.State.UNUSED) {
      return "No head of "
          + which
          + " attends to anything that its mask allows: nothing was seen of it.";
    }
    return attentions.othersConform()
        ? "What can be read conforms, but " + which + " cannot be: " + attentions.reason() + "."
        : "Of " + which + " nothing can be read: " + attentions.reason() + ".";
  }

  static String maskIgnored(MaskIgnored ignored) {
    StringBuilder text = new StringBuilder("The mask is ignored: no output depends on it. ");
    if (ignored.harmless() != null) {
      text.append(bothSides(ignored.harmless())).append(' ');
    }
    if (ignored.padId().isPresent()) {
      text.append("The graph compares its ids with ")
          .append(ignored.padId().getAsLong())
          .append(": if it makes a mask of that, a real token with this id counts as padding. ");
    }
    if (ignored.attentions() == 0) {
      return text.append("No attention was found in the graph.").toString();
    }
    if (ignored.cut().isEmpty()) {
      return text.append("In the graph it reaches every attention.").toString();
    }
    return text.append("In the graph ")
        .append(ignored.byShape() ? "only its shape reaches" : "it does not reach")
        .append(" layer ")
        .append(Phrases.joined(ignored.cut()))
        .append(" of ")
        .append(ignored.attentions())
        .append(" (counted from 0).")
        .toString();
  }

  /** What padding changes after a text and before it. */
  static String bothSides(HarmlessAfterText harmless) {
    return "Harmless under right padding (real tokens change by "
        + Phrases.number(harmless.after())
        + "), wrong under left or interior padding (they change by "
        + Phrases.number(harmless.before())
        + ").";
  }
}
