package dev.sightline.bench.comparison;

import java.util.Optional;

/**
 * The result of one entrant.
 *
 * @param timing empty if its output was wrong or it failed
 * @param error as {@link Expectation#error}, or 0 where there was nothing to compare
 * @param problem empty if there is a timing
 */
record TaskResult(
    Entrant entrant, Optional<Timing> timing, double error, Optional<String> problem) {}
