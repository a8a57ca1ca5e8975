package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.onnx.TokenizedText.Range;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
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
        "{\"padding\": null, \"added_tokens\": [{\"id\": 7, \"content\": \"<pad>\","
            + " \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\":"
            + " false, \"special\": true}], \"model\": {\"type\": \"WordLevel\", \"vocab\":"
            + " {\"<pad>\": 7, \"a\": 1}, \"unk_token\": \"a\"}}";
    try (Tokenizer tokenizer = Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "it")) {
      assertThat(tokenizer.padId()).isEqualTo(7);
    }
  }

  /** Characters before them that UTF-8 and UTF-16 count as two or four would move the last ones. */
  @Test
  void tokensOf_countsCodePoints() throws IOException {
    String text = "\uD83D\uDE00\uD83D\uDE00 caf\u00e9 playing chess"; // two faces, café
    try (Tokenizer tokenizer = minilm();
        Tokenizer bytes = parsed("/tiny-gpt-tokenizer.json")) {
      for (Tokenizer each : List.of(tokenizer, bytes)) {
        TokenizedText tokens = each.encode(text, 512);
        for (String word : List.of("caf\u00e9", "playing", "chess")) {
          int start = text.codePointCount(0, text.indexOf(word));
          Range range = tokens.tokensOf(start, start + word.codePointCount(0, word.length())).get();
          Range alone = each.encode(" " + word, 512).tokensOf(1, 1 + word.length()).get();
          assertThat(tokens.tokens().subList(range.from(), range.to()))
              .as(word)
              .isEqualTo(each.encode(" " + word, 512).tokens().subList(alone.from(), alone.to()));
        }
      }
      TokenizedText tokens = tokenizer.encode("a caf\u00e9, unbelievable", 512);
      assertThat(tokens.tokensOf(2, 6).map(at -> tokens.tokens().subList(at.from(), at.to())))
          .contains(List.of("cafe"));
      assertThat(tokens.tokensOf(10, 11)).contains(new Range(4, 5)); // its first piece overlaps
      assertThat(tokens.tokensOf(1, 2)).as("a blank").isEmpty();
      assertThat(tokens.tokensOf(3, 3)).as("no characters").isEmpty();
      assertThat(tokens.first(2).tokensOf(2, 6)).as("cut off").isEmpty();
      assertThat(tokens.withIds(new long[tokens.length()]).tokensOf(2, 6))
          .contains(new Range(2, 3));
      assertThat(TokenizedText.ofIds(5, 6).tokensOf(0, 9)).isEmpty();
      assertThatThrownBy(() -> tokens.tokensOf(4, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("characters [4, 2) are no range; expected 0 <= start <= end");
    }
  }

  @Test
  void isSpecial_isAsTheTokenizerSays_alsoOfIds() throws IOException {
    try (Tokenizer tokenizer = minilm()) {
      // The word is unknown, and no special token.
      TokenizedText text = tokenizer.encode("one [SEP] \uD800\uDF30 two", 512);
      assertThat(text.tokens()).containsExactly("[CLS]", "one", "[SEP]", "[UNK]", "two", "[SEP]");
      assertThat(special(text)).containsExactly(0, 2, 5);
      assertThat(special(text.first(3))).containsExactly(0, 2);
      assertThat(special(text.withIds(new long[] {101, 7, 8, 9, 10, 11}))).containsExactly(0);

      TokenizedText ids = TokenizedText.ofIds(text.ids());
      assertThat(special(ids)).isEmpty();
      assertThat(ids.knowsSpecial()).isFalse();
      assertThat(special(tokenizer.withSpecial(ids))).containsExactly(0, 2, 5);
      assertThat(tokenizer.withSpecial(ids).knowsSpecial()).isTrue();
    }
  }

  @Test
  void filesThatAreNone_areRefusedByName() {
    assertThatThrownBy(() -> Tokenizer.read(Path.of("nowhere", "tokenizer.json")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("nowhere");
    for (String json : new String[] {"", "{", "[]", "{\"model\": 3}", "\u0000\u0001"}) {
      assertThatThrownBy(() -> Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "'it'"))
          .as("tokenizer '%s'", json)
          .isInstanceOf(ModelException.class)
          .hasMessageStartingWith("'it' is not");
    }
  }

  /** A damaged file gives an id more, or a word more, than it gives of the other. */
  @Test
  void tokensThatAreNotSaidOfEachId_areRefused() throws IOException {
    for (String beginning :
        List.of(
            "'ids': [1, 2], 'tokens': ['<s>']",
            "'ids': [1], 'tokens': ['<s>', '</s>']",
            "'ids': [1], 'tokens': []")) {
      String json =
          """
          {"model": {"type": "WordLevel", "vocab": {"a": 0, "<s>": 1, "</s>": 2}, "unk_token": "a"},
           "post_processor": {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                        {"Sequence": {"id": "A", "type_id": 0}}],
             "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {"<s>": {"id": "<s>", %s}}}}
          """
              .formatted(beginning.replace('\'', '"'));
      try (Tokenizer tokenizer = Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "it")) {
        assertThatThrownBy(() -> tokenizer.encode("a", 9))
            .as(beginning)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("its file is damaged");
      }
    }
  }

  private static List<Integer> special(TokenizedText text) {
    return IntStream.range(0, text.length()).filter(text::isSpecial).boxed().toList();
  }

  private static Tokenizer minilm() throws IOException {
    return parsed("/all-minilm-l6-v2-q-tokenizer.json");
  }

  private static Tokenizer parsed(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TokenizerTest.class.getResourceAsStream(resource))) {
      return Tokenizer.parse(in.readAllBytes(), resource);
    }
  }
}
