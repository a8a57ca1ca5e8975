package dev.sightline.maven;

import java.util.List;

/**
 * What the other process answered.
 *
 * @param code {@link #FINE}, {@link #FAILED}, or another one if nothing could be asked
 * @param lines what it printed for people, if anything
 */
record Outcome(int code, List<String> lines) {
  static final int FINE = 0;
  static final int FAILED = 3; // a Java that cannot start, or dies of an exception, says 1

  static final int STOPPED = -1; // at the time limit; no process answers so

  Outcome {
    lines = List.copyOf(lines);
  }

  /** The line that says it all: the first. */
  String message() {
    return lines.isEmpty() ? "the audit ended with exit code " + code : lines.get(0);
  }
}
