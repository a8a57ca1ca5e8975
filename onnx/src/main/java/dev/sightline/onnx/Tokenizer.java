package dev.sightline.onnx;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A tokenizer.json at work, without its own padding and truncation: both hide what an audit looks
 * for. Not thread-safe.
 */
public final class Tokenizer implements AutoCloseable {
  /** Hugging Face's largest known file is about 35 MB (the vocabulary of a multilingual model). */
  private static final long MAX_FILE_BYTES = 256L << 20;

  private static final Set<String> PAD_NAMES = Set.of("[pad]", "<pad>", "<|pad|>", "<|endoftext|>");

  private final HuggingFaceTokenizer tokenizer;
  private final long padId;

  private Tokenizer(HuggingFaceTokenizer tokenizer, long padId) {
    this.tokenizer = tokenizer;
    this.padId = padId;
  }

  /**
   * Reads a tokenizer.json.
   *
   * @throws OnnxModelException if there is no such file or it is no tokenizer
   */
  public static Tokenizer read(Path file) throws OnnxModelException {
    try {
      if (!Files.isRegularFile(file)) {
        throw new OnnxModelException("there is no tokenizer file '" + file + "'");
      }
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new OnnxModelException(
            "'" + file + "' has " + Files.size(file) + " bytes, too many for a tokenizer.json");
      }
      return parse(Files.readAllBytes(file), "'" + file + "'");
    } catch (OnnxModelException e) {
      throw e;
    } catch (IOException e) {
      throw new OnnxModelException("'" + file + "' cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the bytes of a tokenizer.json.
   *
   * @param name what to call it in messages
   * @throws OnnxModelException if it is no tokenizer
   */
  public static Tokenizer parse(byte[] json, String name) throws OnnxModelException {
    // The library reports its use to its vendor on some clouds unless told not to.
    if (System.getProperty("OPT_OUT_TRACKING") == null) {
      System.setProperty("OPT_OUT_TRACKING", "true");
    }
    long padId = padId(json, name);
    try {
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json), Map.of("padding", "false", "truncation", "false")),
          padId);
    } catch (IOException | RuntimeException e) {
      throw new OnnxModelException(
          name + " is not a tokenizer.json that can be used: " + e.getMessage(), e);
    }
  }

  /** From the padding rule, else the special token of that name, else 0 as in most vocabularies. */
  private static long padId(byte[] json, String name) throws OnnxModelException {
    try {
      JsonNode root = JsonMapper.shared().readTree(json);
      JsonNode declared = root.path("padding").path("pad_id");
      if (declared.isIntegralNumber() && declared.canConvertToLong()) {
        return declared.asLong();
      }
      for (JsonNode token : root.path("added_tokens")) {
        if (PAD_NAMES.contains(
                token.path("content").asString("").toLowerCase(java.util.Locale.ROOT))
            && token.path("id").isIntegralNumber()) {
          return token.path("id").asLong();
        }
      }
      return 0;
    } catch (JacksonException e) {
      throw new OnnxModelException(name + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The id that fills up short rows. */
  public long padId() {
    return padId;
  }

  /**
   * Encodes a text with its special tokens.
   *
   * @param maxTokens how many tokens the model takes; what is more is cut before the closing
   *     special tokens and counted in {@link TokenizedText#dropped()}
   */
  public TokenizedText encode(String text, int maxTokens) {
    Encoding encoding = tokenizer.encode(text);
    long[] special = encoding.getSpecialTokenMask();
    int length = encoding.getIds().length;
    int kept = Math.min(length, maxTokens);
    int tail = 0;
    while (tail < Math.min(kept, length) && special[length - 1 - tail] == 1) {
      tail++;
    }
    long[] ids = new long[kept];
    long[] types = new long[kept];
    List<String> tokens = new ArrayList<>(kept);
    for (int s = 0; s < kept; s++) {
      int from = s < kept - tail ? s : length - kept + s;
      ids[s] = encoding.getIds()[from];
      types[s] = encoding.getTypeIds()[from];
      tokens.add(encoding.getTokens()[from]);
    }
    return new TokenizedText(ids, types, tokens, length - kept);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
