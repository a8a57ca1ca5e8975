package dev.sightline.audit;

import dev.sightline.onnx.TokenizedText;
import dev.sightline.tensor.FloatTensor;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The largest difference seen between pairs of runs, and where. It grows pair by pair and keeps one
 * place, so its size does not depend on how much was compared.
 */
final class Difference {
  private final Outputs outputs;
  private double largest;
  private double largestMagnitude;
  private double smallestCosine = Double.POSITIVE_INFINITY;
  private long compared;
  private @Nullable Place worst;

  Difference(Outputs outputs) {
    this.outputs = outputs;
  }

  /** A row of a run: outputs by name, each {@code [B, ...]}, and the row's index. */
  record Row(Map<String, FloatTensor> run, int row, int rows, int width) {}

  /**
   * Compares one text's real tokens in two runs.
   *
   * @param skippedToken a token that is meant to differ; -1 for none
   */
  void compare(Row a, Row b, NumberedText text, int skippedToken) {
    int length = text.tokens().length();
    for (String output : outputs.tokenLevel()) {
      FloatTensor ta = Outputs.tensor(a.run(), output);
      FloatTensor tb = Outputs.tensor(b.run(), output);
      int size = ta.shape().size() / (ta.shape().dim(0) * ta.shape().dim(1));
      for (int s = 0; s < length; s++) {
        if (s != skippedToken) {
          compareVectors(
              ta, ta.offset(a.row(), s), tb, tb.offset(b.row(), s), size, output, text, s, b);
        }
      }
    }
    for (String output : outputs.pooled()) {
      FloatTensor ta = Outputs.tensor(a.run(), output);
      FloatTensor tb = Outputs.tensor(b.run(), output);
      int size = ta.shape().dim(1);
      compareVectors(ta, ta.offset(a.row()), tb, tb.offset(b.row()), size, output, text, -1, b);
    }
    double cosine =
        cosine(
            outputs.embedding(a.run(), a.row(), length),
            outputs.embedding(b.run(), b.row(), length));
    smallestCosine = Math.min(smallestCosine, cosine);
  }

  private void compareVectors(
      FloatTensor a,
      int fromA,
      FloatTensor b,
      int fromB,
      int size,
      String output,
      NumberedText text,
      int token,
      Row place) {
    compared++;
    double worstHere = 0;
    for (int d = 0; d < size; d++) {
      double x = a.data()[fromA + d];
      double y = b.data()[fromB + d];
      // Math.max keeps NaN once it has seen one; Inf - Inf is NaN too.
      worstHere = Math.max(worstHere, Math.abs(x - y));
      largestMagnitude = Math.max(largestMagnitude, Math.abs(x));
    }
    if (worstHere > largest || (Double.isNaN(worstHere) && !Double.isNaN(largest))) {
      largest = worstHere;
      worst = text.place(token, output, "[" + place.rows() + ", " + place.width() + "]");
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

  double largest() {
    return largest;
  }

  /** The largest absolute value on the first side of all pairs. */
  double largestMagnitude() {
    return largestMagnitude;
  }

  long compared() {
    return compared;
  }

  @Nullable Place worst() {
    return worst;
  }

  OptionalDouble cosine() {
    return Double.isFinite(smallestCosine)
        ? OptionalDouble.of(smallestCosine)
        : OptionalDouble.empty();
  }

  /** A text and its number, counted from 1 in the order of reading. */
  record NumberedText(long number, String text, TokenizedText tokens) {
    private static final int EXCERPT = 60;

    Place place(int token, String output, String batch) {
      return new Place(
          number, excerpt(), token, token < 0 ? "" : tokens.tokens().get(token), output, batch);
    }

    private String excerpt() {
      if (text.codePointCount(0, text.length()) <= EXCERPT) {
        return text;
      }
      return text.substring(0, text.offsetByCodePoints(0, EXCERPT)) + "…";
    }
  }
}
