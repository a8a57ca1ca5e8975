package dev.sightline.report.internal.walkthrough;

import dev.sightline.attention.Walkthrough;
import java.util.ArrayList;
import java.util.List;

/**
 * What a page of walkthroughs says, as the template needs it.
 *
 * @param title of the page
 * @param lessons the first in full, the others with the steps that a mask changes
 */
public record WalkthroughView(String title, List<Lesson> lessons) {
  public WalkthroughView {
    lessons = List.copyOf(lessons);
  }

  public static WalkthroughView of(Walkthrough first, Walkthrough... others) {
    List<Lesson> lessons = new ArrayList<>(List.of(Steps.of(first)));
    for (Walkthrough other : others) {
      lessons.add(Steps.ofMaskOnly(other));
    }
    return new WalkthroughView(String.join(" ", first.tokens()), lessons);
  }
}
