package dev.sightline.spark;

import dev.sightline.heads.HeadRun;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** A small causal model with its tokenizer, texts for it, and what one machine says of them. */
final class TinyGpt {
  private static final List<String> WORDS =
      List.of("the", "cat", "sat", "on", "a", "mat", "and", "saw", "seven", "small", "birds");

  private TinyGpt() {}

  static LoadedModel load() throws IOException {
    return LoadedModel.of(
        Model.parse(bytes("/tiny-gpt.onnx"), "tiny-gpt"),
        Tokenizer.parse(bytes("/tiny-gpt-tokenizer.json"), "its tokenizer"));
  }

  private static byte[] bytes(String resource) throws IOException {
    try (InputStream in = TinyGpt.class.getResourceAsStream(resource)) {
      return Objects.requireNonNull(in, resource).readAllBytes();
    }
  }

  /** Texts of 1 to 40 words, no two alike. */
  static List<String> texts(int count) {
    Random random = new Random(7);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder("text " + i);
      for (int w = random.nextInt(40); w > 0; w--) {
        text.append(' ').append(WORDS.get(random.nextInt(WORDS.size())));
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /** The statistics of the shards of a file on one machine, merged in their order. */
  static HeadStatistics merged(LoadedModel model, Path file, int shards) throws IOException {
    HeadStatistics sum = null;
    for (int k = 1; k <= shards; k++) {
      HeadStatistics next =
          HeadRun.of(model.model())
              .tokenizer(model.requireTokenizer())
              .padId(model.padId())
              .shard(new Shard(k, shards))
              .run(file);
      sum = sum == null ? next : sum.merge(next);
    }
    return Objects.requireNonNull(sum);
  }

  static String json(HeadStatistics statistics) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    statistics.writeJson(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
