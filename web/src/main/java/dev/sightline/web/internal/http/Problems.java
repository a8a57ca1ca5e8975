package dev.sightline.web.internal.http;

import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers what cannot be answered: a status and a message, as JSON for scripts. */
public final class Problems {
  private static final String ANSWERED = "answered";

  private Problems() {}

  /** Adds the handlers. */
  public static void addTo(JavalinDefaultRoutingApi routes) {
    routes.exception(HttpProblem.class, Problems::answer);
    routes.exception(
        Exception.class,
        (failure, context) ->
            answer(new HttpProblem(500, "this failed: " + failure.getMessage()), context));
    routes.error(
        404,
        context -> {
          if (context.attribute(ANSWERED) == null) {
            answer(new HttpProblem(404, "there is no such page here"), context);
          }
        });
  }

  private static void answer(HttpProblem problem, Context context) {
    context.attribute(ANSWERED, true);
    context.status(problem.status());
    if (!Guard.isApi(context)) {
      context.contentType("text/plain; charset=utf-8").result(problem.getMessage() + "\n");
      return;
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("message", String.valueOf(problem.getMessage()));
    problem.offset().ifPresent(offset -> json.put("offset", offset));
    JsonAnswer.send(context, json);
  }
}
