package dev.sightline.data.internal.row;

import dev.sightline.tensor.internal.Quoted;
import tools.jackson.databind.JsonNode;

/** Reads the fields of a JSON object by name and type; messages quote a wrong value. */
public final class JsonFields {
  private final String where;
  private final JsonNode node;

  /**
   * Opens an object.
   *
   * @param where its name in messages; may be empty
   */
  public JsonFields(String where, JsonNode node) {
    if (!node.isObject()) {
      throw new IllegalArgumentException("\"" + where + "\" is no object: " + quoted(node));
    }
    this.where = where.isEmpty() ? "" : where + ".";
    this.node = node;
  }

  /** Returns a value as the file has it, cut to a line. */
  public static String quoted(JsonNode value) {
    return value.isMissingNode() ? "nothing" : Quoted.shortened(value.toString());
  }

  /** Returns the text of a value; {@code what} names it in the message if it is not a string. */
  public static String string(String what, JsonNode value) {
    if (!value.isString()) {
      throw new IllegalArgumentException(what + " is a string, not " + quoted(value));
    }
    return value.asString();
  }

  /**
   * Returns two numbers.
   *
   * @throws IllegalArgumentException if the value is no array of two numbers
   */
  public double[] pair(String name) {
    JsonNode value = node.path(name);
    if (value.size() != 2 || !value.path(0).isNumber() || !value.path(1).isNumber()) {
      throw wrong(name, "a pair of numbers");
    }
    return new double[] {value.path(0).asDouble(), value.path(1).asDouble()};
  }

  /** Returns the exception for a field with a wrong value. */
  public IllegalArgumentException wrong(String name, String expected) {
    return new IllegalArgumentException(
        "\"" + where + name + "\" is " + expected + ", not " + quoted(node.path(name)));
  }

  /** Returns a string. */
  public String text(String name) {
    if (!node.path(name).isString()) {
      throw wrong(name, "a string");
    }
    return node.path(name).asString();
  }

  /** Returns a whole number. */
  public long whole(String name) {
    JsonNode value = node.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(name, "a whole number");
    }
    return value.asLong();
  }

  /** Returns a whole number, at least 0. */
  public long count(String name) {
    long count = whole(name);
    if (count < 0) {
      throw wrong(name, "a count");
    }
    return count;
  }

  /** Returns a whole number from 0 to below a limit. */
  public int below(String name, int limit) {
    long value = whole(name);
    if (value < 0 || value >= limit) {
      throw wrong(name, "a whole number from 0 to " + (limit - 1));
    }
    return (int) value;
  }

  /** Returns a finite number. */
  public double number(String name) {
    JsonNode value = node.path(name);
    if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
      throw wrong(name, "a finite number");
    }
    return value.asDouble();
  }

  /** Returns an array of at most {@code most} elements. */
  public JsonNode array(String name, int most) {
    JsonNode value = node.path(name);
    if (!value.isArray()) {
      throw wrong(name, "an array");
    }
    if (value.size() > most) {
      throw new IllegalArgumentException(
          "\"" + where + name + "\" has " + value.size() + " elements, more than " + most);
    }
    return value;
  }

  /** Returns the fields of an object. */
  public JsonFields object(String name) {
    if (!node.path(name).isObject()) {
      throw wrong(name, "an object");
    }
    return new JsonFields(where + name, node.path(name));
  }
}
