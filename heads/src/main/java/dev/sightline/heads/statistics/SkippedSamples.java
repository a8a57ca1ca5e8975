package dev.sightline.heads.statistics;

import java.util.List;

/**
 * The samples that were passed over for one reason.
 *
 * @param count how many
 * @param first the ids of the first few
 */
public record SkippedSamples(long count, List<String> first) {
  public SkippedSamples {
    first = List.copyOf(first);
  }
}
