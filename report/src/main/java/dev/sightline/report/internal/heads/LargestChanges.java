package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.CellDifference;
import dev.sightline.heads.statistics.CellDifference.Verdict;
import dev.sightline.heads.statistics.HeadDifference;
import java.util.Comparator;
import java.util.List;

/** The significant differences of two runs over all metrics, the largest first. */
public final class LargestChanges {
  private LargestChanges() {}

  /**
   * Differences are compared by their effect, in standard deviations of the samples, since metrics
   * have other units. One without an effect, as of a single sample, comes last.
   *
   * @param most the most to return
   */
  public static List<CellDifference> of(HeadDifference difference, int most) {
    return difference.cells().stream()
        .filter(cell -> cell.verdict() == Verdict.DIFFERS)
        .sorted(
            Comparator.comparingDouble((CellDifference cell) -> Math.abs(cell.effect().orElse(0)))
                .reversed())
        .limit(most)
        .toList();
  }
}
