package dev.sightline.audit.result;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a probe. Each kind carries its cause and, where something was measured, the
 * numbers.
 */
public sealed interface Verdict {
  /** {@return why it was given; {@link dev.sightline.audit.VerdictText} says it in English} */
  Cause cause();

  /** {@return the word for tables and JSON: {@code PASS}, {@code NO_DATA}} */
  default Outcome outcome() {
    return switch (this) {
      case Pass p -> Outcome.PASS;
      case Fail f -> Outcome.FAIL;
      case Rounding n -> Outcome.ROUNDING;
      case PadRightOnly c -> Outcome.PAD_RIGHT_ONLY;
      case PadLeftOnly c -> Outcome.PAD_LEFT_ONLY;
      case ByDesign b -> Outcome.BY_DESIGN;
      case Inconclusive v -> Outcome.INCONCLUSIVE;
      case NotApplicable n -> Outcome.NOT_APPLICABLE;
      case NoData n -> Outcome.NO_DATA;
    };
  }

  /** {@return the numbers that it is derived from; null where there are none} */
  @Nullable Evidence evidence();

  /**
   * The mask holds, and the positive control shows that the test could have failed.
   *
   * @param cause why it was given
   * @param evidence the numbers that it is derived from
   */
  record Pass(Cause cause, Evidence evidence) implements Verdict {}

  /**
   * The mask does not hold.
   *
   * @param cause why it was given
   * @param evidence the numbers that it is derived from
   * @param leak where inside the model, if that is known
   */
  record Fail(Cause cause, Evidence evidence, @Nullable Leak leak) implements Verdict {}

  /**
   * Results change, but by arithmetic, not by the mask.
   *
   * @param cause why it was given
   * @param evidence the numbers that it is derived from
   */
  record Rounding(Cause cause, Evidence evidence) implements Verdict {}

  /**
   * The model is right with its padding on the right, where it is judged, and not elsewhere: its
   * positions count padding, or it reads the first position.
   *
   * @param cause why it was given
   * @param evidence the numbers that it is derived from
   */
  record PadRightOnly(Cause cause, Evidence evidence) implements Verdict {}

  /**
   * The model is right with its padding on the left, where it is judged, and not elsewhere.
   *
   * @param cause why it was given
   * @param evidence the numbers that it is derived from
   */
  record PadLeftOnly(Cause cause, Evidence evidence) implements Verdict {}

  /**
   * Results change, and the model is made so: it is bidirectional, or takes no mask.
   *
   * @param cause why it was given
   * @param evidence null where nothing was measured
   */
  record ByDesign(Cause cause, @Nullable Evidence evidence) implements Verdict {}

  /**
   * Nothing changed, and nothing could have: the test proves nothing.
   *
   * @param cause why it was given
   * @param evidence the numbers that it is derived from
   */
  record Inconclusive(Cause cause, Evidence evidence) implements Verdict {}

  /**
   * The question could not be asked, with the reason.
   *
   * @param cause why it was given
   */
  record NoData(Cause cause) implements Verdict {
    @Override
    public @Nullable Evidence evidence() {
      return null;
    }
  }

  /**
   * This model has nothing that the question is about, with the reason.
   *
   * @param cause why it was given
   */
  record NotApplicable(Cause cause) implements Verdict {
    @Override
    public @Nullable Evidence evidence() {
      return null;
    }
  }

  /**
   * Where a fault enters first.
   *
   * @param layer the first attention that shows it, in order of execution from 0; for a fault
   *     outside attention the first attention after it, empty if it is after the last
   * @param head the head of it that shows it most, from 0; empty if no single head can be named
   * @param mass the largest share of a real token's attention that this head gives to what it must
   *     not attend to, 0..1, or NaN if it is not finite; empty where the fault was found in the
   *     vectors of two runs
   * @param isOutsideAttention whether something else than attention mixes what must stay apart
   * @param operator the operator of the node where it enters, such as {@code Softmax} or {@code
   *     Conv}; empty if the node is not known
   * @param node the name of this node; empty if it is not known
   * @param stream the input whose tokens are the queries of the attention, in a model that reads
   *     several; empty in others, and if it is not known
   */
  record Leak(
      OptionalInt layer,
      OptionalInt head,
      OptionalDouble mass,
      boolean isOutsideAttention,
      String operator,
      String node,
      String stream) {
    /**
     * {@return a leak at an attention whose probabilities show the fault}
     *
     * @param layer in order of execution, from 0
     * @param head the head, from 0
     * @param mass the largest share of a real token's attention that it gives to what it must not
     *     attend to, 0..1 or NaN
     */
    public static Leak ofAttention(int layer, int head, double mass) {
      return new Leak(
          OptionalInt.of(layer), OptionalInt.of(head), OptionalDouble.of(mass), false, "", "", "");
    }

    /**
     * {@return the same at a node of the graph}
     *
     * @param operator the type of the attention's node
     * @param node the name of that node
     * @param stream the name of the input whose padding is attended to; empty if unknown
     */
    public Leak in(String operator, String node, String stream) {
      return new Leak(layer, head, mass, isOutsideAttention, operator, node, stream);
    }
  }

  /** The kinds of verdict, by name. */
  enum Outcome {
    /** The mask holds. */
    PASS,
    /** The mask does not hold. */
    FAIL,
    /** Results change by arithmetic, not by the mask. */
    ROUNDING,
    /** Right with padding on the right, where the model is judged, and not elsewhere. */
    PAD_RIGHT_ONLY,
    /** Right with padding on the left, where the model is judged, and not elsewhere. */
    PAD_LEFT_ONLY,
    /** Results change, and the model is made so. */
    BY_DESIGN,
    /** Nothing changed, and nothing could have. */
    INCONCLUSIVE,
    /** The model has nothing that the question is about. */
    NOT_APPLICABLE,
    /** The question could not be asked. */
    NO_DATA
  }
}
