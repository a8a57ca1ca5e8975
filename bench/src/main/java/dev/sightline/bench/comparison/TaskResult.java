package dev.sightline.bench.comparison;

import java.util.Optional;

/**
 * The result of one task.
 *
 * @param timing empty if its output was wrong or it failed
 * @param error as {@link Reference#error}, or 0 where there was nothing to compare
 * @param problem empty if there is a timing
 */
record TaskResult(String name, Optional<Timing> timing, double error, Optional<String> problem) {

  static TaskResult timed(String name, Timing timing, double error) {
    return new TaskResult(name, Optional.of(timing), error, Optional.empty());
  }

  static TaskResult refused(String name, double error, String problem) {
    return new TaskResult(name, Optional.empty(), error, Optional.of(problem));
  }
}
