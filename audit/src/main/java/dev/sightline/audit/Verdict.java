package dev.sightline.audit;

import org.jspecify.annotations.Nullable;

/** The answer to a probe. Each kind carries what it rests on; {@code meaning} is one sentence. */
public sealed interface Verdict {
  /** What it means, in one or two sentences for a person. */
  String meaning();

  /** The word for tables and JSON: {@code PASS}, {@code NO_DATA}. */
  default Outcome outcome() {
    return switch (this) {
      case Pass p -> Outcome.PASS;
      case Fail f -> Outcome.FAIL;
      case Numeric n -> Outcome.NUMERIC;
      case Vacuous v -> Outcome.VACUOUS;
      case NoData n -> Outcome.NO_DATA;
    };
  }

  /** The numbers behind it; null where there are none. */
  @Nullable Evidence evidence();

  /** The mask holds, and the positive control shows that the test could have failed. */
  record Pass(String meaning, Evidence evidence) implements Verdict {}

  /**
   * The mask does not hold.
   *
   * @param leak where inside the model, if that is known
   */
  record Fail(String meaning, Evidence evidence, @Nullable Leak leak) implements Verdict {}

  /** Results move, but by arithmetic, not by the mask. */
  record Numeric(String meaning, Evidence evidence) implements Verdict {}

  /** Nothing moved, and nothing could have: the test proves nothing. */
  record Vacuous(String meaning, Evidence evidence) implements Verdict {}

  /** The question could not be asked, with the reason. */
  record NoData(String meaning) implements Verdict {
    @Override
    public @Nullable Evidence evidence() {
      return null;
    }
  }

  /**
   * Where attention to padding enters first.
   *
   * @param layer first layer, in order of execution from 0, in which a real token looks at padding
   * @param head the head of that layer that does it most, from 0
   * @param mass the largest share of a real token's attention that this head gives to padding, 0..1
   */
  record Leak(int layer, int head, double mass) {}

  /** The kinds of verdict, by name. */
  enum Outcome {
    PASS,
    FAIL,
    NUMERIC,
    VACUOUS,
    NO_DATA
  }
}
