package dev.sightline.web.internal.http;

import io.javalin.http.Context;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The JSON object that a request is answered with. */
public final class JsonAnswer {
  private JsonAnswer() {}

  /** Answers a request. */
  public static void send(Context context, Map<String, ?> json) {
    context.contentType("application/json").result(JsonMapper.shared().writeValueAsBytes(json));
  }
}
