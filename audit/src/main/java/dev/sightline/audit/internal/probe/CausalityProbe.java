package dev.sightline.audit.internal.probe;

import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.List;
import java.util.TreeSet;

/**
 * Which tokens notice that another one changed: those after it, those before it, and how far
 * before.
 */
public final class CausalityProbe {
  private static final int THIRDS = 3;

  private final Runner runner;
  private final RandomTokens draws;
  private final int index;
  private final TokenStream stream;

  /** What tokens before the changed one do. */
  public final OutputDelta before;

  /** What tokens after the changed one do: the proof that tokens see each other at all. */
  public final OutputDelta after;

  /** The same for texts without padding. */
  public final OutputDelta beforeAlone;

  public final OutputDelta afterAlone;

  private int farthestAhead;
  private boolean allBeforeMoved = true;

  public CausalityProbe(Runner runner, RandomTokens draws, int index, TokenStream stream) {
    this.runner = runner;
    this.draws = draws;
    this.index = index;
    this.stream = stream;
    before = new OutputDelta(index, runner.outputs());
    after = new OutputDelta(index, runner.outputs());
    beforeAlone = new OutputDelta(index, runner.outputs());
    afterAlone = new OutputDelta(index, runner.outputs());
  }

  /**
   * Changes one token of each row: one third in, two thirds in, or the last. Where there are three
   * rows, each gets another third in the same run.
   */
  public void probe(RunOutputs base) throws ModelException {
    int runs = base.batch().rows() < THIRDS ? THIRDS : 1;
    for (int run = 0; run < runs; run++) {
      probe(base, run);
    }
  }

  /**
   * Changes the token two thirds in of the longest text without padding: a mask that is made where
   * there is padding is missing there.
   *
   * @param alone each text by itself
   */
  public void probeAlone(List<RunOutputs> alone) throws ModelException {
    RunOutputs longest = null;
    for (RunOutputs one : alone) {
      int length = one.batch().samples().getFirst().length(index);
      boolean unpadded = length == one.batch().width(index);
      if (unpadded && (longest == null || length > longest.batch().width(index))) {
        longest = one;
      }
    }
    if (longest == null || longest.batch().width(index) < THIRDS) {
      return;
    }
    Batch batch = longest.batch();
    int changed = 2 * batch.width(index) / THIRDS - 1;
    RunOutputs seen =
        runner.run(
            batch.withDrawn(
                index,
                (row, position) -> position == batch.position(index, row, changed),
                draws.of(stream, batch.samples().getFirst())));
    beforeAlone.compare(longest, 0, seen, 0, token -> token < changed);
    afterAlone.compare(longest, 0, seen, 0, token -> token > changed);
  }

  private void probe(RunOutputs base, int run) throws ModelException {
    Batch batch = base.batch();
    int[] changed = new int[batch.rows()];
    for (int row = 0; row < changed.length; row++) {
      int third = (row + run) % THIRDS + 1;
      int length = batch.samples().get(row).length(index);
      changed[row] = Math.max(0, third * length / THIRDS - 1);
    }
    RunOutputs seen =
        runner.run(
            batch.withDrawn(
                index,
                (row, position) -> position == batch.position(index, row, changed[row]),
                draws.of(stream, batch.samples().getFirst())));
    for (int row = 0; row < changed.length; row++) {
      int j = changed[row];
      before.compare(base, row, seen, row, token -> token < j);
      after.compare(base, row, seen, row, token -> token > j);
      lookAhead(base, seen, row, j);
    }
  }

  private void lookAhead(RunOutputs base, RunOutputs seen, int row, int changed) {
    Sample sample = base.batch().samples().get(row);
    TreeSet<Integer> moved = new TreeSet<>();
    for (Output output : runner.outputs()) {
      if (output.stream() != index) {
        continue;
      }
      for (int t = 0; t < Math.min(changed, sample.length(index)); t++) {
        int token = t;
        Difference one = new Difference();
        one.compare(output, base, row, seen, row, other -> other == token);
        if (one.largest() != 0) {
          moved.add(t);
        }
      }
    }
    if (!moved.isEmpty()) {
      farthestAhead = Math.max(farthestAhead, changed - moved.first());
    }
    allBeforeMoved &= moved.size() == changed;
  }

  /** Whether no token noticed a later one, and later ones noticed. */
  public boolean isCausal() {
    return before.own.compared() > 0 && before.own.largest() == 0 && after.own.largest() > 0;
  }

  /** How many tokens ahead a token notices a change; 0 for a causal model. */
  public int farthestAhead() {
    return farthestAhead;
  }

  /** Whether every token before a changed one notices. */
  public boolean allBeforeMoved() {
    return allBeforeMoved;
  }
}
