package dev.sightline.bench.comparison;

import java.util.Optional;

/**
 * Whether an entrant can be timed.
 *
 * @param error as {@link Expectation#error}, or 0 where there was nothing to compare
 * @param problem empty if it can
 */
record Check(double error, Optional<String> problem) {
  static Check failed(String problem) {
    return new Check(0, Optional.of(problem));
  }
}
