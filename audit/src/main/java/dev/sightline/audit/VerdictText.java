package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult.NoiseFloor;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Cause.AttendsToPadding;
import dev.sightline.audit.result.Cause.Attentions;
import dev.sightline.audit.result.Cause.CacheHolds;
import dev.sightline.audit.result.Cause.Causal;
import dev.sightline.audit.result.Cause.CausalShifted;
import dev.sightline.audit.result.Cause.Forbidden;
import dev.sightline.audit.result.Cause.HarmlessAfterText;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.MaskIgnored;
import dev.sightline.audit.result.Cause.Narrower;
import dev.sightline.audit.result.Cause.NoPath;
import dev.sightline.audit.result.Cause.NotMeasured;
import dev.sightline.audit.result.Cause.OtherPooling;
import dev.sightline.audit.result.Cause.PoolsPadding;
import dev.sightline.audit.result.Cause.PoolsRealTokens;
import dev.sightline.audit.result.Cause.PrefixLm;
import dev.sightline.audit.result.Cause.ProbeOutputsChange;
import dev.sightline.audit.result.Cause.Reached;
import dev.sightline.audit.result.Cause.SomeHeadsNotCausal;
import dev.sightline.audit.result.Cause.TakesOneRow;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.data.Pooling;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What verdicts say in English. The terminal, the page, the JSON and JUnit XML all print this. */
public final class VerdictText {

  private VerdictText() {}

  /**
   * {@return what a finding means, in one or two sentences}
   *
   * @param finding a probe and its verdict
   */
  public static String of(Finding finding) {
    return of(finding.probe(), finding.verdict());
  }

  /**
   * {@return what a verdict on a probe means, in one or two sentences}
   *
   * @param probe the question
   * @param verdict the answer
   */
  public static String of(Probe probe, Verdict verdict) {
    Leak leak = verdict instanceof Verdict.Fail fail ? fail.leak() : null;
    return switch (verdict.cause()) {
      case Kind kind when probe == Probe.CACHE && verdict.evidence() != null ->
          CacheText.of(kind, verdict.outcome(), verdict.evidence().difference(), leak);
      case Kind kind -> PlainCauseText.plain(probe, kind, verdict.outcome(), leak);
      case NotMeasured(String reason) -> ProbeText.notMeasured(probe) + reason + ".";
      case TakesOneRow(String node) ->
          "A text runs alone, and two of them in a batch are refused"
              + (node.isEmpty() ? "" : " at " + node)
              + ": the model was exported for one row.";
      case Reached(boolean finite, boolean after) ->
          (finite ? ProbeText.changed(probe) : ProbeText.notFinite(probe))
              + PlaceText.where(leak, after);
      case AttendsToPadding attends -> PlaceText.attendsToPadding(attends, verdict.outcome(), leak);
      case ProbeOutputsChange(double difference, double limit) ->
          "The added probe outputs change the result by "
              + Phrases.number(difference)
              + ", more than the limit of "
              + Phrases.number(limit)
              + ": what was read inside is about the tapped model, not yours.";
      case Causal(var window) ->
          "Causal: no token depends on a later one"
              + (window.isPresent()
                  ? ", and no head attends more than " + window.getAsInt() + " tokens back."
                  : ".");
      case CacheHolds holds -> CacheText.holds(holds);
      case SomeHeadsNotCausal some -> PlaceText.someHeads(some, leak);
      case CausalShifted(int tokens, boolean everyHead) ->
          everyHead
              ? "Every head attends to exactly "
                  + tokens
                  + " later token"
                  + (tokens == 1 ? "" : "s")
                  + " and no more: a causal mask that is off by "
                  + tokens
                  + (leak == null ? "." : ", from layer " + leak.layer().orElseThrow() + " on.")
              : "A token depends on a change up to "
                  + tokens
                  + " tokens ahead and no farther: a causal mask that is off by a little.";
      case PrefixLm(int tokens) ->
          "The model is bidirectional among the first "
              + tokens
              + " tokens and causal after them: a prefix-LM.";
      case HarmlessAfterText harmless ->
          PlaceText.bothSides(harmless)
              + " This model takes no positions, so it is padded on the right, where its mask is"
              + " not needed.";
      case MaskIgnored ignored -> PlaceText.maskIgnored(ignored);
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
      case Attentions attentions -> PlaceText.attentions(attentions);
      case Forbidden(long count, List<Integer> attentions, Conformance.Offence worst) ->
          Phrases.counted(count, "time")
              + " a head attends to what the declared mask forbids, in "
              + Phrases.listed("attention", attentions)
              + ": "
              + of(worst)
              + ".";
      case Narrower(long count, var attentions, Conformance.Offence first, String implemented) ->
          "The model allows less than declared, in "
              + Phrases.listed("attention", attentions)
              + ": "
              + Phrases.counted(count, "pair")
              + " of real tokens are forbidden by the scores. In attention "
              + first.attention()
              + ", head "
              + first.head()
              + " (row "
              + first.row()
              + "), "
              + first.queryName()
              + " cannot attend to "
              + first.keyName()
              + ". Implemented there: "
              + implemented
              + ".";
      case NoPath(long count, Conformance.Leak worst) ->
          "In "
              + Phrases.counted(count, "pair")
              + " an output token depends on an input token that is out of its reach: "
              + of(worst)
              + ".";
    };
  }

  /**
   * {@return how much a change matters, as in {@code lowest cosine ...: 0.976 (text 3)}}
   *
   * @param effect what a change means for the outputs
   */
  public static String of(Effect effect) {
    return EffectText.of(effect, "");
  }

  /**
   * {@return where a fault enters, as a clause without a full stop}
   *
   * @param leak the first place that shows it
   */
  public static String of(Leak leak) {
    return PlaceText.of(leak);
  }

  /**
   * {@return what the mask is worth, as a clause without a full stop}
   *
   * @param trial the same samples under their mask and under ones
   */
  public static String of(MaskTrial trial) {
    MaskTrial.Estimate cosine = trial.cosine();
    String change = trial.isTwin() ? "with a mask put in at every attention" : "without the mask";
    return trial.difference().value() == 0
        ? change + " no output value changes"
        : change
            + " outputs change by "
            + Phrases.number(trial.difference().value())
            + (cosine == null
                ? ""
                : String.format(Locale.ROOT, " (mean cosine %.3f)", cosine.value()));
  }

  /**
   * {@return the sentence of a forbidden cell, as in {@code action 2 attends to subtask 1 in
   * attention 3, head 0 (row 2), probability 0.031}}
   *
   * @param offence the cell with the largest probability
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
   * {@return the sentence of a dependence without a path, as in {@code action 0 depends on vl 7
   * (row 1), though the declared masks give no path}}
   *
   * @param leak the pair with the largest change
   */
  public static String of(Conformance.Leak leak) {
    return leak.output()
        + " depends on "
        + leak.input()
        + " (row "
        + leak.row()
        + "), though the declared masks give no path";
  }

  /**
   * {@return what a group of probes is about, in a word or two}
   *
   * @param group the group
   */
  public static String subject(Probe.Group group) {
    return ProbeText.subject(group);
  }

  /**
   * {@return what tells a probe from the others of its group, in a word; empty if it is alone}
   *
   * @param probe the question
   */
  public static String word(Probe probe) {
    return ProbeText.word(probe);
  }

  /**
   * {@return what a probe asks, as a person would}
   *
   * @param probe the question
   */
  public static String question(Probe probe) {
    return ProbeText.question(probe);
  }

  /**
   * {@return what a probe changes and what must hold, as a clause without a full stop}
   *
   * @param probe the question
   */
  public static String method(Probe probe) {
    return ProbeText.method(probe);
  }

  /**
   * {@return where a limit comes from, as a clause without a full stop}
   *
   * @param limit the limit of a probe
   */
  public static String origin(Limit limit) {
    return EvidenceText.of(limit.origin());
  }

  /**
   * {@return what a control changes, as a clause without a full stop}
   *
   * @param control the control of a probe
   */
  public static String change(Evidence.Control control) {
    return EvidenceText.of(control.change());
  }

  /**
   * {@return what a kind of verdict means, as a clause without a full stop}
   *
   * @param outcome the kind of verdict
   */
  public static String of(Verdict.Outcome outcome) {
    return OutcomeText.plain(outcome);
  }

  /**
   * {@return what a kind of verdict means, in one or two sentences}
   *
   * @param outcome the kind of verdict
   */
  public static String meaning(Verdict.Outcome outcome) {
    return OutcomeText.meaning(outcome);
  }

  /**
   * {@return how the noise floor was measured, as a clause without a full stop}
   *
   * @param noise the noise floor; null if it was not measured
   */
  public static String method(@Nullable NoiseFloor noise) {
    return noise == null
        ? "not measured"
        : "each text without padding, alone against beside 3 to 32 others of the same length";
  }

  /**
   * {@return the word for whether a mask is needed, as in {@code useful}}
   *
   * @param need what the rule of thumb gives
   */
  public static String of(MaskTrial.Need need) {
    return switch (need) {
      case REDUNDANT -> "redundant";
      case USEFUL -> "useful";
      case UNDECIDED -> "undecided";
      case NO_DATA -> "no data";
    };
  }

  /**
   * {@return why a mask is needed or not, as a clause without a full stop}
   *
   * @param need what the rule of thumb gives
   */
  public static String reason(MaskTrial.Need need) {
    return switch (need) {
      case REDUNDANT -> "padding's vectors nearly vanish and get next to no attention, mask or not";
      case USEFUL -> "padding's vectors are long and would get attention without the mask";
      case UNDECIDED -> "one of the two speaks for a mask, the other does not, or neither does";
      case NO_DATA -> "one of the two could not be measured";
    };
  }

  private static String pooledBy(@Nullable Pooling pooling) {
    return pooling == null ? "" : "It is the " + pooling.label() + ". ";
  }
}
