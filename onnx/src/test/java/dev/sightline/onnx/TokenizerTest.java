package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TokenizerTest {
  @Test
  void encode_addsNoPaddingAndCutsNothing_whateverTheFileSays() throws IOException {
    try (Tokenizer tokenizer = minilm()) { // its file pads and truncates to 128
      assertThat(tokenizer.encode("hello world", 512).tokens())
          .containsExactly("[CLS]", "hello", "world", "[SEP]");
      assertThat(tokenizer.encode("word ".repeat(300), 512).length()).isEqualTo(302);
    }
  }

  @Test
  void encode_beyondTheLimit_keepsTheClosingTokenAndCountsWhatIsDropped() throws IOException {
    try (Tokenizer tokenizer = minilm()) {
      TokenizedText text = tokenizer.encode("one two three four five", 5);

      assertThat(text.tokens()).containsExactly("[CLS]", "one", "two", "three", "[SEP]");
      assertThat(text.dropped()).isEqualTo(2);
    }
  }

  @Test
  void padId_comesFromTheFile() throws IOException {
    try (Tokenizer tokenizer = minilm()) {
      assertThat(tokenizer.padId()).isZero();
    }
    String json =
        "{\"padding\": null, \"added_tokens\": [{\"id\": 7, \"content\": \"<pad>\", \"single_word\":"
            + " false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\":"
            + " true}], \"model\": {\"type\": \"WordLevel\", \"vocab\": {\"<pad>\": 7, \"a\": 1},"
            + " \"unk_token\": \"a\"}}";
    try (Tokenizer tokenizer = Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "it")) {
      assertThat(tokenizer.padId()).isEqualTo(7);
    }
  }

  @Test
  void filesThatAreNone_areRefusedByName() {
    assertThatThrownBy(() -> Tokenizer.read(Path.of("nowhere", "tokenizer.json")))
        .isInstanceOf(OnnxModelException.class)
        .hasMessageContaining("nowhere");
    for (String json : new String[] {"", "{", "[]", "{\"model\": 3}", "\u0000\u0001"}) {
      assertThatThrownBy(() -> Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "'it'"))
          .as("tokenizer '%s'", json)
          .isInstanceOf(OnnxModelException.class)
          .hasMessageStartingWith("'it' is not");
    }
  }

  private static Tokenizer minilm() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            TokenizerTest.class.getResourceAsStream("/all-minilm-l6-v2-q-tokenizer.json"))) {
      return Tokenizer.parse(in.readAllBytes(), "minilm's tokenizer");
    }
  }
}
