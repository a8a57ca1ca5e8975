package dev.sightline.heads;

import tools.jackson.databind.JsonNode;

/** The fields of a JSON object by name, each of the type it must have; a wrong one is quoted. */
final class Fields {
  private final String where;
  private final JsonNode node;

  /**
   * Opens an object.
   *
   * @param where what to call it in messages
   */
  Fields(String where, JsonNode node) {
    if (!node.isObject()) {
      throw new IllegalArgumentException("\"" + where + "\" is no object: " + quoted(node));
    }
    this.where = where.isEmpty() ? "" : where + ".";
    this.node = node;
  }

  /** A value as it stands in the file, cut to a line. */
  static String quoted(JsonNode value) {
    return value.isMissingNode() ? "nothing" : Provenance.shortened(value.toString());
  }

  static String string(String what, JsonNode value) {
    if (!value.isString()) {
      throw new IllegalArgumentException(what + " is a string, not " + quoted(value));
    }
    return value.asString();
  }

  private IllegalArgumentException wrong(String name, String expected) {
    return new IllegalArgumentException(
        "\"" + where + name + "\" is " + expected + ", not " + quoted(node.path(name)));
  }

  String text(String name) {
    if (!node.path(name).isString()) {
      throw wrong(name, "a string");
    }
    return node.path(name).asString();
  }

  long whole(String name) {
    JsonNode value = node.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(name, "a whole number");
    }
    return value.asLong();
  }

  /** From 0 on. */
  long count(String name) {
    long count = whole(name);
    if (count < 0) {
      throw wrong(name, "a count");
    }
    return count;
  }

  int below(String name, int limit) {
    long value = whole(name);
    if (value < 0 || value >= limit) {
      throw wrong(name, "a whole number from 0 to " + (limit - 1));
    }
    return (int) value;
  }

  double number(String name) {
    JsonNode value = node.path(name);
    if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
      throw wrong(name, "a finite number");
    }
    return value.asDouble();
  }

  /** Two numbers, the second no more than the rounding of the first. */
  Wide wide(String name) {
    JsonNode value = node.path(name);
    if (value.size() != 2 || !value.path(0).isNumber() || !value.path(1).isNumber()) {
      throw wrong(name, "a pair of numbers");
    }
    double hi = value.path(0).asDouble();
    double lo = value.path(1).asDouble();
    if (!Double.isFinite(hi) || hi + lo != hi) {
      throw wrong(name, "a finite number and the rest of its rounding");
    }
    return new Wide(hi, lo);
  }

  JsonNode array(String name, int most) {
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

  Fields object(String name) {
    if (!node.path(name).isObject()) {
      throw wrong(name, "an object");
    }
    return new Fields(where + name, node.path(name));
  }
}
