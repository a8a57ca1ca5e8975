package dev.sightline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The pages, as people use them: in a browser, with mouse and keyboard. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class BrowserTest {
  private Server server;
  private Browser browser;

  @BeforeAll
  void start() throws Exception {
    Optional<Path> chromium = Browser.executable();
    assumeTrue(chromium.isPresent(), "the browser tests were not run: there is no Chromium here");
    server = new Server(Workbench.with(FakeCommand::process));
    browser = Browser.open(chromium.get());
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.close();
      server.close();
    }
  }

  @AfterEach
  void consoleIsQuiet() {
    if (browser != null) {
      // A refused expression is an answer with status 422, which Chromium writes there by itself.
      assertThat(browser.said()).allMatch(line -> line.contains("status of 422"));
    }
  }

  private Page open(String path) {
    Page page = browser.page();
    page.navigate(server.address(path));
    return page;
  }

  /** Opens a mask, and waits for what is said of it. */
  private Page open(String path, String facts) {
    Page page = open(path);
    assertThat(page.locator("#facts")).containsText(facts);
    return page;
  }

  /** The colour of a pair in a picture, as it is on the screen: dark is allowed. */
  private static boolean isDark(Page page, String canvas, double x, double y) {
    return (Boolean)
        page.locator(canvas)
            .evaluate(
                "(c, at) => { const p = c.getContext('2d').getImageData("
                    + "c.width * at[0], c.height * at[1], 1, 1).data;"
                    + " return p[3] > 0 && p[0] < 128; }",
                List.of(x, y));
  }

  @Test
  void typing_drawsTheMask_andWritesTheAddress() {
    Page page = open("/");
    assertThat(page.locator("#place")).containsText("8 queries down");
    page.fill("#queries", "6");

    page.fill("#expression", "full - causal");

    assertThat(page.locator("#facts")).containsText("15 of 36 pairs");
    assertThat(isDark(page, "#picture-a", 0.9, 0.2)).isTrue();
    assertThat(isDark(page, "#picture-a", 0.2, 0.9)).isFalse();
    assertThat(page).hasURL(Pattern.compile("mask=full\\+-\\+causal&q=6"));
    // The link shows the same elsewhere.
    Page other = browser.page();
    other.navigate(page.url());
    assertThat(other.locator("#facts")).containsText("15 of 36 pairs");
    assertThat(other.locator("#expression")).hasValue("full - causal");
    // A second press does not lose the button's name.
    other.locator("#copy-link").click();
    other.locator("#copy-link").click();
    assertThat((String) other.evaluate("navigator.clipboard.readText()")).isEqualTo(other.url());
    assertThat(other.locator("#copy-link")).hasText("Copy link");
  }

  @Test
  void backAndForward_goThroughMasks() {
    Page page = open("/?mask=causal&q=6", "21 of 36");
    page.fill("#expression", "full");
    assertThat(page.locator("#facts")).containsText("36 of 36");
    page.waitForTimeout(1300);
    page.fill("#expression", "none");
    assertThat(page.locator("#facts")).containsText("0 of 36");

    page.goBack();
    assertThat(page.locator("#expression")).hasValue("full");
    assertThat(page.locator("#facts")).containsText("36 of 36");
    page.goBack();
    assertThat(page.locator("#facts")).containsText("21 of 36");
    page.goForward();
    assertThat(page.locator("#facts")).containsText("36 of 36");
  }

  @Test
  void wrongExpression_isUnderlined_andTheLastPictureStays() {
    Page page = open("/?mask=causal&q=6", "21 of 36");

    page.fill("#expression", "causal & wnidow(2,0)");

    assertThat(page.locator("#problem")).containsText("did you mean window?");
    assertThat(page.locator("#expression + .mirror, .mirror mark.wrong").first()).hasText("wnidow");
    assertThat(isDark(page, "#picture-a", 0.2, 0.9)).isTrue();
    page.fill("#expression", "causal & window(2,0)");
    assertThat(page.locator("#problem")).isHidden();
  }

  @Test
  void keyboardAlone_movesOverPairs_andLightsTheClause() {
    Page page = open("/?mask=causal+%26+window(2,0)&q=8&labels=a,b,c,d,e,f,g,h");
    assertThat(page.locator("#place")).containsText("8 queries");
    page.locator("#picture-a").focus();

    page.keyboard().press("ArrowDown"); // shows the cursor
    for (int i = 0; i < 5; i++) {
      page.keyboard().press("ArrowDown");
    }

    assertThat(page.locator("#cell")).containsText("Query 5 (f) may not attend to key 0 (a)");
    assertThat(page.locator("#cell")).containsText("window(2,0)");
    assertThat(page.locator(".mirror mark").first()).hasText("window(2,0)");
    page.keyboard().press("End");
    assertThat(page.locator("#cell")).containsText("key 7 (h)");
    assertThat(page.locator(".mirror mark").first()).hasText("causal");
    page.keyboard().press("+");
    assertThat(page.locator("#place")).containsText("of 8 x 8");
    page.keyboard().press("0");
    assertThat(page.locator("#place")).containsText("8 queries down");
    assertThat(page).hasURL(Pattern.compile("cell=5,7"));
  }

  @Test
  void address_withAPair_showsThePictureAndThePair() {
    Page page = open("/?mask=causal&q=6&cell=4,1&view=2,0,4,4");

    assertThat(page.locator("#cell")).containsText("Query 4 may attend to key 1");
    assertThat(page.locator("#place")).containsText("queries 2 to 5, keys 0 to 3 of 6 x 6");
    assertThat(isDark(page, "#picture-a", 0.2, 0.9)).isTrue();
  }

  @Test
  void pointer_explainsTheCell() {
    Page page = open("/?mask=causal&q=4", "10 of 16");

    page.locator("#picture-a")
        .hover(new Locator.HoverOptions().setPosition(100, 40).setForce(true));

    assertThat(page.locator("#cell")).containsText("Query 0");
  }

  @Test
  void comparison_namesARelation_andGoesToAPair() {
    Page page = open("/?mask=causal&q=8", "36 of 64");

    page.fill("#other", "causal & window(2,0)");

    assertThat(page.locator("#comparison")).containsText("A is wider");
    assertThat(page.locator("#picture-b")).isVisible();
    page.locator("#comparison button").click();
    assertThat(page.locator("#cell")).containsText("Query 3 may attend to key 0 in mask A");
    assertThat(isDark(page, "#picture-a", 0.2, 0.95)).isTrue();
    assertThat(isDark(page, "#picture-b", 0.2, 0.95)).isFalse();
  }

  @Test
  void gallery_andForms() {
    Page page = open("/");
    page.locator("#cards a.open", new Page.LocatorOptions().setHasText("Llama 4")).click();
    assertThat(page.locator("#expression")).hasValue("causal & chunk(8192)");
    assertThat(page.locator("#place")).containsText("32,768 queries");

    page.locator("#form-flex-mod").click();
    assertThat(page.locator("#form-text")).containsText("q_idx // 8192 == kv_idx // 8192");
    page.locator("#copy-form").click();
    assertThat((String) page.evaluate("navigator.clipboard.readText()"))
        .contains("def mask_mod(b, h, q_idx, kv_idx):");
    page.locator("#form-flex-mod").press("ArrowRight");
    assertThat(page.locator("#form-flex")).isFocused();
    page.locator("#form-lengths").click();
    assertThat(page.locator("#form-note")).not().isEmpty();
    assertThat(page.locator("#copy-form")).isDisabled();
  }

  @Test
  void hostileInput_isText() {
    String markup = "<img src=x onerror=alert(1)>";
    Page page = browser.page();
    page.onDialog(dialog -> org.junit.jupiter.api.Assertions.fail("a script ran"));
    page.navigate(
        server.address(
            "/?mask="
                + URLEncoder.encode(markup, StandardCharsets.UTF_8)
                + "&labels="
                + URLEncoder.encode(markup, StandardCharsets.UTF_8)));
    assertThat(page.locator("#problem")).isVisible();
    page.fill("#expression", "causal");
    page.fill("#labels", markup + ",b");
    page.locator("#picture-a").focus();
    page.keyboard().press("ArrowDown");
    assertThat(page.locator("#cell")).containsText("Query 0 (" + markup + ")");
    assertThat(page.locator("img")).hasCount(0);
    page.navigate(server.address("/walkthrough"));
    page.fill("#text", markup);
    assertThat(page.locator("#steps")).containsText("<img");
    assertThat(page.locator("img")).hasCount(0);
  }

  @Test
  void droppedModel_isAudited_survivesAReload_andIsRepaired() {
    Page page = open("/models");
    drop(page, "model.onnx", "ok");

    Locator job = page.locator("article", new Page.LocatorOptions().setHasText("Audit model.onnx"));
    assertThat(job.locator(".state")).containsText("done");
    job.getByText("Show the report").click();
    assertThat(page.frameLocator("#frame").locator("h1")).hasText("Report of audit");
    page.reload();
    assertThat(page.frameLocator("#frame").locator("h1")).hasText("Report of audit");
    assertThat(page).hasTitle(Pattern.compile("Models"));

    page.locator("#models").getByText("Repair").first().click();
    Locator repair =
        page.locator("article", new Page.LocatorOptions().setHasText("Repair model.onnx"));
    assertThat(repair.getByText("Save model-repaired.onnx")).isVisible();
    var download = page.waitForDownload(() -> repair.getByText("Save model-repaired").click());
    assertThat(download.path()).content().isEqualTo("repaired model");
    page.locator("#models").getByText("Mask of").first().click();
    assertThat(page.getByText("See causal & padding(4)")).isVisible();
    page.locator("#models").getByText("Remove files").click();
    assertThat(page.locator("#jobs article")).hasCount(0);
  }

  private static void drop(Page page, String name, String content) {
    page.setInputFiles(
        "#files",
        new FilePayload(
            name, "application/octet-stream", content.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void twoTabs_seeTheSameJobs_andCancel() {
    BrowserContext profile = browser.profile();
    Page one = profile.newPage();
    Page two = profile.newPage();
    one.navigate(server.address("/models"));
    two.navigate(server.address("/models"));
    one.evaluate(
        "() => { const data = new DataTransfer(); data.items.add(new File(['slow'], 'slow.onnx'));"
            + " document.getElementById('drop').dispatchEvent( new DragEvent('drop', {"
            + " dataTransfer: data, bubbles: true, cancelable: true })); }");

    assertThat(one.locator("article progress")).isVisible();
    two.reload();
    Locator job = two.locator("article", new Page.LocatorOptions().setHasText("slow.onnx"));
    assertThat(job).containsText("1 of 4 texts");
    job.getByText("Cancel").click();

    assertThat(job.locator(".state")).containsText("cancelled");
    assertThat(
            one.locator("article", new Page.LocatorOptions().setHasText("slow.onnx"))
                .locator(".state"))
        .containsText("cancelled");
    two.locator("#models").getByText("Remove files").click();
    assertThat(two.locator("#jobs article")).hasCount(0);
  }

  @Test
  void restartOfTheServer_saysWhatWasLost() throws Exception {
    BrowserContext profile = browser.profile();
    Page page = profile.newPage();
    String address;
    int port;
    try (Server first = new Server(Workbench.with(FakeCommand::process))) {
      address = first.address("/models");
      port = first.port();
      page.navigate(address);
      drop(page, "gone.onnx", "ok");
      assertThat(page.locator("article .state")).containsText("done");
    }
    try (RunningWorkbench second = Workbench.with(FakeCommand::process).port(port).start()) {
      page.navigate(address);
      assertThat(page.locator("article")).containsText("Lost");
      assertThat(page.locator("article")).containsText("Audit gone.onnx");
      page.getByText("Forget these").click();
      assertThat(page.locator("article")).hasCount(0);
      assertThat(second.port()).isEqualTo(port);
    }
    // While the server was away, its connections failed, which Chromium says.
    assertThat(browser.said()).allMatch(line -> line.contains("Failed to load resource"));
    profile.close();
  }

  @Test
  void walkthrough_isOfOnesOwnSentence() {
    Page page = open("/walkthrough?text=The+horse+ran+quickly&padding=1");
    assertThat(page.locator("#steps")).containsText("quickly");
    assertThat(page.locator("#steps")).containsText("[PAD]");

    page.fill("#mask", "window(1,0)");
    assertThat(page.locator("#steps")).containsText("window(1,0)");
    page.fill("#mask", "wnidow(1,0)");
    assertThat(page.locator("#problem")).containsText("did you mean window?");
    assertThat(page).hasURL(Pattern.compile("mask=wnidow"));
  }

  @Test
  void pages_fitAPhone_andAreLight() {
    Page page = browser.page();
    page.setViewportSize(400, 800);
    for (String path : List.of("/?mask=causal&q=64", "/models", "/walkthrough")) {
      page.navigate(server.address(path));
      page.waitForTimeout(300);
      assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
          .as(path)
          .isLessThanOrEqualTo(400);
      int bytes =
          (Integer)
              page.evaluate(
                  "performance.getEntriesByType('resource')"
                      + ".concat(performance.getEntriesByType('navigation'))"
                      + ".filter(e => !e.name.includes('/api/'))"
                      + ".reduce((sum, e) => sum + e.transferSize, 0)");
      assertThat(bytes).as("bytes of %s", path).isBetween(5_000, 400_000);
    }
  }
}
