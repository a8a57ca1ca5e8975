package dev.sightline.report.internal.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes JSON nodes; a value that was not measured, or is not finite, is null. */
public final class JsonNodes {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final MathContext FIVE_DIGITS = new MathContext(5);

  private JsonNodes() {}

  public static ObjectNode object() {
    return NODES.objectNode();
  }

  public static ArrayNode list() {
    return NODES.arrayNode();
  }

  public static <T> ArrayNode array(Collection<T> values, Function<T, ? extends JsonNode> map) {
    ArrayNode array = NODES.arrayNode();
    values.forEach(value -> array.add(map.apply(value)));
    return array;
  }

  public static ArrayNode texts(Collection<String> values) {
    return array(values, NODES::stringNode);
  }

  /** Returns null for NaN and the infinities, which JSON lacks. */
  public static JsonNode number(double value) {
    return Double.isFinite(value) ? NODES.numberNode(value) : none();
  }

  public static JsonNode number(OptionalDouble value) {
    return value.isPresent() ? number(value.getAsDouble()) : none();
  }

  /** Keeps the short decimal form of a float; as a double it would have more digits. */
  public static JsonNode number(float value) {
    return Float.isFinite(value) ? NODES.numberNode(value) : none();
  }

  /** Rounds to five digits, more than a picture shows. */
  public static JsonNode shortened(double value) {
    return Double.isFinite(value)
        ? NODES.numberNode(new BigDecimal(value).round(FIVE_DIGITS).doubleValue())
        : none();
  }

  public static JsonNode shortened(OptionalDouble value) {
    return value.isPresent() ? shortened(value.getAsDouble()) : none();
  }

  public static JsonNode shortened(Optional<Double> value) {
    return value.map(JsonNodes::shortened).orElseGet(JsonNodes::none);
  }

  public static JsonNode integer(long value) {
    return NODES.numberNode(value);
  }

  public static JsonNode integer(OptionalInt value) {
    return value.isPresent() ? integer(value.getAsInt()) : none();
  }

  public static JsonNode integer(OptionalLong value) {
    return value.isPresent() ? integer(value.getAsLong()) : none();
  }

  /** Null for the empty text. */
  public static JsonNode textOrNone(String text) {
    return text.isEmpty() ? none() : NODES.stringNode(text);
  }

  public static JsonNode none() {
    return NODES.nullNode();
  }
}
