package dev.sightline.audit;

import java.util.ArrayList;
import java.util.List;

/** Remarks for the conditions of a result: what was left out or cut, and why. */
final class Notes {
  private static final int MOST = 20;

  private final List<String> shown = new ArrayList<>();
  private int more;

  /** Adds a remark, or counts it if there are too many to print. */
  void add(String note) {
    if (shown.size() < MOST) {
      shown.add(note);
    } else {
      more++;
    }
  }

  /** The first remarks, and how many more there are. */
  List<String> all() {
    List<String> all = new ArrayList<>(shown);
    if (more > 0) {
      all.add("and " + more + " more of these");
    }
    return all;
  }
}
