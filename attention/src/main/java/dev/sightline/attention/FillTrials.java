package dev.sightline.attention;

import dev.sightline.attention.Walkthrough.FillTrial;
import dev.sightline.mask.Mask;
import dev.sightline.mask.convert.FloatType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * What a large negative number does in the place of "never", for the first token: where one key is
 * left, the weights are the same; where none is left, they are garbage or NaN.
 */
final class FillTrials {
  private static final float TUTORIAL = -1e9f;

  private final SingleHeadRun run;

  private FillTrials(SingleHeadRun run) {
    this.run = run;
  }

  static List<FillTrial> of(SingleHeadRun run) {
    FillTrials trials = new FillTrials(run);
    float lowest = FloatType.FLOAT16.lowest();
    return List.of(
        new FillTrial(
            "never: the pair is left out",
            "float32",
            Float.NaN,
            trials.first(run.under("", Mask.causal()).weights()),
            trials.first(run.under("", Mask.none()).weights())),
        new FillTrial(
            "-1e9",
            "float32",
            TUTORIAL,
            trials.first(run.weightsWith(trials.bias(1))),
            trials.first(run.weightsWith(trials.bias(0)))),
        trials.half("-1e9", FloatType.FLOAT16.round(TUTORIAL), 1),
        trials.half("-65504, the lowest number", lowest, 1),
        trials.half("-65504 twice, by two masks", lowest, 2));
  }

  /** The first row's bias; all others have none. */
  private float[] bias(int allowed) {
    float[] bias = new float[run.tokens() * run.tokens()];
    Arrays.fill(bias, allowed, run.tokens(), TUTORIAL);
    return bias;
  }

  private FloatTensor first(FloatTensor matrix) {
    return FloatTensor.of(Shape.of(run.tokens()), Arrays.copyOf(matrix.data(), run.tokens()));
  }

  /** With scores and additions in float16, and a softmax that does not look for minus infinity. */
  private FillTrial half(String name, float fill, int times) {
    float held = fill;
    for (int i = 1; i < times; i++) {
      held = FloatType.FLOAT16.add(held, fill);
    }
    return new FillTrial(name, "float16", held, plainSoftmax(1, held), plainSoftmax(0, held));
  }

  private FloatTensor plainSoftmax(int allowed, float fill) {
    float[] row = new float[run.tokens()];
    float largest = Float.NEGATIVE_INFINITY;
    for (int k = 0; k < row.length; k++) {
      float score = FloatType.FLOAT16.round(run.scores().data()[k]);
      row[k] = k < allowed ? score : FloatType.FLOAT16.add(score, fill);
      largest = Math.max(largest, row[k]);
    }
    float sum = 0;
    for (int k = 0; k < row.length; k++) {
      row[k] = (float) Math.exp(row[k] - largest);
      sum += row[k];
    }
    for (int k = 0; k < row.length; k++) {
      row[k] = FloatType.FLOAT16.round(row[k] / sum);
    }
    return FloatTensor.of(Shape.of(row.length), row);
  }
}
