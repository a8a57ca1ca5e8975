package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** Runs the kernels over the vectors of one head, and keeps what they compute on the way. */
final class SingleHeadRun {
  private final Walkthrough.Head head;
  private final int tokens;
  private final FloatTensor scores;

  SingleHeadRun(Walkthrough.Head head, int tokens) {
    this.head = head;
    this.tokens = tokens;
    this.scores = run(Mask.full(), head.scale(), null).scores();
  }

  /** What one run gives, {@code [L, L]} twice and {@code [L, Dv]}. */
  private record Ran(FloatTensor scores, FloatTensor weights, FloatTensor output) {}

  int tokens() {
    return tokens;
  }

  FloatTensor products() {
    return run(Mask.full(), 1, null).scores();
  }

  FloatTensor scores() {
    return scores;
  }

  Walkthrough.UnderMask under(String name, Mask mask) {
    BoundMask bound = mask.over(MaskShape.square(tokens));
    Ran ran = run(mask, head.scale(), null);
    float[] masked = scores.data().clone();
    float[] sums = new float[tokens];
    for (int q = 0; q < tokens; q++) {
      double sum = 0;
      for (int k = 0; k < tokens; k++) {
        sum += ran.weights().data()[q * tokens + k];
        if (!bound.allowed(0, 0, q, k)) {
          masked[q * tokens + k] = Float.NEGATIVE_INFINITY;
        }
      }
      sums[q] = (float) sum;
    }
    return new Walkthrough.UnderMask(
        name,
        bound,
        square(masked),
        ran.weights(),
        FloatTensor.of(Shape.of(tokens), sums),
        ran.output());
  }

  /** The weights where a bias is added to the scores instead of a mask, {@code [L, L]}. */
  FloatTensor weightsWith(float[] bias) {
    return run(Mask.full(), head.scale(), FloatTensor.of(Shape.of(1, 1, tokens, tokens), bias))
        .weights();
  }

  private FloatTensor square(float[] data) {
    return FloatTensor.of(Shape.of(tokens, tokens), data);
  }

  private Ran run(Mask mask, float scale, @Nullable FloatTensor bias) {
    int valueSize = head.values().shape().dim(1);
    AttentionShape shape = new AttentionShape(1, 1, 1, tokens, tokens, head.size(), valueSize);
    float[] seen = new float[tokens * tokens];
    float[] weights = new float[tokens * tokens];
    float[] output = new float[tokens * valueSize];
    AttentionCall call =
        AttentionCall.of(head.queries().data(), head.keys().data(), head.values().data(), output)
            .withScores(into(seen))
            .withProbabilities(into(weights));
    try (AttentionPlan plan = Attention.under(mask).scale(scale).plan(shape)) {
      plan.run(bias == null ? call : call.withBias(bias));
    }
    return new Ran(
        square(seen), square(weights), FloatTensor.of(Shape.of(tokens, valueSize), output));
  }

  private TileObserver into(float[] matrix) {
    return (batch, h, firstQuery, queries, firstKey, keys, tile) -> {
      for (int q = 0; q < queries; q++) {
        System.arraycopy(tile, q * keys, matrix, (firstQuery + q) * tokens + firstKey, keys);
      }
    };
  }
}
