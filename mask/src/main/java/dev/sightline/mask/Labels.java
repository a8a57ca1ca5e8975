package dev.sightline.mask;

import java.util.List;

/** The names that a mask gives to its tokens. */
final class Labels {
  private Labels() {}

  static List<String> of(Node node) {
    if (node instanceof Node.Grouped grouped) {
      return grouped.groups().labels();
    }
    // A step has other queries than its joint mask, so that the joint's names would not fit.
    if (node instanceof Node.Step || node instanceof Node.Cached) {
      return List.of();
    }
    for (Node child : node.children()) {
      List<String> labels = of(child);
      if (!labels.isEmpty()) {
        return labels;
      }
    }
    return List.of();
  }
}
