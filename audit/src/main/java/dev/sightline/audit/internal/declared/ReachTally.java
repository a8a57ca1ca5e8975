package dev.sightline.audit.internal.declared;

import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Conformance.Leak;
import dev.sightline.audit.result.Conformance.Reach;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares what changes with what may change: output tokens against the input tokens that were
 * replaced, batch row by batch row.
 */
final class ReachTally {
  private static final Comparator<Leak> WORST_FIRST =
      Comparator.comparingDouble(Leak::change).reversed();

  private final List<String> outputs;
  private final List<String> inputs;
  private final List<Leak> worst = new ArrayList<>();
  private long compared;
  private long unreachable;
  private long leaks;
  private long unmoved;
  private long mostInARow = -1;
  private int rows;
  private float largestDeclared;
  private float largestLeak;
  private CellPicture.@Nullable Cells worstRow;

  /**
   * A tally of nothing yet.
   *
   * @param outputs the names of the output tokens
   * @param inputs the names of the input tokens that were replaced
   */
  ReachTally(List<String> outputs, List<String> inputs) {
    this.outputs = outputs;
    this.inputs = inputs;
  }

  /** Cells of a batch row to be filled in: what is declared, what changed, what is padding. */
  CellPicture.Cells row(int sample) {
    return new CellPicture.Cells(sample, outputs, inputs);
  }

  void add(CellPicture.Cells row) {
    rows++;
    long before = leaks;
    for (int o = 0; o < outputs.size(); o++) {
      for (int i = 0; i < inputs.size() && !row.paddedRows[o]; i++) {
        judge(row, o, i);
      }
    }
    worst.sort(WORST_FIRST);
    worst.subList(Math.min(worst.size(), Conformance.MOST_OFFENCES), worst.size()).clear();
    if (leaks - before > mostInARow) {
      mostInARow = leaks - before;
      worstRow = row;
    }
  }

  private void judge(CellPicture.Cells row, int output, int input) {
    int cell = output * inputs.size() + input;
    float change = row.observed[cell];
    compared++;
    if (row.declared[cell]) {
      unmoved += change == 0 ? 1 : 0;
      largestDeclared = Math.max(largestDeclared, change);
      return;
    }
    unreachable++;
    largestLeak = Math.max(largestLeak, change);
    if (change != 0) {
      leaks++;
      worst.add(new Leak(row.sample, outputs.get(output), inputs.get(input), change));
    }
  }

  /** The largest change where there is a path: the proof that something can change. */
  float largestDeclared() {
    return largestDeclared;
  }

  /** The largest change where there is no path. */
  float largestLeak() {
    return largestLeak;
  }

  Reach result(List<String> comparedOutputs) {
    return new Reach(
        compared,
        unreachable,
        leaks,
        unmoved,
        inputs.size(),
        rows,
        comparedOutputs,
        worst,
        worstRow == null ? null : worstRow.picture());
  }
}
