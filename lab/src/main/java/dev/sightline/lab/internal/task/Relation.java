package dev.sightline.lab.internal.task;

import java.util.List;

/** Where a place is, seen from a thing, and how that is said. */
public enum Relation {
  LEFT(-1, 0, "left of", "to the left of"),
  RIGHT(1, 0, "right of", "to the right of"),
  ABOVE(0, 1, "above", "over"),
  BELOW(0, -1, "below", "under");

  /** How far beside the thing the place is; things keep a larger distance from each other. */
  static final double DISTANCE = 0.3;

  private final int x;
  private final int y;
  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> words;

  Relation(int x, int y, String... words) {
    this.x = x;
    this.y = y;
    this.words = List.of(words);
  }

  double x(Thing thing) {
    return thing.x() + DISTANCE * x;
  }

  double y(Thing thing) {
    return thing.y() + DISTANCE * y;
  }

  List<String> words() {
    return words;
  }
}
