package dev.sightline.report.internal.audit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Neighbouring rows or columns of a picture whose names differ by their number only.
 *
 * @param label their name without the number
 * @param from the first of them
 * @param to the one after the last
 */
record Segment(String label, int from, int to) {
  int size() {
    return to - from;
  }

  /** The segments of a picture's rows or columns. */
  static List<Segment> of(List<String> names) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String label = name(names.get(i));
      int last = segments.size() - 1;
      if (last >= 0 && segments.get(last).label().equals(label)) {
        segments.set(last, new Segment(label, segments.get(last).from(), i + 1));
      } else {
        segments.add(new Segment(label, i, i + 1));
      }
    }
    return Collections.unmodifiableList(segments);
  }

  /** {@code action} of {@code action 2}. */
  static String name(String name) {
    int digits = name.length() - number(name).length();
    return digits < name.length() && digits > 1 && name.charAt(digits - 1) == ' '
        ? name.substring(0, digits - 1)
        : name;
  }

  /** {@code 2} of {@code action 2}; empty for a name without a number. */
  static String number(String name) {
    int from = name.length();
    while (from > 0 && name.charAt(from - 1) >= '0' && name.charAt(from - 1) <= '9') {
      from--;
    }
    return name.substring(from);
  }
}
