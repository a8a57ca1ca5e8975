package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Cause.AttendsToPadding;
import dev.sightline.audit.result.Cause.Attentions;
import dev.sightline.audit.result.Cause.Causal;
import dev.sightline.audit.result.Cause.CausalShifted;
import dev.sightline.audit.result.Cause.Forbidden;
import dev.sightline.audit.result.Cause.HarmlessAfterText;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.MaskIgnored;
import dev.sightline.audit.result.Cause.NoPath;
import dev.sightline.audit.result.Cause.NotMeasured;
import dev.sightline.audit.result.Cause.OtherPooling;
import dev.sightline.audit.result.Cause.PoolsPadding;
import dev.sightline.audit.result.Cause.PoolsRealTokens;
import dev.sightline.audit.result.Cause.PrefixLm;
import dev.sightline.audit.result.Cause.ProbeOutputsChange;
import dev.sightline.audit.result.Cause.Reached;
import dev.sightline.audit.result.Cause.SomeHeadsNotCausal;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.Pooling;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What verdicts say in English. The terminal, the page, the JSON and JUnit XML all print this. */
public final class VerdictText {

  private VerdictText() {}

  /** Returns what a finding means, in one or two sentences. */
  public static String of(Finding finding) {
    return of(finding.probe(), finding.verdict());
  }

  /** Returns what a verdict on a probe means, in one or two sentences. */
  public static String of(Probe probe, Verdict verdict) {
    Leak leak = verdict instanceof Verdict.Fail fail ? fail.leak() : null;
    return switch (verdict.cause()) {
      case Kind kind -> plain(probe, kind, verdict.outcome(), leak);
      case NotMeasured(String reason) -> notMeasured(probe) + reason + ".";
      case Reached(boolean finite, boolean after) ->
          (finite ? changed(probe) : notFinite(probe)) + where(leak, after);
      case AttendsToPadding attends -> attendsToPadding(attends, verdict.outcome(), leak);
      case ProbeOutputsChange(double difference, double limit) ->
          "The added probe outputs change the result by "
              + number(difference)
              + ", more than the limit of "
              + number(limit)
              + ": what was read inside is about the tapped model, not yours.";
      case Causal(var window) ->
          "Causal: no token depends on a later one"
              + (window.isPresent()
                  ? ", and no head attends more than " + window.getAsInt() + " tokens back."
                  : ".");
      case SomeHeadsNotCausal some -> someHeads(some, leak);
      case CausalShifted(int tokens, boolean everyHead) ->
          everyHead
              ? "Every head attends to exactly "
                  + tokens
                  + " later token"
                  + (tokens == 1 ? "" : "s")
                  + " and no more: a causal mask that is off by "
                  + tokens
                  + (leak == null ? "." : ", from layer " + leak.layer() + " on.")
              : "A token depends on a change up to "
                  + tokens
                  + " tokens ahead and no farther: a causal mask that is off by a little.";
      case PrefixLm(int tokens) ->
          "The model is bidirectional among the first "
              + tokens
              + " tokens and causal after them: a prefix-LM.";
      case HarmlessAfterText harmless ->
          bothSides(harmless)
              + " This model takes no positions, so it is padded on the right, where its mask is"
              + " not needed.";
      case MaskIgnored ignored -> maskIgnored(ignored);
      case PoolsRealTokens(Pooling pooling, boolean eitherSide) ->
          pooledBy(pooling)
              + "The pooled output takes real tokens only"
              + (eitherSide ? ", on either side." : "; it was tested with padding on the right.");
      case PoolsPadding(Pooling pooling, Cause.PaddingChange change) ->
          pooledBy(pooling)
              + "The pooled output changes "
              + switch (change) {
                case CONTENT -> "with what the padding holds";
                case AMOUNT -> "with the amount of padding";
                case LEFT_SIDE -> "when the padding is on the left, though no token does";
              }
              + ": the pooling takes padding for tokens.";
      case OtherPooling(Pooling declared, Pooling found) ->
          "The pooled output is not the "
              + declared.label()
              + " over real tokens, as declared. "
              + pooledBy(found);
      case Attentions attentions -> attentions(attentions);
      case Forbidden(long count, List<Integer> attentions, Conformance.Offence worst) ->
          counted(count, "time")
              + " a head attends to what the declared mask forbids, in "
              + listed("attention", attentions)
              + ": "
              + of(worst)
              + ".";
      case NoPath(long count, Conformance.Leak worst) ->
          "In "
              + counted(count, "pair")
              + " an output token depends on an input token that is out of its reach: "
              + of(worst)
              + ".";
    };
  }

  /** Returns how much a change matters, as in {@code lowest cosine ...: 0.976 (text 3)}. */
  public static String of(Effect effect) {
    return EffectText.of(effect, "");
  }

  /**
   * Returns the sentence of a forbidden cell, as in {@code action 2 attends to subtask 1 in
   * attention 3, head 0 (row 2), probability 0.031}.
   */
  public static String of(Conformance.Offence offence) {
    return String.format(
        Locale.ROOT,
        "%s attends to %s in attention %d, head %d (row %d), probability %.2g",
        offence.queryName(),
        offence.keyName(),
        offence.attention(),
        offence.head(),
        offence.row(),
        offence.probability());
  }

  /**
   * Returns the sentence of a dependence without a path, as in {@code action 0 depends on vl 7 (row
   * 1), though the declared masks give no path}.
   */
  public static String of(Conformance.Leak leak) {
    return leak.output()
        + " depends on "
        + leak.input()
        + " (row "
        + leak.row()
        + "), though the declared masks give no path";
  }

  /** Returns what all findings mean together, in one sentence. */
  public static String meaning(AuditResult result) {
    return switch (result.conclusion().summary()) {
      case DECLARED_MASK_FAILS ->
          "The model does not implement the declared mask: tokens depend on what it forbids.";
      case MASK_NOT_READ -> "The model does not read its mask: padding counts as text.";
      case NOT_CAUSAL ->
          "Tokens depend on later ones: the padding mask holds and the causal mask does not.";
      case NOT_CAUSAL_UNPADDED ->
          "The causal mask is missing where a batch has no padding: there, tokens depend on later"
              + " ones.";
      case CAUSAL_UNPADDED_ONLY ->
          "The causal mask is missing where a batch has padding: there, tokens depend on later"
              + " ones.";
      case LATER_TOKENS_OUTSIDE_ATTENTION ->
          "Tokens depend on later ones, though no head attends to them: something else mixes"
              + " tokens.";
      case NOT_FINITE ->
          "Outputs become NaN, as where a mask leaves a row without a key that it may attend to.";
      case RIGHT_SIDE ->
          "The model is right with padding on the right, where it is judged, and wrong with padding"
              + " on the left.";
      case LEFT_SIDE ->
          "The model is right with padding on the left, where it is judged, and wrong with padding"
              + " on the right.";
      case ROWS_DEPEND -> "Texts of one batch influence each other.";
      case POOLING_FAILS ->
          "The tokens are right and the pooled vector is not: the pooling takes padding for"
              + " tokens.";
      case POSITIONS_FAIL ->
          "The mask holds, but a text that is padded on the left gets wrong positions.";
      case PADDING_REACHES ->
          "Padding reaches real tokens: a text's result depends on the longest text beside it.";
      case PADDING_BEFORE_TEXT_REACHES ->
          "Padding reaches real tokens when it is before or inside a text; after it, it does no"
              + " harm.";
      case HARMLESS_AFTER_TEXT ->
          "The mask is not obeyed, and padding after a text does no harm: this model is causal.";
      case QUANTISATION ->
          "The padding mask holds, and yet results change: this int8 model rounds by the largest"
              + " value in the batch, so a text's vector depends on what it is batched with.";
      case NOISE ->
          "The padding mask holds, and yet results change: by arithmetic, within what this model"
              + " changes without any padding.";
      case DECLARED_MASK_HOLDS ->
          "The model implements exactly the declared mask: no head attends to what it forbids, and"
              + " no output depends on anything else.";
      case MASK_HOLDS ->
          "The padding mask holds: padding does not reach any real token, and the test would have"
              + " shown it."
              + (has(result, Probe.CAUSALITY, Outcome.PASS)
                  ? " No token depends on a later one."
                  : "");
      case PADDING_FROM_IDS ->
          "A text is the same alone and in a batch that is padded with the padding id, by which the"
              + " model finds its padding.";
      case NO_MASK_INPUT -> "The model takes no mask, so there is none to obey.";
      case NOTHING_PROVED -> "Nothing changed, but nothing could have changed in this model.";
      case NO_DATA -> "Nothing could be proved: " + firstReason(result);
    };
  }

  /** Returns what to do now, in one or two sentences. */
  public static String advice(AuditResult result) {
    return switch (result.conclusion().summary()) {
      case DECLARED_MASK_FAILS ->
          "Look at the cells named below: the mask of those attentions is missing, or another one"
              + " was exported.";
      case MASK_NOT_READ ->
          "Export it again with attention_mask as an input that is used, and until then run each"
              + " text alone without padding.";
      case NOT_CAUSAL ->
          "Repair the causal mask of the layer named below and export again; scores that this model"
              + " gave to its own text are worth nothing.";
      case NOT_CAUSAL_UNPADDED ->
          "Export again with a causal mask that does not depend on the padding; until then let"
              + " every batch have padding.";
      case CAUSAL_UNPADDED_ONLY ->
          "Export again with a causal mask that does not depend on the padding; until then run"
              + " texts of one length together.";
      case LATER_TOKENS_OUTSIDE_ATTENTION ->
          "Look for a convolution or a mean over all tokens before the layer named below.";
      case NOT_FINITE ->
          "Export again with a mask that leaves every row a key, as a large negative number instead"
              + " of minus infinity does; until then run texts of one length together.";
      case RIGHT_SIDE -> "Pad on the right.";
      case LEFT_SIDE -> "Pad on the left.";
      case ROWS_DEPEND -> "Run each text alone until the model is exported again.";
      case POOLING_FAILS ->
          "Pool the token vectors yourself, over real tokens only, or repair the pooling and export"
              + " again.";
      case POSITIONS_FAIL ->
          "Export again with positions that are read; until then pad on the right.";
      case PADDING_REACHES ->
          "Repair the mask of the layer named below and export again; until then run each text"
              + " alone without padding.";
      case PADDING_BEFORE_TEXT_REACHES ->
          "Repair the mask of the layer named below and export again; until then pad on the right.";
      case HARMLESS_AFTER_TEXT -> "Pad on the right, and read no output at padding.";
      case QUANTISATION ->
          "If vectors must not depend on the batch, run each text alone without padding, or use the"
              + " float32 model; else accept differences of this size.";
      case NOISE -> "Compare vectors with a limit, not for equality.";
      case DECLARED_MASK_HOLDS ->
          "Keep the declaration with the model, and check it again after every export.";
      case MASK_HOLDS ->
          has(result, Probe.PAD_LEFT, Outcome.PAD_RIGHT_ONLY)
              ? "Batch texts of different lengths as you like, with the padding on the right."
              : "Batch texts of different lengths as you like.";
      case PADDING_FROM_IDS -> "Pad with this id and no other.";
      case NO_MASK_INPUT ->
          "Run texts of one length together, or each alone: what fills up a shorter one counts as"
              + " text.";
      case NOTHING_PROVED -> "Do not take this for a proof.";
      case NO_DATA ->
          "Audit a model that takes an attention_mask, with texts of different lengths.";
    };
  }

  private static boolean has(AuditResult result, Probe probe, Outcome outcome) {
    return result.findings().stream()
        .anyMatch(f -> f.probe() == probe && f.verdict().outcome() == outcome);
  }

  private static String firstReason(AuditResult result) {
    return result.findings().stream()
        .filter(f -> f.verdict().outcome() == Outcome.NO_DATA)
        .map(VerdictText::of)
        .findFirst()
        .orElse("no probe had data.");
  }

  private static String plain(Probe probe, Kind kind, Outcome outcome, @Nullable Leak leak) {
    return switch (kind) {
      case UNCHANGED -> unchanged(probe);
      case CONTROL_UNCHANGED -> controlUnchanged(probe);
      case ROUNDING -> changed(probe) + ", by rounding only.";
      case QUANTISATION ->
          switch (probe) {
            case FUSED -> changed(probe) + ": 8-bit rounding happens elsewhere.";
            default ->
                changed(probe)
                    + ", but not through attention: the model rounds each tensor to 8 bits by the"
                    + " largest value in the whole batch, padding included.";
          };
      case NOISE ->
          switch (probe) {
            case FUSED -> changed(probe) + ": the arithmetic is another.";
            case INSTRUMENTED ->
                changed(probe) + ", within noise: ONNX Runtime cannot fuse what it hands out.";
            default -> changed(probe) + ", no more than beside other texts without any padding.";
          };
      case CHANGED ->
          probe == Probe.PAD_LENGTH && outcome == Outcome.BY_DESIGN
              ? "This input takes no mask: what fills it up counts, and changes the outputs."
              : changed(probe) + ".";
      case PADDING_SEEN -> changed(probe) + ": its padding is seen.";
      case NOTHING_COMPARED ->
          probe == Probe.DECLARED_OUTSIDE
              ? "No output changes with any token."
              : "No text left anything to compare.";
      case NO_MASK_INPUT ->
          switch (probe) {
            case PADDING_MASS -> "Without a mask there is no padding.";
            case BATCH -> changed(probe) + ": without a mask, padding is text.";
            default ->
                "The model takes no mask, so it cannot be told what is padding: all that it is fed"
                    + " is text.";
          };
      case STREAM_WITHOUT_MASK -> "This input takes no mask and no longer texts.";
      case FIXED_LENGTH ->
          probe == Probe.PAD_LENGTH
              ? "The model fixes the length of this input."
              : "The model fixes the length of this input, so that each position may have a meaning"
                  + " of its own.";
      case FIXED_ROWS ->
          switch (probe) {
            case NEIGHBOUR -> "The model takes one row at a time.";
            case BATCH -> "The model fixes the number of rows.";
            default -> "The model takes a fixed number of rows, so no text could run alone.";
          };
      case PADDING_FROM_IDS ->
          "The model finds padding by its id, so another id in the padding counts as text; padded"
              + " with its own padding id it is the same.";
      case OTHER_SIDE ->
          changed(probe)
              + ": the model is right with its padding on the "
              + (outcome == Outcome.PAD_LEFT_ONLY ? "left" : "right")
              + ", which is where it is judged.";
      case POOLING_NOT_COMPARABLE ->
          "The declared pooling cannot be checked: the model hands out no token vectors that give"
              + " its pooled output, as where a dense layer follows the pooling.";
      case POSITIONS_FROM_ROW_START ->
          probe == Probe.PAD_LEFT
              ? "Left padding shifts positions; this model has no position input. Pad on the right."
              : "Padding inside a text shifts the distances between its tokens. Pad on the right.";
      case GIVEN_POSITIONS_IGNORED ->
          changed(probe)
              + ", though positions count its real tokens: the model ignores its positions.";
      case GIVEN_POSITIONS_NOT_ENOUGH ->
          changed(probe) + ", though positions count its real tokens and no padding is seen.";
      case NO_POSITION_INPUT -> "The model takes no positions.";
      case POSITIONS_READ -> "The positions are read: other ones change the real tokens.";
      case POSITIONS_NOT_NEEDED ->
          "The positions are not read, and a text gives the same result wherever it is in its row.";
      case POSITIONS_IGNORED ->
          "The positions are ignored: the model takes them and nothing depends on them, so a text"
              + " that is padded on the left gets the wrong ones.";
      case MASK_READ -> "The mask is read: hiding one real token changes the others.";
      case NO_OTHER_STREAM -> "No output belongs to the tokens of another input.";
      case NO_PATH_TO_OTHER_STREAM -> "Padding of this input has no path to the tokens of another.";
      case NO_POOLED_OUTPUT -> "There is no pooled output beside one for each token.";
      case TOKENS_CHANGE -> "The tokens themselves change, so the pooled output has to.";
      case NO_EARLIER_TOKEN -> "No text has a token before another to compare.";
      case NO_TOKEN_DEPENDS -> "No token changes when another one does, so nothing is proved.";
      case CAUSAL_BUT_QUANTISED ->
          "Causal: no head attends to a later token. Results change by rounding to 8 bits.";
      case BIDIRECTIONAL ->
          "The model is bidirectional. If it should be causal, say --expect causal.";
      case NOT_CAUSAL_UNPADDED ->
          "With padding in its batch no token depends on a later one, and without padding tokens"
              + " do: the causal mask is missing where a batch has no padding.";
      case CAUSAL_UNPADDED_ONLY ->
          "Without padding in its batch no token depends on a later one, and with padding tokens"
              + " do: the causal mask is missing where a batch has padding.";
      case LATER_TOKENS_OUTSIDE_ATTENTION ->
          "A token depends on later ones, though no head attends to them: the leak is outside"
              + " attention"
              + (leak == null ? "." : ", before layer " + leak.layer() + ".");
      case NO_UNFUSED_RUN -> "ONNX Runtime does not run this model node by node.";
      case NO_ATTENTION -> "No attention was found in the graph.";
      case NOTHING_DECLARED -> "No mask is declared for any attention of the model.";
      case NOTHING_FORBIDDEN ->
          "The declared masks forbid no pair of these tokens, so no head could have failed.";
      case ALL_REACHABLE ->
          "The declared masks give every output token a path to every input token, so nothing could"
              + " have failed.";
    };
  }

  private static String unchanged(Probe probe) {
    return switch (probe) {
      case PAD_CONTENT ->
          "Real tokens are bit-for-bit the same, whatever the padding after them holds.";
      case SIDE_CONTENT ->
          "Real tokens are bit-for-bit the same, whatever padding before or between them holds.";
      case PAD_LENGTH -> "More padding changes nothing beyond rounding.";
      case PAD_LEFT ->
          "A text with its padding on the left is the same as without, up to rounding.";
      case PAD_INTERIOR ->
          "A text with its padding in its middle is the same as without, up to rounding.";
      case CROSS_MASK ->
          "The tokens of the other input are bit-for-bit the same, whatever this one's padding"
              + " holds.";
      case NEIGHBOUR -> "Rows are bit-for-bit the same, whatever the other rows hold.";
      case BATCH -> "A text alone and the same text in a padded batch agree up to rounding.";
      case PADDING_MASS ->
          "No head of any layer gives padding any attention: all shares are exactly 0.";
      case INSTRUMENTED -> "The model with the added outputs gives what the untouched one gives.";
      case FUSED -> "The runtime's fused operators give what the single nodes give.";
      case DECLARED_INSIDE ->
          "No head attends to a key that its declared mask forbids: all their probabilities are"
              + " exactly 0.";
      case DECLARED_OUTSIDE ->
          "No output token changes with an input token that the declared masks give no path to.";
      case POSITIONS, MASK_VALUE, POOLING, CAUSALITY -> "The result is the same.";
    };
  }

  private static String controlUnchanged(Probe probe) {
    return switch (probe) {
      case PADDING_MASS -> "No head attends to padding, but none would without a mask either.";
      case DECLARED_OUTSIDE -> "No output changed where it may, so nothing could have failed.";
      default ->
          "Nothing changed, and nothing could have: even without a mask this change does not reach"
              + " real tokens.";
    };
  }

  /** The sentence of a change that must not be, without its full stop. */
  private static String changed(Probe probe) {
    return switch (probe) {
      case PAD_CONTENT -> "Real tokens change with what the padding after them holds";
      case SIDE_CONTENT -> "Real tokens change with what padding before or between them holds";
      case PAD_LENGTH -> "Real tokens change with the amount of padding";
      case PAD_LEFT -> "A text with its padding on the left is not the same as without";
      case PAD_INTERIOR -> "A text with its padding in its middle is not the same as without";
      case CROSS_MASK -> "The tokens of the other input change with what this one's padding holds";
      case NEIGHBOUR -> "A row changes with what the other rows hold";
      case BATCH -> "A text alone and the same text in a padded batch disagree";
      case INSTRUMENTED -> "The added outputs change the result";
      case FUSED -> "The runtime's fused operators change the result";
      case POSITIONS,
          MASK_VALUE,
          POOLING,
          CAUSALITY,
          PADDING_MASS,
          DECLARED_INSIDE,
          DECLARED_OUTSIDE ->
          "The result changes";
    };
  }

  private static String notFinite(Probe probe) {
    String where =
        switch (probe) {
          case PAD_LEFT -> "With padding on the left, an";
          case PAD_INTERIOR -> "With padding in its middle, an";
          default -> "An";
        };
    return where + " output at a real token is NaN";
  }

  private static String notMeasured(Probe probe) {
    return switch (probe) {
      case PADDING_MASS -> "Attention could not be read: ";
      case INSTRUMENTED -> "No outputs were added: ";
      case DECLARED_OUTSIDE -> "What depends on what was not measured: ";
      default -> "Not measured: ";
    };
  }

  private static String where(@Nullable Leak leak, boolean afterLastAttention) {
    if (leak == null) {
      return afterLastAttention
          ? ", though no attention is on padding: the leak is outside attention, after the last"
              + " one."
          : ".";
    }
    if (Double.isNaN(leak.mass())) {
      return ": it begins in layer "
          + leak.layer()
          + ", head "
          + leak.head()
          + ", as where a mask leaves a row without a key, and spreads from there.";
    }
    if (leak.isOutsideAttention()) {
      return ", though no attention is on padding: the leak is outside attention, before layer "
          + leak.layer()
          + ".";
    }
    return leak.mass() > 0
        ? String.format(
            Locale.ROOT,
            ": from layer %d on, real tokens attend to padding (head %d gives it up to %s of its"
                + " attention).",
            leak.layer(),
            leak.head(),
            percent(leak.mass()))
        : ": it shows first in layer " + leak.layer() + ", head " + leak.head() + ".";
  }

  private static String attendsToPadding(
      AttendsToPadding attends, Outcome outcome, @Nullable Leak leak) {
    String layers = listed("layer", attends.layers());
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

  private static String someHeads(SomeHeadsNotCausal some, @Nullable Leak leak) {
    return some.heads()
        + " of "
        + some.total()
        + " heads attend to later tokens and the others cannot: the model is causal, but "
        + listed("layer", some.layers())
        + (some.layers().size() == 1 ? " is not" : " are not")
        + (leak == null
            ? "."
            : " (head "
                + leak.head()
                + " of layer "
                + leak.layer()
                + " gives a later token up to "
                + percent(leak.mass())
                + " of its attention).");
  }

  private static String bothSides(HarmlessAfterText harmless) {
    return "Harmless under right padding (real tokens change by "
        + number(harmless.after())
        + "), wrong under left or interior padding (they change by "
        + number(harmless.before())
        + ").";
  }

  private static String maskIgnored(MaskIgnored ignored) {
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
        .append(joined(ignored.cut()))
        .append(" of ")
        .append(ignored.attentions())
        .append(" (counted from 0).")
        .toString();
  }

  private static String pooledBy(@Nullable Pooling pooling) {
    return pooling == null ? "" : "It is the " + pooling.label() + ". ";
  }

  private static String attentions(Attentions attentions) {
    String which = listed("attention", attentions.attentions());
    if (attentions.state() == Conformance.State.UNUSED) {
      return "No head of "
          + which
          + " attends to anything that its mask allows: nothing was seen of it.";
    }
    return attentions.othersConform()
        ? "What can be read conforms, but " + which + " cannot be: " + attentions.reason() + "."
        : "Of " + which + " nothing can be read: " + attentions.reason() + ".";
  }

  private static String listed(String noun, List<Integer> numbers) {
    return noun + (numbers.size() == 1 ? " " : "s ") + joined(numbers);
  }

  private static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /** As in {@code 1 time} and {@code 40 times}. */
  private static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.3g", value);
  }

  private static String percent(double share) {
    return share >= 0.001
        ? String.format(Locale.ROOT, "%.1f %%", 100 * share)
        : String.format(Locale.ROOT, "%.1e", share);
  }
}
