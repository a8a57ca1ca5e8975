package dev.sightline.report;

import dev.sightline.attention.Walkthrough;
import dev.sightline.report.internal.page.PageTemplate;
import dev.sightline.report.internal.walkthrough.WalkthroughView;
import java.util.List;

/**
 * A walkthrough as HTML: each step of attention in a sentence and in tables, the masks side by
 * side. A page needs no other file and no network. Tokens may be any text: they cannot add markup
 * to the page or run in it.
 */
public final class WalkthroughPage {
  private static final String STYLES = "walkthrough.css";
  private static final PageTemplate PAGE =
      new PageTemplate(
          "walkthrough.ftlh", List.of("steps.ftlh"), List.of(STYLES), List.of("walkthrough.js"));
  private static final PageTemplate STEPS =
      new PageTemplate("steps.ftlh", List.of(), List.of(), List.of());

  private WalkthroughPage() {}

  /**
   * Returns a page.
   *
   * @param first shown in full
   * @param others of which the steps that a mask changes are shown
   * @return an HTML document
   */
  public static String page(Walkthrough first, Walkthrough... others) {
    return PAGE.render(WalkthroughView.of(first, others), "");
  }

  /**
   * Returns the steps alone, for a page that has a frame of its own and the {@link #styleSheet}.
   *
   * @param first shown in full
   * @param others of which the steps that a mask changes are shown
   * @return HTML elements without style or script
   */
  public static String fragment(Walkthrough first, Walkthrough... others) {
    return STEPS.fragment(WalkthroughView.of(first, others));
  }

  /**
   * Returns the style sheet of a fragment, which builds on the colours of the other pages.
   *
   * @return CSS
   */
  public static String styleSheet() {
    return PageTemplate.resource(STYLES);
  }
}
