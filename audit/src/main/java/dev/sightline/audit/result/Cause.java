package dev.sightline.audit.result;

import dev.sightline.audit.result.Conformance.Offence;
import dev.sightline.data.Pooling;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Why a probe got its verdict, as data. What it says in English depends on the probe too; {@link
 * dev.sightline.audit.VerdictText} says it.
 */
public sealed interface Cause {
  /** A cause without numbers of its own. */
  enum Kind implements Cause {
    /** What must not change did not, and the control did. */
    UNCHANGED,
    /** Neither the result nor the control changed. */
    CONTROL_UNCHANGED,
    /** The change is within rounding of the model's type. */
    ROUNDING,
    /** The model rounds each tensor to 8 bits by the largest value in the batch. */
    QUANTISATION,
    /** The change is within the noise floor. */
    NOISE,
    /** What must not change did, beyond its limit. */
    CHANGED,
    /** The output changed with what its padding holds. */
    PADDING_SEEN,
    /** Outputs are NaN in both runs. */
    NOT_FINITE,
    /** No pair of tokens could be compared. */
    NOTHING_COMPARED,
    /** The model has no mask input. */
    NO_MASK_INPUT,
    /** This stream has no mask input, so that its padding counts as tokens. */
    STREAM_WITHOUT_MASK,
    /** The model takes lengths, which count from the start of a row. */
    LENGTHS_FROM_ROW_START,
    /** The lengths hide only what causality hides already. */
    LENGTHS_NOT_NEEDED,
    /** The model has no attention and takes no mask. */
    NOTHING_TO_MASK,
    /** Every output of a token depends on that token alone. */
    TOKEN_WISE,
    /** The model fixes the length of this input. */
    FIXED_LENGTH,
    /** The model fixes the number of batch rows. */
    FIXED_ROWS,
    /** The rows of a batch change each other, so that all else was asked of single rows. */
    ROWS_MIX,
    /** The result of a row changes with the number of rows, by more than rounding. */
    ROWS_COUNT,
    /** The model finds padding by its token id, and is right when padding holds that. */
    PADDING_FROM_IDS,
    /** The model is right with its padding on the side where it is judged, and not here. */
    OTHER_SIDE,
    /** What was declared of the pooling cannot be compared with the model's outputs. */
    POOLING_NOT_COMPARABLE,
    /** Positions are counted from the start of the row, padding included. */
    POSITIONS_FROM_ROW_START,
    /** Positions were given for the real tokens, and no output depends on positions. */
    GIVEN_POSITIONS_IGNORED,
    /** Positions were given for the real tokens, no padding is seen, and results change. */
    GIVEN_POSITIONS_NOT_ENOUGH,
    /** The model has no position input. */
    NO_POSITION_INPUT,
    /** Other positions change the result. */
    POSITIONS_READ,
    /** No output depends on positions, nor on the place of a text in its row. */
    POSITIONS_NOT_NEEDED,
    /** No output depends on positions, and results change with the place of a text in its row. */
    POSITIONS_IGNORED,
    /** Another mask changes the result. */
    MASK_READ,
    /** No output belongs to the tokens of another input. */
    NO_OTHER_STREAM,
    /** This input has no path to the tokens of another. */
    NO_PATH_TO_OTHER_STREAM,
    /** The model has no pooled output beside one for each token. */
    NO_POOLED_OUTPUT,
    /** The token outputs change already. */
    TOKENS_CHANGE,
    /** No text has a token before another. */
    NO_EARLIER_TOKEN,
    /** No token changes when another one does. */
    NO_TOKEN_DEPENDS,
    /** No head attends to a later token; the change is quantisation. */
    CAUSAL_BUT_QUANTISED,
    /** Every head attends to later tokens. */
    BIDIRECTIONAL,
    /** A batch with padding is causal and one without is not. */
    NOT_CAUSAL_UNPADDED,
    /** A batch without padding is causal and one with padding is not. */
    CAUSAL_UNPADDED_ONLY,
    /** No head attends to a later token, and a token depends on a later one. */
    LATER_TOKENS_OUTSIDE_ATTENTION,
    /** Other keys and values in the cache of padding change a step. */
    PAST_MASK_IGNORED,
    /** A step with a cache gives another result than one run over all tokens. */
    STEP_DIFFERS,
    /** A step after a padded beginning gives another result than after one without padding. */
    STEP_DIFFERS_PADDED,
    /** A row of a step depends on the cache of another row. */
    CACHE_ROWS_MIX,
    /** Steps show a fault that runs without a cache show too. */
    SAME_WITHOUT_CACHE,
    /** ONNX Runtime does not run the model without fusion. */
    NO_UNFUSED_RUN,
    /** No attention was found in the graph. */
    NO_ATTENTION,
    /** No mask is declared for any attention. */
    NOTHING_DECLARED,
    /** The declared masks forbid no pair of these tokens. */
    NOTHING_FORBIDDEN,
    /** The declared masks give every output token a path to every input token. */
    ALL_REACHABLE
  }

  /**
   * The probe could not be run.
   *
   * @param reason what prevented it, without a full stop
   */
  record NotMeasured(String reason) implements Cause {}

  /**
   * The model takes one row and not two, though its file does not fix their number.
   *
   * @param node operator and name of the node that refuses two rows; empty if it is not known
   */
  record TakesOneRow(String node) implements Cause {}

  /**
   * The result of a real token changed and attention is where to look.
   *
   * @param finite whether every output value is a finite number
   * @param afterLastAttention whether every attention was read and none is at fault
   */
  record Reached(boolean finite, boolean afterLastAttention) implements Cause {}

  /**
   * Real tokens attend to padding.
   *
   * @param layers the attentions that do, in order of execution from 0
   * @param finite whether all shares are finite
   * @param onlyBeforeText whether padding after the text gets no attention
   */
  record AttendsToPadding(List<Integer> layers, boolean finite, boolean onlyBeforeText)
      implements Cause {
    /** Copies the list. */
    public AttendsToPadding {
      layers = List.copyOf(layers);
    }
  }

  /**
   * The added probe outputs change the result by more than noise.
   *
   * @param difference largest change of an output value
   * @param limit what noise explains
   */
  record ProbeOutputsChange(double difference, double limit) implements Cause {}

  /**
   * No token depends on a later one.
   *
   * @param window the most tokens back that a head attends to; empty if there is no such bound
   */
  record Causal(OptionalInt window) implements Cause {}

  /**
   * Steps with a cache give what one run over all tokens gives.
   *
   * @param masked whether the cache had padding, whose keys and values did not matter
   * @param shifted whether padding in the cache shifts positions, as it does without a cache
   * @param chunks whether a step of several tokens was run too
   */
  record CacheHolds(boolean masked, boolean shifted, boolean chunks) implements Cause {}

  /**
   * Some heads attend to later tokens and the others do not.
   *
   * @param heads how many do
   * @param total how many heads there are
   * @param layers where they are, in order of execution from 0
   */
  record SomeHeadsNotCausal(int heads, int total, List<Integer> layers) implements Cause {
    /** Copies the list. */
    public SomeHeadsNotCausal {
      layers = List.copyOf(layers);
    }
  }

  /**
   * A causal mask is shifted.
   *
   * @param tokens how many later tokens are seen
   * @param everyHead whether the heads show it; otherwise only the outputs do
   */
  record CausalShifted(int tokens, boolean everyHead) implements Cause {}

  /**
   * Bidirectional within a prefix and causal after it.
   *
   * @param tokens length of the prefix
   */
  record PrefixLm(int tokens) implements Cause {}

  /**
   * Padding after a text does no harm, padding before or inside it does.
   *
   * @param after largest change by padding after the text
   * @param before largest change by padding before or inside the text
   */
  record HarmlessAfterText(double after, double before) implements Cause {}

  /**
   * No output depends on the mask.
   *
   * @param harmless what padding changes on each side; null if that does not differ
   * @param padId the id that the graph compares its token ids with
   * @param attentions how many attentions were found
   * @param cut attentions that the mask's values do not reach, in order of execution from 0
   * @param byShape whether the shape of the mask reaches some of these
   */
  record MaskIgnored(
      @Nullable HarmlessAfterText harmless,
      OptionalLong padId,
      int attentions,
      List<Integer> cut,
      boolean byShape)
      implements Cause {
    /** Copies the list. */
    public MaskIgnored {
      cut = List.copyOf(cut);
    }
  }

  /**
   * The pooled output takes real tokens only.
   *
   * @param pooling how it pools; null if unknown
   * @param eitherSide whether padding on the left was tested too
   */
  record PoolsRealTokens(@Nullable Pooling pooling, boolean eitherSide) implements Cause {}

  /**
   * The pooled output takes padding for tokens.
   *
   * @param pooling how it pools; null if unknown
   * @param change what it depends on
   */
  record PoolsPadding(@Nullable Pooling pooling, PaddingChange change) implements Cause {}

  /** What of the padding a pooled output depends on. */
  enum PaddingChange {
    /** What the padding holds. */
    CONTENT,
    /** How much padding there is. */
    AMOUNT,
    /** Padding on the left. */
    LEFT_SIDE
  }

  /**
   * The pooled output is not what was declared.
   *
   * @param declared how it should pool
   * @param found how it pools; null if unknown
   */
  record OtherPooling(Pooling declared, @Nullable Pooling found) implements Cause {}

  /**
   * Attentions that the proof from inside is about.
   *
   * @param state what is the matter with them
   * @param attentions in order of execution, from 0
   * @param reason why they cannot be judged; empty if they were
   * @param othersConform whether all others were judged and conform
   */
  record Attentions(
      Conformance.State state, List<Integer> attentions, String reason, boolean othersConform)
      implements Cause {
    /** Copies the list. */
    public Attentions {
      attentions = List.copyOf(attentions);
    }
  }

  /**
   * Heads attend to what the declared mask forbids.
   *
   * @param count how many probabilities are not 0
   * @param attentions where, in order of execution from 0
   * @param worst the largest of them
   */
  record Forbidden(long count, List<Integer> attentions, Offence worst) implements Cause {
    /** Copies the list. */
    public Forbidden {
      attentions = List.copyOf(attentions);
    }
  }

  /**
   * The model forbids what the declared mask allows.
   *
   * @param count how many pairs of real tokens
   * @param attentions where, in order of execution from 0
   * @param first the first of the pairs; its probability says nothing
   * @param implemented the mask that the model implements in the first of the attentions, as text
   */
  record Narrower(long count, List<Integer> attentions, Offence first, String implemented)
      implements Cause {
    /** Copies the list. */
    public Narrower {
      attentions = List.copyOf(attentions);
    }
  }

  /**
   * Outputs depend on tokens to which the declared masks give no path.
   *
   * @param count how many pairs of an output token and an input token
   * @param worst the pair of the largest change
   */
  record NoPath(long count, Conformance.Leak worst) implements Cause {}
}
