package dev.sightline.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * How long it takes from a key to the picture. Not part of the tests, since another program's load
 * would fail it; docs/workbench.md has the command.
 */
class PaintTimes {
  private static final int KEYS = 24;

  @Test
  @EnabledIfSystemProperty(named = "sightline.paintTimes", matches = "true")
  void fromAKeyToThePicture() throws Exception {
    try (Server server = new Server(Server.withoutModels());
        Browser browser = Browser.open(Browser.executable().orElseThrow())) {
      List<Double> medians =
          List.of(
              median(server, browser, "causal & window(90", 4096),
              median(server, browser, "causal & documents(700,1300,20", 4096),
              median(server, browser, "causal & window(90", 1 << 20),
              median(server, browser, "causal & chunk(8192) | global(0,7) & window(9", 1 << 20));
      assertThat(medians).allMatch(median -> median < 150);
    }
  }

  /** Types digits at the end of an expression, one after the other. */
  private static double median(Server server, Browser browser, String start, int tokens) {
    Page page = browser.page();
    boolean isWindow = start.contains("window(9");
    String end = isWindow ? "0,0)" : ")";
    page.navigate(server.address("/?mask=" + encode(start + end) + "&q=" + tokens));
    page.waitForTimeout(1500);
    page.locator("#expression").focus();
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < KEYS + 5; i++) {
      page.evaluate("performance.clearMeasures()");
      for (int k = 0; k < end.length(); k++) {
        page.keyboard().press("ArrowLeft");
      }
      page.keyboard().press(i % 2 == 0 ? "Digit1" : "Backspace");
      while (!(Boolean)
          page.evaluate("performance.getEntriesByName('keystroke-to-paint').length > 0")) {
        page.waitForTimeout(20);
      }
      times.add(
          ((Number) page.evaluate("performance.getEntriesByName('keystroke-to-paint')[0].duration"))
              .doubleValue());
      page.keyboard().press("End");
      page.waitForTimeout(300); // the facts of before are told
    }
    page.context().close();
    List<Double> measured = new ArrayList<>(times.subList(5, times.size()));
    Collections.sort(measured);
    System.out.printf(
        "%-48s %,9d tokens  median %5.1f ms, 9 of 10 within %5.1f ms%n",
        start + end, tokens, measured.get(KEYS / 2), measured.get(KEYS * 9 / 10));
    return measured.get(KEYS / 2);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
