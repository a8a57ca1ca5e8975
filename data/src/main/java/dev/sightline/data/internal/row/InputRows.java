package dev.sightline.data.internal.row;

import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.internal.Quoted;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads JSON rows that give a value for each input of a model. They are read token by token, so
 * that a row takes the memory of its numbers, whatever else it has.
 */
final class InputRows {
  /** A row of a camera's image has some megabytes; more is of another kind of file. */
  static final int MAX_LINE_BYTES = 1 << 24;

  /** Python writes NaN and Infinity; they are refused with a message that says where they are. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private InputRows() {}

  /** Returns the row; null if it does not have all the fields and need not. */
  static @Nullable Row read(long line, String text, InputFields inputs) {
    try {
      if (!inputs.required() && !hasAll(text, inputs)) {
        return null;
      }
      return row(line, text, inputs);
    } catch (BadRow e) {
      return new Row.Bad(line, e.reason(), e.detail());
    } catch (JacksonException e) {
      return new Row.Bad(line, "it is not JSON", Quoted.shortened(e.getOriginalMessage()));
    }
  }

  private static boolean hasAll(String text, InputFields inputs) {
    Set<String> missing = new HashSet<>(inputs.fields().keySet());
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          missing.remove(parser.currentName());
          parser.nextToken();
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      return false; // the reader of texts and ids says why
    }
    return missing.isEmpty();
  }

  private static Row row(long line, String text, InputFields inputs) throws BadRow {
    Map<String, RawTensor> read = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>();
    String id = Long.toString(line);
    double weight = 1;
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BadRow("it is no JSON object", Quoted.shortened(text));
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        InputFields.Field field = inputs.fields().get(name);
        boolean own = name.equals("id") || name.equals("weight");
        if ((field != null || own) && !seen.add(name)) {
          throw new BadRow("it has a field twice", Quoted.shortened(name));
        }
        JsonToken first = parser.nextToken();
        if (field != null) {
          read.put(name, new InputReader(parser, field).read());
        } else if (own && first.isStructStart()) {
          throw new BadRow(
              "its " + name + " is no " + (name.equals("id") ? "string" : "number"), "");
        } else if (name.equals("id") && first != JsonToken.VALUE_NULL) {
          id = SampleFields.id(line, JSON.readTree(parser));
        } else if (name.equals("weight") && first != JsonToken.VALUE_NULL) {
          weight = SampleFields.weight(JSON.readTree(parser));
        } else {
          parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        throw new BadRow("it is not JSON", "more follows the object");
      }
    }
    Map<String, RawTensor> values = new LinkedHashMap<>(); // in the order of the model
    for (InputFields.Field field : inputs.fields().values()) {
      String name = field.input().name();
      RawTensor value = read.get(name);
      if (value == null) {
        throw new BadRow("it has no '" + name + "', " + field.expected(), "");
      }
      values.put(name, value);
    }
    return new Row.Inputs(line, id, values, weight);
  }
}
