package dev.sightline.fuzz;

import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import tools.jackson.databind.JsonNode;

/** tokenizer.json: refused, or used to encode texts of all kinds. */
@DisabledOnOs(OS.WINDOWS)
class TokenizerFuzzTest {
  private static final int LONGEST_MESSAGE = 3000;

  private static final List<String> TEXTS =
      List.of(
          "Hello the cat, world! aaaaaaaaab",
          "",
          "\u0000",
          "\ud83d\ude00 \u05d0\u0627 \u200d",
          "a".repeat(3000),
          "ab ab abab  \n\t x");

  @Test
  void documents() throws Exception {
    Forked.run("tokenizer", Documents.class);
  }

  /** The target, in its own process. */
  static final class Documents implements Target {
    private final JsonNode document = valid();

    private static JsonNode valid() {
      try (InputStream in = Documents.class.getResourceAsStream("/tiny-gpt-tokenizer.json")) {
        return JsonMutations.MAPPER.readTree(Objects.requireNonNull(in));
      } catch (IOException e) {
        throw new IllegalStateException("the tokenizer to begin with cannot be read", e);
      }
    }

    @Override
    public byte[] make(Random random) {
      return JsonMutations.of(document, random);
    }

    @Override
    public String file(byte[] input) {
      return "tokenizer.json";
    }

    @Override
    public String run(byte[] input) {
      try (Tokenizer tokenizer = Tokenizer.parse(input, "tokenizer.json")) {
        for (String text : TEXTS) {
          TokenizedText encoded = tokenizer.encode(text, 64);
          if (encoded.length() > 64) {
            throw new AssertionError(encoded.length() + " tokens, of 64 at most");
          }
        }
        tokenizer.padId();
        tokenizer.specialTokens();
        return "encoded";
      } catch (ModelException | IllegalArgumentException e) {
        Fuzzing.requireShort(e, LONGEST_MESSAGE);
        return "refused";
      }
    }
  }
}
