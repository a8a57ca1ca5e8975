package dev.sightline.onnx;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.sightline.onnx.TokenizedText.Range;
import dev.sightline.onnx.TokenizedText.Token;
import dev.sightline.onnx.internal.file.DiskFolder;
import dev.sightline.onnx.internal.file.FileKind;
import dev.sightline.onnx.internal.file.TokenizerFiles;
import dev.sightline.onnx.internal.natives.NativeLibraries;
import dev.sightline.onnx.internal.session.Lifetime;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.SpecialTokens;
import dev.sightline.tensor.internal.Quoted;
import dev.sightline.tensor.internal.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A tokenizer.json, loaded without its own padding and truncation, because both hide what an audit
 * tests. Not thread-safe.
 */
public final class Tokenizer implements AutoCloseable {
  private static final Set<String> PAD_NAMES = Set.of("[pad]", "<pad>", "<|pad|>", "<|endoftext|>");

  /** The library quotes what it did not understand, which may be the whole file. */
  private static final int LONGEST_REASON = 300;

  private final HuggingFaceTokenizer tokenizer;
  private final Lifetime lifetime = new Lifetime("this tokenizer");
  private final Declared declared;
  private final byte[] json;

  private Tokenizer(HuggingFaceTokenizer tokenizer, Declared declared, byte[] json) {
    this.tokenizer = tokenizer;
    this.declared = declared;
    this.json = json;
  }

  /** What the file says of ids, which the library does not return. */
  private record Declared(OptionalLong padId, boolean padsLeft, Set<Long> special, String sha256) {}

  /**
   * Returns the SHA-256 of the tokenizer.json.
   *
   * @return 64 hexadecimal digits in lower case
   */
  public String sha256() {
    return declared.sha256;
  }

  /**
   * Returns the bytes of the tokenizer.json.
   *
   * @return a copy
   */
  public byte[] json() {
    return json.clone();
  }

  /**
   * Reads a tokenizer.json.
   *
   * @param path the tokenizer.json, or the folder that it is in
   * @return the tokenizer, to be closed
   * @throws ModelException if there is no such file or it is no tokenizer
   */
  public static Tokenizer read(Path path) throws ModelException {
    Path file = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
    if (!Files.isRegularFile(file)) {
      throw new ModelException("there is no tokenizer file '" + file + "'");
    }
    String name = file.getFileName().toString();
    Optional<String> other = TokenizerFiles.otherFormat(name);
    if (other.isPresent()) {
      throw new ModelException(TokenizerFiles.describe(file.toString(), other.get()));
    }
    byte[] bytes = DiskFolder.of(file).read(name, TokenizerFiles.LARGEST).orElseThrow();
    return parse(bytes, "'" + file + "'");
  }

  /**
   * Reads the bytes of a tokenizer.json.
   *
   * @param json the file's bytes
   * @param name the name of the file in messages
   * @return the tokenizer, to be closed
   * @throws ModelException if the bytes are no tokenizer
   */
  public static Tokenizer parse(byte[] json, String name) throws ModelException {
    return parse(json, name, Optional.empty());
  }

  /**
   * Reads the bytes of a tokenizer.json.
   *
   * @param padsLeft what the configuration beside it says of the side of padding
   */
  static Tokenizer parse(byte[] json, String name, Optional<Boolean> padsLeft)
      throws ModelException {
    // The library reports its use to its vendor on some clouds unless told not to.
    if (System.getProperty("OPT_OUT_TRACKING") == null) {
      System.setProperty("OPT_OUT_TRACKING", "true");
    }
    FileKind.require(json, json.length, name, "a tokenizer.json");
    NativeLibraries.prepareTokenizers();
    Declared declared = declared(json, name, padsLeft);
    try {
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json), Map.of("padding", "false", "truncation", "false")),
          declared,
          json);
    } catch (IOException | RuntimeException e) {
      throw new ModelException(
          name
              + " is not a tokenizer.json that can be used: "
              + Quoted.plain(String.valueOf(e.getMessage()), LONGEST_REASON),
          e);
    }
  }

  private static Declared declared(byte[] json, String name, Optional<Boolean> padsLeft)
      throws ModelException {
    try {
      JsonNode root = JsonMapper.shared().readTree(json);
      return new Declared(
          padId(root),
          padsLeft.orElse(root.path("padding").path("direction").asString("").equals("Left")),
          special(root),
          Sha256.of(json));
    } catch (JacksonException e) {
      throw new ModelException(name + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** From the padding rule, else the special token of that name. */
  private static OptionalLong padId(JsonNode root) {
    JsonNode declared = root.path("padding").path("pad_id");
    if (declared.isIntegralNumber() && declared.canConvertToLong()) {
      return OptionalLong.of(declared.asLong());
    }
    for (JsonNode token : root.path("added_tokens")) {
      if (PAD_NAMES.contains(token.path("content").asString("").toLowerCase(Locale.ROOT))
          && token.path("id").isIntegralNumber()) {
        return OptionalLong.of(token.path("id").asLong());
      }
    }
    return OptionalLong.empty();
  }

  /** All but the unknown token: files call it special, but it replaces a word of the text. */
  private static Set<Long> special(JsonNode root) {
    JsonNode model = root.path("model");
    Set<Long> special = new HashSet<>();
    for (JsonNode token : root.path("added_tokens")) {
      JsonNode id = token.path("id");
      boolean isUnknown =
          token.path("content").equals(model.path("unk_token"))
              || id.equals(model.path("unk_id")); // as Unigram has it
      if (token.path("special").asBoolean(false) && id.isIntegralNumber() && !isUnknown) {
        special.add(id.asLong());
      }
    }
    return Set.copyOf(special);
  }

  /**
   * Returns the token id of padding.
   *
   * @return the id of the padding rule, else of a token such as {@code [PAD]}, else 0
   */
  public long padId() {
    return declared.padId.orElse(0);
  }

  /**
   * Returns the special tokens, with those that it puts before and after each text.
   *
   * @return the special tokens
   */
  public SpecialTokens specialTokens() {
    TokenizedText text = encode("a", Integer.MAX_VALUE);
    int first = 0;
    while (first < text.length() && text.isSpecial(first)) {
      first++;
    }
    int last = text.length();
    while (last > first && text.isSpecial(last - 1)) {
      last--;
    }
    List<Long> ids = Arrays.stream(text.ids()).boxed().toList();
    return new SpecialTokens(
        declared.padId, ids.subList(0, first), ids.subList(last, ids.size()), declared.special);
  }

  /**
   * Returns whether short rows are padded on the left, as the tokenizer_config.json beside a model
   * or the file itself says.
   *
   * @return true for the left, false for the right or where neither says anything
   */
  public boolean padsLeft() {
    return declared.padsLeft;
  }

  /**
   * Returns the same ids, with this tokenizer's special tokens marked.
   *
   * @param ids the tokens to mark
   * @return the marked tokens
   */
  public TokenizedText withSpecial(TokenizedText ids) {
    return ids.withSpecial(declared.special);
  }

  /**
   * Encodes a text with its special tokens.
   *
   * @param text the text
   * @param maxTokens the longest sequence that the model takes; further tokens are cut before the
   *     closing special tokens and counted in {@link TokenizedText#dropped()}
   * @return the tokens, without padding
   * @throws IllegalArgumentException if the tokenizer does not say of each id what it is
   * @throws IllegalStateException if the tokenizer is closed
   */
  public TokenizedText encode(String text, int maxTokens) {
    Encoding encoding = lifetime.use(() -> tokenizer.encode(text));
    long[] special = encoding.getSpecialTokenMask();
    int length = encoding.getIds().length;
    if (special.length != length
        || encoding.getTypeIds().length != length
        || encoding.getTokens().length != length
        || encoding.getCharTokenSpans().length != length) {
      throw new IllegalArgumentException(
          "the tokenizer gives "
              + length
              + " ids for a text, but not as many types, words and places; its file is damaged");
    }
    int kept = Math.min(length, maxTokens);
    int tail = 0;
    while (tail < Math.min(kept, length) && special[length - 1 - tail] == 1) {
      tail++;
    }
    List<Token> tokens = new ArrayList<>(kept);
    for (int t = 0; t < kept; t++) {
      tokens.add(token(encoding, t < kept - tail ? t : length - kept + t));
    }
    return new TokenizedText(tokens, true, length - kept);
  }

  private Token token(Encoding encoding, int t) {
    long id = encoding.getIds()[t];
    @Nullable CharSpan span = encoding.getCharTokenSpans()[t]; // none for what is no text
    return new Token(
        id,
        encoding.getTypeIds()[t],
        encoding.getTokens()[t],
        encoding.getSpecialTokenMask()[t] == 1 || declared.special.contains(id),
        span == null ? Range.NONE : new Range(span.getStart(), span.getEnd()));
  }

  /**
   * Frees the native memory, after a text that is being encoded. Closing twice does nothing more.
   */
  @Override
  public void close() {
    lifetime.end(tokenizer::close);
  }
}
