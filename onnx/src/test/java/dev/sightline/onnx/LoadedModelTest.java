package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.SpecialTokens;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models and tokenizers in the layouts that people have them in. */
class LoadedModelTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "m.onnx, m.onnx, m-tokenizer.json, true",
    "m.onnx, m.onnx, m_tokenizer.json, true",
    "m.onnx, m.onnx, tokenizer.json, true",
    "m.onnx, m.onnx, other-tokenizer.json, false",
    "onnx/model.onnx, onnx/model.onnx, tokenizer.json, true",
    "onnx/model.onnx, onnx/model.onnx, onnx/tokenizer.json, true",
    "a b/it's.onnx, a b/it's.onnx, a b/it's-tokenizer.json, true",
    "onnx/model.onnx, ., tokenizer.json, true",
    "onnx/model_quantized.onnx, ., tokenizer.json, true",
    "model.onnx, ., tokenizer.json, true",
    "MODEL.ONNX, ., tokenizer.json, true"
  })
  void open_findsModelAndTokenizer(String model, String opened, String tokenizer, boolean found)
      throws IOException {
    put(model, model());
    put(tokenizer, tokenizer());

    try (LoadedModel loaded = LoadedModel.open(folder.resolve(opened).normalize())) {
      assertThat(loaded.model().name()).isEqualTo(folder.resolve(model).toString());
      assertThat(loaded.tokenizer() != null).isEqualTo(found);
      if (found) {
        assertThat(loaded.padId()).isEqualTo(3);
        assertThat(loaded.search()).isEqualTo(LoadedModel.Search.NONE);
      }
    }
  }

  /** The working directory has no parent in the path as it is written. */
  @Test
  void open_ofAnAbsolutePath_looksAboveToo() throws IOException {
    put("x/model.onnx", model());

    LoadedModel loaded = LoadedModel.open(folder.resolve("x/model.onnx"));

    assertThat(loaded.search().places())
        .containsExactly(
            folder.resolve("x/model-tokenizer.json").toString(),
            folder.resolve("x/model_tokenizer.json").toString(),
            folder.resolve("x/model.tokenizer.json").toString(),
            folder.resolve("x/tokenizer.json").toString(),
            folder.resolve("model-tokenizer.json").toString(),
            folder.resolve("model_tokenizer.json").toString(),
            folder.resolve("model.tokenizer.json").toString(),
            folder.resolve("tokenizer.json").toString());
  }

  @Test
  void namedTokenizer_mayBeAFolder() throws IOException {
    put("m.onnx", model());
    put("t/tokenizer.json", tokenizer());

    try (LoadedModel loaded =
        LoadedModel.open(folder.resolve("m.onnx"), Optional.of(folder.resolve("t")))) {
      assertThat(loaded.requireTokenizer().padId()).isEqualTo(3);
    }
  }

  @Test
  void modelOnnx_isTakenAmongSeveral() throws IOException {
    put("onnx/model.onnx", model());
    put("onnx/model_quantized.onnx", model());

    assertThat(Model.open(folder).name()).endsWith("model.onnx");
  }

  @Test
  void severalModels_areListed() throws IOException {
    put("onnx/encoder.onnx", model());
    put("decoder.onnx", model());

    assertThatThrownBy(() -> Model.open(folder))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "the folder '%s' has 2 .onnx files; name one of %s, %s"
                .formatted(
                    folder, folder.resolve("decoder.onnx"), folder.resolve("onnx/encoder.onnx")));
  }

  @Test
  void folderOfOtherWeights_isToldHowToExport() throws IOException {
    put("model.safetensors", new byte[9]);

    assertThatThrownBy(() -> Model.open(folder))
        .hasMessageContaining("has no .onnx file")
        .hasMessageContaining("export 'model.safetensors' to ONNX first");
  }

  @Test
  void jar_holdsModelAndTokenizer() throws IOException {
    Path jar = jar(Map.of("com/x/m.onnx", model(), "t/x-tokenizer.json", tokenizer()));

    try (LoadedModel loaded = LoadedModel.open(jar)) {
      assertThat(loaded.model().name()).isEqualTo(jar + "!/com/x/m.onnx");
      assertThat(loaded.requireTokenizer().padId()).isEqualTo(3);
    }
  }

  @Test
  void jar_prefersTheTokenizerOfTheModelsName() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(
        "a-tokenizer.json",
        new String(tokenizer(), StandardCharsets.UTF_8)
            .replace("\"pad_id\":3", "\"pad_id\":1")
            .getBytes(StandardCharsets.UTF_8));
    files.put("tokenizer.json", tokenizer());
    files.put("a.onnx", model());

    try (LoadedModel loaded = LoadedModel.open(jar(files))) {
      assertThat(loaded.requireTokenizer().padId()).isEqualTo(1);
    }
  }

  @Test
  void jarWithoutOneModel_isRefused() throws IOException {
    assertThatThrownBy(() -> Model.open(jar(Map.of("x.txt", new byte[1]))))
        .hasMessageEndingWith("has no .onnx file in it");
    assertThatThrownBy(() -> Model.open(jar(Map.of("a.onnx", model(), "b.onnx", model()))))
        .hasMessageContaining("has 2 .onnx files; name one of");
    Files.writeString(folder.resolve("no.jar"), "not a zip at all, but text");
    assertThatThrownBy(() -> Model.open(folder.resolve("no.jar")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no.jar");
    Files.write(folder.resolve("cut.jar"), new byte[] {'P', 'K', 3, 4, 0, 0, 0});
    assertThatThrownBy(() -> Model.open(folder.resolve("cut.jar")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("cannot be read as a .jar");
  }

  /** 300 MB of zeros are 300 kB in a .jar. */
  @Test
  void zipBomb_isNotUnpacked() throws IOException {
    Path jar = folder.resolve("bomb.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("model.onnx"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 300; i++) {
        zip.write(zeros);
      }
    }

    assertThatThrownBy(() -> Model.open(jar))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("unpacks to more than 67108864 bytes, and is not read");
  }

  @Test
  void entriesOfAJar_leadNowhere() throws IOException {
    put("tokenizer.json", tokenizer());
    Path jar = jar(Map.of("../../model.onnx", model()));

    assertThat(LoadedModel.open(jar).tokenizer()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version https://git-lfs.github.com/spec/v1 oid sha256:4d7a size 12345|is a Git LFS"
            + " pointer",
        "<!DOCTYPE html><html><head><title>404</title></head></html>|is a web page",
        "Entry not found|is not",
        "''|is not"
      })
  void failedDownloads_areNamed(String content, String message) throws IOException {
    put("m.onnx", content.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> LoadedModel.open(folder.resolve("m.onnx")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("m.onnx' " + message);

    put("m.onnx", model());
    put("tokenizer.json", content.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> LoadedModel.open(folder.resolve("m.onnx")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokenizer.json' " + message);
  }

  @ParameterizedTest
  @CsvSource({
    "vocab.txt, a WordPiece vocabulary",
    "spiece.model, a SentencePiece model",
    "tokenizer.model, a SentencePiece model"
  })
  void tokenizersOfOtherFormats_areNamed(String name, String what) throws IOException {
    put("onnx/m.onnx", model());
    put(name, new byte[] {65});

    LoadedModel loaded = LoadedModel.open(folder);

    assertThat(loaded.tokenizer()).isNull();
    assertThat(loaded.search().remarks())
        .singleElement()
        .asString()
        .contains(name + "' is " + what);
    assertThatThrownBy(() -> Tokenizer.read(folder.resolve(name)))
        .hasMessageContaining("is " + what)
        .hasMessageContaining("convert it");
  }

  @Test
  void hugeTokenizer_isNotRead() throws IOException {
    put("m.onnx", model());
    try (var file = new java.io.RandomAccessFile(folder.resolve("tokenizer.json").toFile(), "rw")) {
      file.setLength(1L << 30);
    }

    assertThatThrownBy(() -> LoadedModel.open(folder.resolve("m.onnx")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has 1073741824 bytes; expected at most 268435456");
  }

  @Test
  void paddingSide_ofTheConfiguration_holds() throws IOException {
    put("m.onnx", model());
    put("tokenizer.json", tokenizer());
    put("tokenizer_config.json", json("{'padding_side': 'left'}"));

    try (LoadedModel loaded = LoadedModel.open(folder)) {
      assertThat(loaded.requireTokenizer().padsLeft()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'model_type': 'roberta', 'bos_token_id': 0, 'eos_token_id': 2, 'pad_token_id': 1}"
            + "|[0]|[2]|1",
        "{'model_type': 'gpt2', 'bos_token_id': 9, 'eos_token_id': 9}|[]|[]|-1",
        "{'model_type': 'llama', 'architectures': ['LlamaForCausalLM'], 'bos_token_id': 1,"
            + " 'eos_token_id': [2, 7]}|[1]|[]|-1",
        "{'model_type': 't5', 'eos_token_id': 1, 'pad_token_id': 0}|[]|[1]|0",
        "{'text_config': {'bos_token_id': 4, 'eos_token_id': 5, 'pad_token_id': 5}}|[4]|[5]|5",
        "{'pad_token_id': -1}|[]|[]|-1",
        "not json|[]|[]|-1"
      })
  void configuration_tellsSpecialTokens(String config, String first, String last, long padding)
      throws IOException {
    put("onnx/model.onnx", model());
    put("config.json", json(config));

    Model model = Model.open(folder);
    SpecialTokens special = model.specialTokens(model.roles().streams().getFirst());

    assertThat(special.first()).hasToString(first);
    assertThat(special.last()).hasToString(last);
    assertThat(special.padding().orElse(-1)).isEqualTo(padding);
  }

  @Test
  void vocabulary_tellsTheIdsOfSpecialTokens() throws IOException {
    put("m.onnx", model());
    put("config.json", json("{'model_type': 'bert', 'pad_token_id': 0}"));
    put("vocab.txt", json("[PAD]\nx\n[UNK]\n[CLS]\n[SEP]\nwords\n"));

    Model model = Model.open(folder);
    SpecialTokens special = model.specialTokens(model.roles().streams().getFirst());

    assertThat(special.first()).containsExactly(3L);
    assertThat(special.last()).containsExactly(4L);
    assertThat(special.all()).containsExactlyInAnyOrder(0L, 2L, 3L, 4L);
  }

  @Test
  void tokenizer_tellsSpecialTokens_beforeTheConfiguration() throws IOException {
    put("m.onnx", model());
    put("tokenizer.json", tokenizer());
    put("config.json", json("{'bos_token_id': 6, 'eos_token_id': 7, 'pad_token_id': 8}"));

    try (LoadedModel loaded = LoadedModel.open(folder)) {
      Model model = loaded.model();
      SpecialTokens special = model.specialTokens(model.roles().streams().getFirst());
      assertThat(special.first()).containsExactly(1L);
      assertThat(special.last()).containsExactly(2L);
      assertThat(special.padding()).hasValue(3);
      assertThat(special.all()).contains(1L, 2L, 3L, 6L, 7L, 8L);
    }
  }

  private static byte[] json(String withSingleQuotes) {
    return withSingleQuotes.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private void put(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private Path jar(Map<String, byte[]> files) throws IOException {
    Path jar = folder.resolve("it.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return jar;
  }

  private static byte[] model() {
    GraphBuilder graph = new GraphBuilder("lookup");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "sequence");
    String rows =
        graph.node("Gather", graph.floats("table", ElementType.FLOAT32, new float[40], 10, 4), ids);
    graph.output("y", rows, ElementType.FLOAT32, "batch", "sequence", "4");
    return graph.model(17, "test");
  }

  /** A WordLevel tokenizer that puts 1 before a text and 2 after it, and pads with 3. */
  private static byte[] tokenizer() {
    return """
    {"version":"1.0","truncation":null,
     "padding":{"strategy":"BatchLongest","direction":"Right","pad_to_multiple_of":null,
      "pad_id":3,"pad_type_id":0,"pad_token":"[PAD]"},
     "added_tokens":[
      {"id":1,"content":"[CLS]","single_word":false,"lstrip":false,"rstrip":false,
       "normalized":false,"special":true},
      {"id":2,"content":"[SEP]","single_word":false,"lstrip":false,"rstrip":false,
       "normalized":false,"special":true},
      {"id":3,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,
       "normalized":false,"special":true}],
     "normalizer":null,"pre_tokenizer":{"type":"Whitespace"},
     "post_processor":{"type":"TemplateProcessing",
      "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
       {"SpecialToken":{"id":"[SEP]","type_id":0}}],
      "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
      "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[1],"tokens":["[CLS]"]},
       "[SEP]":{"id":"[SEP]","ids":[2],"tokens":["[SEP]"]}}},
     "decoder":null,
     "model":{"type":"WordLevel","vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"[PAD]":3,"a":4},
      "unk_token":"[UNK]"}}
    """
        .getBytes(StandardCharsets.UTF_8);
  }
}
