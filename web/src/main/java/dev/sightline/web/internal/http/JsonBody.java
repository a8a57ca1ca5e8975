package dev.sightline.web.internal.http;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JSON object that a request brings, read field by field with limits. */
public final class JsonBody {
  private static final int LARGEST = 1 << 18;

  private final JsonNode json;

  private JsonBody(JsonNode json) {
    this.json = json;
  }

  /**
   * Reads the body of a request.
   *
   * @throws HttpProblem if it is no JSON object, or longer than 256 kB
   */
  public static JsonBody of(Context context) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long size;
    try {
      size = RequestBody.copy(context.bodyInputStream(), bytes, LARGEST);
    } catch (IOException e) {
      throw new HttpProblem(400, "the request ended early");
    }
    if (size < 0) {
      throw new HttpProblem(413, "a question may have at most " + LARGEST + " bytes");
    }
    try {
      JsonNode json = JsonMapper.shared().readTree(bytes.toString(StandardCharsets.UTF_8));
      if (json != null && json.isObject()) {
        return new JsonBody(json);
      }
    } catch (JacksonException e) {
      throw new HttpProblem(400, "the body of this request must be JSON, but it is not");
    }
    throw new HttpProblem(400, "the body of this request must be a JSON object");
  }

  /** A text, empty where there is none. */
  public String text(String name, int longest) {
    JsonNode value = json.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isString()) {
      throw new HttpProblem(400, "'" + name + "' must be a text");
    }
    String text = value.stringValue();
    if (text.length() > longest) {
      throw new HttpProblem(
          413, "'" + name + "' has " + text.length() + " characters; at most " + longest + " fit");
    }
    return text;
  }

  /** A whole number, empty where there is none. */
  public OptionalInt number(String name) {
    JsonNode value = json.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return OptionalInt.empty();
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new HttpProblem(400, "'" + name + "' must be a whole number below 2^31");
    }
    return OptionalInt.of(value.intValue());
  }

  /** A whole number that must be there, at least {@code least}. */
  public int number(String name, int least) {
    int number =
        number(name)
            .orElseThrow(() -> new HttpProblem(400, "the number '" + name + "' is missing"));
    if (number < least) {
      throw new HttpProblem(400, "'" + name + "' must be at least " + least + ", but is " + number);
    }
    return number;
  }
}
