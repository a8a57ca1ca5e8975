package dev.sightline.audit.internal.probe;

import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Place;
import dev.sightline.data.Sample;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The largest difference seen between pairs of runs, and where. It grows pair by pair and keeps one
 * place, so its size does not depend on how much was compared. Tokens are compared as tokens of
 * their sample, wherever they are in either batch; padding never is.
 */
public final class Difference {
  private double largest;
  private double largestMagnitude;
  private double smallestCosine = Double.POSITIVE_INFINITY;
  private long compared;
  private @Nullable Place worst;
  private @Nullable Pair pair;
  private final EffectTally effects = new EffectTally();

  /**
   * The two rows that differed most, for a search of the reason.
   *
   * @param output the output that differed
   * @param tokens the tokens of its stream that must not differ
   */
  public record Pair(
      RunOutputs a, int rowA, RunOutputs b, int rowB, Output output, IntPredicate tokens) {
    /** Whether a token of a stream must not differ; those of other streams must not either. */
    boolean mustHold(int stream, int token) {
      return stream != output.stream() || tokens.test(token);
    }
  }

  /** Compares one output over a row of each run, but for tokens that are meant to differ. */
  public void compare(
      Output output, RunOutputs a, int rowA, RunOutputs b, int rowB, IntPredicate tokens) {
    int size = output.size(a, rowA);
    if (size != output.size(b, rowB)) {
      return; // an output whose size follows the width of a batch has no counterpart in the other
    }
    Sample sample = a.batch().samples().get(rowA);
    int count = Math.min(output.positions(a, rowA), output.positions(b, rowB));
    double[] valuesA = new double[size];
    double[] valuesB = new double[size];
    Embedding meanA = new Embedding(output.pooling(), size);
    Embedding meanB = new Embedding(output.pooling(), size);
    boolean all = true;
    for (int t = 0; t < count; t++) {
      if (output.isPerToken() && !tokens.test(t)) {
        all = false;
        continue;
      }
      output.read(a, rowA, t, valuesA);
      output.read(b, rowB, t, valuesB);
      double here = 0;
      for (int d = 0; d < size; d++) {
        double x = valuesA[d];
        double y = valuesB[d];
        // Math.max keeps NaN once it has seen one; Inf - Inf is NaN too.
        here = Math.max(here, Math.abs(x - y));
        largestMagnitude = Math.max(largestMagnitude, Math.abs(x));
      }
      meanA.add(t, count, valuesA);
      meanB.add(t, count, valuesB);
      OptionalInt token = output.isPerToken() ? OptionalInt.of(t) : OptionalInt.empty();
      effects.add(output, sample, token, valuesA, valuesB);
      compared++;
      if (here > largest || (Double.isNaN(here) && !Double.isNaN(largest))) {
        largest = here;
        worst = Place.of(sample, output.stream(), token, output.name(), b.batch().toString());
        pair = new Pair(a, rowA, b, rowB, output, tokens);
      }
    }
    double cosine = EffectTally.cosine(meanA.vector(), meanB.vector());
    if (count > 0 && cosine < smallestCosine) {
      smallestCosine = cosine;
    }
    if (count > 0 && all) {
      effects.addEmbedding(output, sample, meanA.vector(), meanB.vector());
    }
  }

  public double largest() {
    return largest;
  }

  /** The largest absolute value on the first side of all pairs. */
  double largestMagnitude() {
    return largestMagnitude;
  }

  public long compared() {
    return compared;
  }

  public @Nullable Place worst() {
    return worst;
  }

  public @Nullable Pair pair() {
    return pair;
  }

  /** How much it matters, in a number that people know; null if nothing was compared. */
  public @Nullable Effect effect() {
    return effects.effect();
  }

  /** The lowest cosine between the pooled vectors of a text; empty if no two have an angle. */
  public OptionalDouble cosine() {
    return Double.isFinite(smallestCosine)
        ? OptionalDouble.of(smallestCosine)
        : OptionalDouble.empty();
  }
}
