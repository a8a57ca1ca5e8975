package dev.sightline.web.internal.mask;

import dev.sightline.attention.Walkthrough;
import dev.sightline.mask.Mask;
import dev.sightline.report.WalkthroughPage;
import dev.sightline.web.internal.http.HttpProblem;
import dev.sightline.web.internal.http.JsonAnswer;
import dev.sightline.web.internal.http.JsonBody;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.Map;

/** What the walkthrough page asks: the steps of attention on a sentence, as HTML. */
public final class WalkthroughApi {
  private static final int LONGEST_TEXT = 300;
  private static final int MOST_PADDING = 16;

  private final Questions questions;

  public WalkthroughApi(Questions questions) {
    this.questions = questions;
  }

  /** Adds the routes. */
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post("/api/walkthrough", this::steps);
    String css = WalkthroughPage.styleSheet();
    routes.get(
        "/app/walkthrough.css",
        context -> context.contentType("text/css; charset=utf-8").result(css));
  }

  private void steps(Context context) {
    JsonBody body = JsonBody.of(context);
    String html = questions.ask(() -> steps(body));
    JsonAnswer.send(context, Map.of("html", html));
  }

  private static String steps(JsonBody body) {
    String text = body.text("text", LONGEST_TEXT).strip();
    if (text.isEmpty()) {
      throw new HttpProblem(422, "type a sentence, such as The cat sat on the mat");
    }
    int padding = body.number("padding").orElse(0);
    if (padding < 0 || padding > MOST_PADDING) {
      throw new HttpProblem(422, "there may be 0 to " + MOST_PADDING + " padding tokens");
    }
    String mask = body.text("mask", MaskQuestion.LONGEST);
    Mask[] own = mask.isBlank() ? new Mask[0] : new Mask[] {Mask.parse(mask)};
    List<String> tokens = Walkthrough.words(text, padding);
    return WalkthroughPage.fragment(Walkthrough.of(tokens, own));
  }
}
