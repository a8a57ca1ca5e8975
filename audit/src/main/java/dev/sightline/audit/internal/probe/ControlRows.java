package dev.sightline.audit.internal.probe;

import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.inventory.ModelException;
import java.util.List;

/**
 * The rows of a batch that controls are asked of: the shortest and the longest sample. A control
 * shows that a test could have failed. Where two rows show it, the others need not run; where they
 * do not show it clearly, all rows are asked.
 */
public final class ControlRows {
  /** What shows clearly, as a share of the largest value of the outputs. */
  private static final double CLEAR = 0.1;

  /** The limit of rounding is 64 steps. */
  private static final int CLEAR_STEPS = 128;

  private ControlRows() {}

  /** Returns a run of the rows as they are in a batch: the run itself where it has no others. */
  public static RunOutputs of(Runner runner, RunOutputs run) throws ModelException {
    Batch few = run.batch().rows(of(run.batch()));
    return few == run.batch() ? run : runner.run(few);
  }

  /** Returns the indexes of the rows in ascending order. */
  public static int[] of(Batch batch) {
    List<Sample> samples = batch.samples();
    int shortest = 0;
    int longest = 0;
    for (int row = 1; row < samples.size(); row++) {
      shortest = length(samples.get(row)) < length(samples.get(shortest)) ? row : shortest;
      longest = length(samples.get(row)) >= length(samples.get(longest)) ? row : longest;
    }
    return samples.size() == 1
        ? new int[] {0}
        : new int[] {Math.min(shortest, longest), Math.max(shortest, longest)};
  }

  private static int length(Sample sample) {
    int length = 0;
    for (int s = 0; s < sample.streams().size(); s++) {
      length += sample.length(s);
    }
    return length;
  }

  /** Whether a control shows at each place where outputs were compared. */
  static boolean isClear(OutputDelta control, double epsilon) {
    double share = Math.max(CLEAR, CLEAR_STEPS * epsilon);
    for (Difference place : List.of(control.own, control.other, control.whole)) {
      if (place.compared() > 0 && !(place.largest() > share * place.largestMagnitude())) {
        return false;
      }
    }
    return true;
  }
}
