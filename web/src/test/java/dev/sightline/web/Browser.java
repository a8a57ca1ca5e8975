package dev.sightline.web;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The Chromium of this machine, without a window, and what its pages said on their consoles. */
final class Browser implements AutoCloseable {
  private static final List<String> PLACES =
      List.of(
          "/usr/bin/chromium",
          "/usr/bin/chromium-browser",
          "/usr/bin/google-chrome",
          "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;
  private final List<String> said = new ArrayList<>();

  private Browser(Playwright playwright, com.microsoft.playwright.Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  /** Where Chromium is, if it is anywhere. */
  static Optional<Path> executable() {
    String named = System.getProperty("sightline.chromium", "");
    return Stream.concat(Stream.of(named), PLACES.stream())
        .filter(place -> !place.isEmpty())
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Browser open(Path executable) {
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    return new Browser(
        playwright,
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(executable)
                    .setArgs(List.of("--no-sandbox", "--disable-gpu"))));
  }

  /** A browser profile of its own. */
  BrowserContext profile() {
    BrowserContext context =
        browser.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(1180, 900)
                .setPermissions(List.of("clipboard-read", "clipboard-write")));
    context.setDefaultTimeout(10_000);
    context.onConsoleMessage(message -> {
      boolean isOfTheTest = message.text().contains("willReadFrequently");
      if (!isOfTheTest && List.of("error", "warning").contains(message.type())) {
        said.add(message.text());
      }
    });
    context.onWebError(error -> said.add(error.error()));
    return context;
  }

  Page page() {
    return profile().newPage();
  }

  /** Errors and warnings of all pages since this was asked last. */
  List<String> said() {
    List<String> all = List.copyOf(said);
    said.clear();
    return all;
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
