package dev.sightline.audit.internal.probe;

import dev.sightline.audit.result.Evidence.EmbeddingCosine;
import dev.sightline.audit.result.Place;
import dev.sightline.data.Sample;
import java.util.OptionalDouble;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The largest difference seen between pairs of runs, and where. It grows pair by pair and keeps one
 * place, so its size does not depend on how much was compared. Tokens are compared as tokens of
 * their sample, wherever they stand in either batch; padding never is.
 */
public final class Difference {
  private double largest;
  private double largestMagnitude;
  private double smallestCosine = Double.POSITIVE_INFINITY;
  private long textOfCosine;
  private long compared;
  private @Nullable Place worst;
  private @Nullable Pair pair;

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
    double[] meanA = new double[size];
    double[] meanB = new double[size];
    for (int t = 0; t < count; t++) {
      if (output.isPerToken() && !tokens.test(t)) {
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
        meanA[d] += x;
        meanB[d] += y;
      }
      compared++;
      if (here > largest || (Double.isNaN(here) && !Double.isNaN(largest))) {
        largest = here;
        worst =
            Place.of(
                sample, output.stream(), output.isPerToken() ? t : -1, output.name(), b.batch());
        pair = new Pair(a, rowA, b, rowB, output, tokens);
      }
    }
    if (count > 0 && size > 1) {
      double cosine = cosine(meanA, meanB);
      if (cosine < smallestCosine) {
        smallestCosine = cosine;
        textOfCosine = sample.number();
      }
    }
  }

  /** NaN-free: two vectors of which one is zero or not finite have no angle. */
  private static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    double cosine = ab / Math.sqrt(aa * bb);
    return Double.isFinite(cosine) ? Math.min(cosine, 1) : Double.POSITIVE_INFINITY;
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

  /** The lowest cosine with its text; null if no two vectors have an angle. */
  public @Nullable EmbeddingCosine embeddingCosine() {
    return Double.isFinite(smallestCosine)
        ? new EmbeddingCosine(smallestCosine, textOfCosine)
        : null;
  }

  public OptionalDouble cosine() {
    return Double.isFinite(smallestCosine)
        ? OptionalDouble.of(smallestCosine)
        : OptionalDouble.empty();
  }
}
