package dev.sightline.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Changes of a JSON document: another value, one too many or too few, one of another place. */
final class JsonMutations {
  static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** A little less than what Jackson itself writes. */
  private static final int DEEP = 400;

  private JsonMutations() {}

  /** One to three changes of a document; a tenth of them is cut, too. */
  static byte[] of(JsonNode document, Random random) {
    JsonNode copy = document.deepCopy();
    for (int change = 1 + random.nextInt(3); change > 0; change--) {
      change(copy, random);
    }
    byte[] bytes = MAPPER.writeValueAsString(copy).getBytes(StandardCharsets.UTF_8);
    return random.nextInt(10) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }

  private static void change(JsonNode document, Random random) {
    JsonNode parent = container(document, random);
    if (parent instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>(object.propertyNames());
      String name = Mutations.pick(names, random);
      switch (random.nextInt(6)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(name + "x", object.get(name));
        case 2 -> object.set(name, object.get(Mutations.pick(names, random)).deepCopy());
        default -> object.set(name, value(object.get(name), random));
      }
    } else if (parent instanceof ArrayNode array && !array.isEmpty()) {
      int at = random.nextInt(array.size());
      switch (random.nextInt(6)) {
        case 0 -> array.remove(at);
        case 1 -> array.insert(at, array.get(at).deepCopy());
        case 2 -> array.set(at, array.get(random.nextInt(array.size())).deepCopy());
        default -> array.set(at, value(array.get(at), random));
      }
    }
  }

  /** Goes down until a coin says stop. */
  private static JsonNode container(JsonNode document, Random random) {
    JsonNode at = document;
    while (true) {
      List<JsonNode> further =
          at.valueStream().filter(child -> child.isContainer() && !child.isEmpty()).toList();
      if (further.isEmpty() || random.nextInt(4) == 0) {
        return at;
      }
      at = Mutations.pick(further, random);
    }
  }

  private static JsonNode value(JsonNode old, Random random) {
    if (old.isNumber() && random.nextBoolean()) {
      return NODES.numberNode(old.asDouble() * (random.nextBoolean() ? -1 : 1) + random.nextInt(3));
    }
    return switch (random.nextInt(16)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.numberNode(Long.MAX_VALUE);
      case 2 -> NODES.numberNode(Integer.MIN_VALUE);
      case 3 -> NODES.numberNode(Double.NaN);
      case 4 -> NODES.numberNode(Double.POSITIVE_INFINITY);
      case 5 -> NODES.numberNode(1e308);
      case 6 -> NODES.numberNode(0);
      case 7 -> NODES.stringNode("");
      case 8 -> NODES.stringNode("\u001b[31m\u0000\u202e=1+1");
      case 9 -> NODES.stringNode("x".repeat(20_000));
      case 10 -> NODES.booleanNode(random.nextBoolean());
      case 11 -> NODES.arrayNode();
      case 12 -> NODES.objectNode();
      case 13 -> deep();
      case 14 -> old.isContainer() ? NODES.numberNode(old.size()) : NODES.arrayNode().add(old);
      default -> NODES.numberNode(random.nextInt(100) - 50);
    };
  }

  private static JsonNode deep() {
    JsonNode inner = NODES.numberNode(1);
    for (int i = 0; i < DEEP; i++) {
      inner = NODES.arrayNode().add(inner);
    }
    return inner;
  }
}
