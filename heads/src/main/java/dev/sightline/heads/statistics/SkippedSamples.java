package dev.sightline.heads.statistics;

import java.util.List;

/**
 * Samples that share one reason or remark.
 *
 * @param count number of samples
 * @param first the ids of the first few
 */
public record SkippedSamples(long count, List<String> first) {
  /** Copies the list. */
  public SkippedSamples {
    first = List.copyOf(first);
  }
}
