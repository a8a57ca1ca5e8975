package dev.sightline.audit.internal.probe;

import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Effect.ClassProbability;
import dev.sightline.audit.result.Effect.EmbeddingCosine;
import dev.sightline.audit.result.Effect.NotFinite;
import dev.sightline.audit.result.Effect.TokenCosine;
import dev.sightline.audit.result.Effect.TopToken;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a change to one stream changes, kept apart by where it shows: at the stream's own tokens, at
 * the tokens of another stream (through cross attention), or in an output for the row as a whole
 * (through pooling). Each can fail while the others hold.
 */
public final class OutputDelta {
  public final Difference own = new Difference();
  public final Difference other = new Difference();
  public final Difference whole = new Difference();

  private final int stream;
  private final List<Output> outputs;

  public OutputDelta(int stream, List<Output> outputs) {
    this.stream = stream;
    this.outputs = outputs;
  }

  /** Compares all rows of two runs of the same samples. */
  public void compare(RunOutputs a, RunOutputs b) {
    for (int row = 0; row < a.batch().rows(); row++) {
      compare(a, row, b, row, token -> true);
    }
  }

  public void compare(RunOutputs a, int rowA, RunOutputs b, int rowB) {
    compare(a, rowA, b, rowB, token -> true);
  }

  /**
   * Compares one row.
   *
   * @param tokens which of the stream's own tokens are compared; all of the others are
   */
  public void compare(RunOutputs a, int rowA, RunOutputs b, int rowB, IntPredicate tokens) {
    for (Output output : outputs) {
      if (!output.isPerToken()) {
        whole.compare(output, a, rowA, b, rowB, token -> true);
      } else if (output.stream() == stream) {
        own.compare(output, a, rowA, b, rowB, tokens);
      } else {
        other.compare(output, a, rowA, b, rowB, token -> true);
      }
    }
  }

  /**
   * Where the model's tokens show it: the stream's own, else those of other streams, else the row
   * as a whole.
   */
  public Difference atTokens() {
    return own.compared() > 0 ? own : other.compared() > 0 ? other : whole;
  }

  /** Where it shows most: at the stream's own tokens, those of others, or in the row as a whole. */
  public Difference worst() {
    Difference worst = own;
    for (Difference next : List.of(other, whole)) {
      worst = next.compared() > 0 && !(next.largest() <= worst.largest()) ? next : worst;
    }
    return worst.compared() > 0 ? worst : other.compared() > 0 ? other : whole;
  }

  /**
   * How much it matters at the output that a reader uses: values that are not finite first, then
   * tokens and classes that a model chooses, then the pooled vector, then those of tokens.
   */
  public @Nullable Effect effect() {
    List<Effect> effects =
        Stream.of(whole.effect(), own.effect(), other.effect()).filter(Objects::nonNull).toList();
    return effects.stream().min(Comparator.comparingInt(OutputDelta::use)).orElse(null);
  }

  private static int use(Effect effect) {
    return switch (effect) {
      case NotFinite values -> 0;
      case TopToken top -> 1;
      case ClassProbability probability -> 2;
      case EmbeddingCosine cosine -> 3;
      case TokenCosine cosine -> 4;
    };
  }

  /** Whether the model hands out nothing but rows as a whole. */
  public boolean isOfRowsOnly() {
    return own.compared() == 0 && other.compared() == 0 && whole.compared() > 0;
  }

  /** The largest of all; NaN if a value was not finite. */
  public double largest() {
    return Math.max(own.largest(), Math.max(other.largest(), whole.largest()));
  }

  /** The largest absolute value of all outputs. */
  public double magnitude() {
    return Math.max(
        own.largestMagnitude(), Math.max(other.largestMagnitude(), whole.largestMagnitude()));
  }
}
