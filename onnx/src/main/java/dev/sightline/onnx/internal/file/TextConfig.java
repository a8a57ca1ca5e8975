package dev.sightline.onnx.internal.file;

import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.SpecialTokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What config.json, tokenizer_config.json, special_tokens_map.json and vocab.txt beside a model say
 * of special tokens. A file that is not what its name says tells nothing: only made-up ids need it.
 */
public final class TextConfig {
  private static final long LARGEST = 16L << 20;

  /** Models whose tokenizers add nothing to a text, although their configuration names ids. */
  private static final Set<String> PLAIN =
      Set.of(
          "gpt2",
          "gpt_neo",
          "gpt_neox",
          "gptj",
          "gpt_bigcode",
          "bloom",
          "phi",
          "phi3",
          "qwen2",
          "qwen3",
          "mpt",
          "codegen",
          "falcon",
          "starcoder2",
          "stablelm",
          "olmo");

  /** Models whose texts end with the end of text and begin with nothing. */
  private static final Set<String> ENDED =
      Set.of("t5", "mt5", "umt5", "longt5", "pegasus", "marian");

  private static final List<String> NAMES =
      List.of("bos", "eos", "cls", "sep", "pad", "unk", "mask");

  private final Map<String, Long> ids = new HashMap<>();
  private final Map<String, Long> byContent = new HashMap<>();
  private final JsonNode config;
  private final JsonNode tokenizer;

  private TextConfig(FilePlace place, Optional<FilePlace> above) throws ModelException {
    config = json(place, above, "config.json");
    tokenizer = json(place, above, "tokenizer_config.json");
    JsonNode map = json(place, above, "special_tokens_map.json");
    readContents(place, above);
    for (String name : NAMES) {
      for (JsonNode names : List.of(tokenizer, map)) {
        Long id = byContent.get(content(names.path(name + "_token")));
        if (id != null) {
          ids.putIfAbsent(name, id);
        }
      }
      for (JsonNode numbers : List.of(config, config.path("text_config"))) {
        JsonNode id = numbers.path(name + "_token_id");
        JsonNode one = id.isArray() ? id.path(0) : id;
        if (one.isIntegralNumber() && one.canConvertToLong() && one.asLong() >= 0) {
          ids.putIfAbsent(name, one.asLong());
        }
      }
    }
  }

  /** Reads what is beside a model and in the folder above. */
  public static TextConfig of(ModelFiles model) throws ModelException {
    return new TextConfig(model.place(), model.place().above());
  }

  /** Returns whether padding is on the left; empty if no file says so. */
  public Optional<Boolean> padsLeft() {
    JsonNode side = tokenizer.path("padding_side");
    return side.isString() ? Optional.of(side.asString().equals("left")) : Optional.empty();
  }

  /** Returns the special tokens that the files name. */
  public SpecialTokens tokens() {
    Long padding = ids.get("pad");
    return new SpecialTokens(
        padding == null ? OptionalLong.empty() : OptionalLong.of(padding),
        first(),
        last(),
        new HashSet<>(ids.values()));
  }

  private String modelType() {
    String type = config.path("model_type").asString("");
    return type.isEmpty() ? config.path("text_config").path("model_type").asString("") : type;
  }

  private boolean isDecoder() {
    for (JsonNode architecture : config.path("architectures")) {
      if (architecture.asString("").contains("CausalLM")) {
        return true;
      }
    }
    return config.path("is_decoder").asBoolean(false);
  }

  private List<Long> first() {
    if (tokenizer.path("add_bos_token").isBoolean()) {
      return tokenizer.path("add_bos_token").asBoolean() ? id("bos") : List.of();
    }
    if (!id("cls").isEmpty()) {
      return id("cls");
    }
    return PLAIN.contains(modelType()) || ENDED.contains(modelType()) ? List.of() : id("bos");
  }

  private List<Long> last() {
    if (tokenizer.path("add_eos_token").isBoolean()) {
      return tokenizer.path("add_eos_token").asBoolean() ? id("eos") : List.of();
    }
    if (!id("sep").isEmpty()) {
      return id("sep");
    }
    return PLAIN.contains(modelType()) || isDecoder() ? List.of() : id("eos");
  }

  private List<Long> id(String name) {
    Long id = ids.get(name);
    return id == null ? List.of() : List.of(id);
  }

  /** The ids of tokens by their spelling, as far as a small file gives them. */
  private void readContents(FilePlace place, Optional<FilePlace> above) throws ModelException {
    for (Map.Entry<String, JsonNode> token : tokenizer.path("added_tokens_decoder").properties()) {
      String id = token.getKey();
      if (id.matches("\\d{1,18}")) {
        byContent.put(content(token.getValue()), Long.parseLong(id));
      }
    }
    List<String> lines = new ArrayList<>();
    read(place, above, "vocab.txt")
        .ifPresent(bytes -> new String(bytes, StandardCharsets.UTF_8).lines().forEach(lines::add));
    for (String token : List.of("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]")) {
      int line = lines.indexOf(token);
      if (line >= 0) {
        byContent.putIfAbsent(token, (long) line);
        ids.put(token.substring(1, token.length() - 1).toLowerCase(Locale.ROOT), (long) line);
      }
    }
  }

  /** A token is written as its spelling, or as an object with it. */
  private static String content(JsonNode token) {
    return token.isString() ? token.asString() : token.path("content").asString("");
  }

  private static JsonNode json(FilePlace place, Optional<FilePlace> above, String name)
      throws ModelException {
    JsonNode nothing = JsonNodeFactory.instance.objectNode();
    Optional<byte[]> bytes = read(place, above, name);
    try {
      return bytes.isEmpty() ? nothing : JsonMapper.shared().readTree(bytes.get());
    } catch (JacksonException e) {
      return nothing; // such as a Git LFS pointer
    }
  }

  private static Optional<byte[]> read(FilePlace place, Optional<FilePlace> above, String name)
      throws ModelException {
    if (place.has(name)) {
      return place.read(name, LARGEST);
    }
    return above.isPresent() && above.get().has(name)
        ? above.get().read(name, LARGEST)
        : Optional.empty();
  }
}
