package dev.sightline.audit;

import dev.sightline.data.Sample;
import java.util.List;

/** How many samples and tokens an audit has read. */
final class SampleCounts {
  private long samples;
  private long probed;
  private long tokens;
  private int longest;
  private int longestInput;
  private int shortest = Integer.MAX_VALUE;

  void add(List<Sample> batch) {
    for (Sample sample : batch) {
      int length = sample.streams().isEmpty() ? 0 : sample.length(0);
      samples++;
      tokens += length;
      longest = Math.max(longest, length);
      for (int s = 0; s < sample.streams().size(); s++) {
        longestInput = Math.max(longestInput, sample.length(s));
      }
      shortest = Math.min(shortest, length);
    }
  }

  /** All samples so far have been given to all probes. */
  void allProbed() {
    probed = samples;
  }

  long samples() {
    return samples;
  }

  /** Samples given to all probes; the others were compared with themselves alone only. */
  long probed() {
    return probed;
  }

  /** Tokens of the first stream. */
  long tokens() {
    return tokens;
  }

  /** The most tokens of a sample in the first stream. */
  int longest() {
    return longest;
  }

  /** The most tokens of a sample in any stream. */
  int longestInput() {
    return longestInput;
  }

  int shortest() {
    return shortest;
  }
}
