package dev.sightline.audit.internal.declared;

import dev.sightline.audit.declared.Segments;
import dev.sightline.data.internal.batch.JointTokens;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names of the tokens that a model computes with, for messages. */
final class TokenNames {
  private TokenNames() {}

  /**
   * Returns the name of every token: its segment and number, or its stream and position.
   *
   * @throws IllegalArgumentException if the segments do not end where a stream does, with both
   *     numbers
   */
  static List<String> of(Segments segments, JointTokens joint) {
    int named = segments.tokens();
    boolean ends = false;
    for (int s = JointTokens.PAST; s <= joint.streams(); s++) {
      ends |= joint.first(s) == named;
    }
    if (!ends) {
      throw new IllegalArgumentException(
          "the segments '"
              + segments
              + "' name "
              + named
              + " tokens, but the model has "
              + joint
              + ", and names must end where a stream does");
    }
    List<String> names = new ArrayList<>(numbered(segments.labels(named)));
    names.addAll(joint.plainNames().subList(named, joint.size()));
    return names;
  }

  /** Returns the labels with equal ones told apart by a number, from 0. */
  static List<String> numbered(List<String> labels) {
    Map<String, Integer> next = new HashMap<>();
    return labels.stream()
        .map(label -> label + " " + (next.merge(label, 1, Integer::sum) - 1))
        .toList();
  }
}
