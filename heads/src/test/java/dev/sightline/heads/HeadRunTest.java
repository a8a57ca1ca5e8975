package dev.sightline.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.heads.internal.metric.MeasuredSession;
import dev.sightline.heads.internal.metric.MeasuredSession.Reading;
import dev.sightline.heads.internal.run.TokenChoice;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.CellSummary;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.SkippedSamples;
import dev.sightline.heads.statistics.Statistics;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.tensor.FloatTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HeadRunTest {
  private static final List<HeadMetric> METRICS = List.copyOf(HeadMetric.STANDARD);

  private static Model model;
  private static Tokenizer tokenizer;

  @TempDir private Path folder;

  @BeforeAll
  static void open() throws IOException {
    model = TinyGpt.model();
    tokenizer = TinyGpt.tokenizer();
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  private static final class Told implements HeadRun.Listener {
    final List<String> notes = new ArrayList<>();
    private double reached;

    @Override
    public void progress(long samples, double fraction) {
      assertThat(fraction).isBetween(reached, 1.0);
      reached = fraction;
    }

    @Override
    public void note(String note) {
      notes.add(note);
    }
  }

  private Path file(String name, List<String> lines) throws IOException {
    return Files.write(folder.resolve(name), lines);
  }

  private static HeadRun run(TokenAggregation aggregation) throws IOException {
    return TinyGpt.run(model, aggregation).tokenizer(tokenizer).listener(new Told());
  }

  private static HeadStatistics run(TokenAggregation aggregation, Path file) throws IOException {
    return run(aggregation).run(file, DataFormat.of(file));
  }

  /** Ids that differ by sample and position; every one begins with the model's first token. */
  private static long[] ids(int length, long seed) {
    long[] ids = new Random(seed).longs(length, 2, 2048).toArray();
    ids[0] = 1;
    return ids;
  }

  private static String row(String id, long[] ids, long[] mask, String more) {
    return "{\"id\":\"%s\",\"input_ids\":%s,\"attention_mask\":%s%s}"
        .formatted(id, Arrays.toString(ids), Arrays.toString(mask), more);
  }

  private static String row(String id, long[] ids, String more) {
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    return row(id, ids, ones, more);
  }

  /** The values of one sample that nothing is padded for. */
  private static double alone(
      Map<AttentionSite, Map<HeadMetric, Reading>> readings,
      int metric,
      int layer,
      int head,
      int from,
      int to) {
    Map<HeadMetric, Reading> site =
        Objects.requireNonNull(readings.get(model.attention().found().get(layer)));
    Reading reading = Objects.requireNonNull(site.get(METRICS.get(metric)));
    FloatTensor tensor = ((Reading.Values) reading).tensor();
    int first = METRICS.get(metric) == HeadMetric.PREVIOUS ? Math.max(1, from) : from;
    double sum = 0;
    for (int t = first; t < to; t++) {
      sum += tensor.data()[head * tensor.shape().dim(2) + t];
    }
    return sum / (to - first);
  }

  /** BERT counts positions by index: rows padded on the left are not read as their texts are. */
  @Test
  void paddingBeforeATextThatShiftsItsPositions_isSaid() throws IOException {
    Model bert =
        Model.parse(
            Objects.requireNonNull(
                    HeadRunTest.class.getResourceAsStream("/all-minilm-l6-v2-q.onnx"))
                .readAllBytes(),
            "bert");
    long[] ids = {0, 0, 0, 101, 2023, 2003, 102};
    Path left =
        file(
            "left.jsonl",
            List.of(
                row("plain", new long[] {101, 2023, 102}, ""),
                row("left", ids, new long[] {0, 0, 0, 1, 1, 1, 1}, "")));
    Path right =
        file("right.jsonl", List.of(row("right", ids, new long[] {1, 1, 1, 1, 1, 0, 0}, "")));
    Told told = new Told();

    HeadStatistics shifted = HeadRun.of(bert).listener(told).run(left);

    assertThat(shifted.remarks())
        .hasSize(1)
        .allSatisfy((remark, samples) -> {
          assertThat(remark).contains("shifts their positions", "layer", "give rows without it");
          assertThat(samples).isEqualTo(new SkippedSamples(1, List.of("left")));
        });
    assertThat(told.notes).anyMatch(note -> note.contains("shifts their positions"));
    assertThat(HeadRun.of(bert).run(right).remarks()).isEmpty();
    assertThat(HeadRun.of(model).run(left).remarks()).isEmpty(); // it is fed positions
  }

  @ParameterizedTest
  @EnumSource(TokenAggregation.class)
  void batchOfMixedLengths_givesWhatEachSampleGivesAlone(TokenAggregation how) throws IOException {
    int[] lengths = {5, 6, 3, 40, 17, 2, 90, 33};
    List<String> lines = new ArrayList<>();
    double[][][] sums = new double[METRICS.size()][4][4];
    try (MeasuredSession session =
        MeasuredSession.open(
            model, model.attention().found(), HeadMetric.STANDARD, batch(ids(7, 99)))) {
      for (int i = 0; i < lengths.length; i++) {
        long[] ids = ids(lengths[i], i);
        int from =
            how == TokenAggregation.LAST ? lengths[i] - 1 : how == TokenAggregation.MEAN ? 0 : 1;
        int to = how == TokenAggregation.SPAN ? Math.min(lengths[i], 4) : lengths[i];
        lines.add(row("s" + i, ids, ",\"span\":[%d,%d]".formatted(from, to)));
        Map<AttentionSite, Map<HeadMetric, Reading>> readings = session.run(batch(ids));
        for (int m = 0; m < METRICS.size(); m++) {
          for (int layer = 0; layer < 4; layer++) {
            for (int head = 0; head < 4; head++) {
              sums[m][layer][head] += alone(readings, m, layer, head, from, to);
            }
          }
        }
      }
    }

    HeadStatistics statistics = run(how, file("ids.jsonl", lines));

    assertThat(statistics.samples()).isEqualTo(lengths.length);
    assertThat(statistics.tokens()).isEqualTo(Arrays.stream(lengths).sum());
    for (int m = 0; m < METRICS.size(); m++) {
      for (int layer = 0; layer < 4; layer++) {
        for (int head = 0; head < 4; head++) {
          double expected = sums[m][layer][head] / lengths.length;
          assertThat(statistics.cell(m, layer, head).macro().mean().orElseThrow())
              .as("%s L%d H%d", METRICS.get(m), layer, head)
              .isCloseTo(expected, within(2e-5 * Math.max(1, Math.abs(expected))));
        }
      }
    }
  }

  private static Batch batch(long[] ids) {
    return Batch.of(
        model.roles(),
        List.of(new Sample(1, "a", List.of(tokenizer.withSpecial(TokenizedText.ofIds(ids))))),
        0);
  }

  @Test
  void reference_ofAnotherProgram_isMet_tokenByToken() throws IOException {
    JsonNode reference = JsonMapper.shared().readTree(TinyGpt.bytes("/tiny-gpt-reference.json"));
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < reference.path("input_ids").size(); row++) {
      lines.add(
          "{\"input_ids\":%s,\"attention_mask\":%s}"
              .formatted(
                  reference.path("input_ids").path(row),
                  reference.path("attention_mask").path(row)));
    }
    HeadStatistics statistics = run(TokenAggregation.MEAN, file("reference.jsonl", lines));

    for (HeadMetric metric :
        List.of(
            HeadMetric.ENTROPY,
            HeadMetric.MAX_PROB,
            HeadMetric.DISTANCE,
            HeadMetric.FIRST_TOKEN,
            HeadMetric.SELF)) {
      for (int layer = 0; layer < 4; layer++) {
        for (int head = 0; head < 4; head++) {
          double expected =
              reference
                  .path("layers")
                  .path(layer)
                  .path(head)
                  .path(metric.id().replace('-', '_'))
                  .asDouble();
          assertThat(
                  statistics
                      .cell(METRICS.indexOf(metric), layer, head)
                      .micro()
                      .mean()
                      .orElseThrow())
              .as("%s L%d H%d", metric, layer, head)
              .isCloseTo(expected, within(2e-5 * Math.max(1, expected)));
        }
      }
    }
  }

  /** Texts of mixed length, some rows of no use, more than one window of them. */
  private Path texts(int count) throws IOException {
    Random random = new Random(3);
    List<String> words = List.of("And", "the", "LORD", "said", "unto", "Moses", "house", "Israel");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int w = 1 + random.nextInt(random.nextInt(5) == 0 ? 60 : 9); w > 0; w--) {
        text.append(words.get(random.nextInt(words.size()))).append(w == 1 ? "." : " ");
      }
      lines.add(
          i % 97 == 5 ? "{\"text\": 7}" : "{\"id\":\"t%d\",\"text\":\"%s\"}".formatted(i, text));
    }
    return file("texts.jsonl", lines);
  }

  private static String json(HeadStatistics statistics) throws IOException {
    return Statistics.json(statistics);
  }

  @Test
  void interruptedAndResumed_isTheUninterrupted_toTheBit() throws IOException {
    Path texts = texts(1_300);
    String whole = json(run(TokenAggregation.MEAN, texts));

    Path checkpoint = folder.resolve("checkpoint");
    Random random = new Random(8);
    int interruptions = 0;
    while (true) {
      int after = 1 + random.nextInt(25);
      HeadRun.Listener breaking =
          new HeadRun.Listener() {
            private int batches;

            @Override
            public void progress(long samples, double fraction) {
              if (++batches == after) {
                throw new IllegalStateException("pulled the plug");
              }
            }
          };
      HeadRun run = run(TokenAggregation.MEAN).listener(breaking).checkpoint(checkpoint);
      try {
        assertThat(json(run.run(texts))).isEqualTo(whole);
        break;
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("pulled the plug");
        interruptions++;
      }
    }
    assertThat(interruptions).isGreaterThan(2);
  }

  @Test
  void checkpointOfAnotherRun_isRefused_andNotTouched() throws IOException {
    Path texts = texts(30);
    Path checkpoint = folder.resolve("checkpoint");
    run(TokenAggregation.MEAN).checkpoint(checkpoint).run(texts);
    byte[] before = Files.readAllBytes(checkpoint);

    assertThatThrownBy(() -> run(TokenAggregation.LAST).checkpoint(checkpoint).run(texts))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("another run: the aggregations differ: 'mean' and 'last'");
    Files.writeString(texts, "{\"text\":\"one more\"}\n", java.nio.file.StandardOpenOption.APPEND);
    assertThatThrownBy(() -> run(TokenAggregation.MEAN).checkpoint(checkpoint).run(texts))
        .hasMessageContaining("another run: the data files differ: ");
    assertThat(Files.readAllBytes(checkpoint)).isEqualTo(before);

    for (String content : List.of("", "{}", "{\"schema\":\"x\",\"version\":1}\n", "[[[[", "\n\n")) {
      Files.writeString(checkpoint, content);
      assertThatThrownBy(() -> run(TokenAggregation.MEAN).checkpoint(checkpoint).run(texts))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("is no checkpoint: ");
    }
  }

  @Test
  void checkpointThatCannotBeWritten_isSaid_andTheRunGoesOn() throws IOException {
    Path texts = texts(40);
    Told told = new Told();
    HeadStatistics statistics =
        run(TokenAggregation.MEAN)
            .listener(told)
            .checkpoint(folder.resolve("missing/checkpoint"))
            .run(texts);

    assertThat(json(statistics)).isEqualTo(json(run(TokenAggregation.MEAN, texts)));
    assertThat(told.notes)
        .allMatch(note -> note.startsWith("the checkpoint was not written, the run goes on: "))
        .isNotEmpty();
  }

  private static HeadStatistics shard(Path texts, int number) throws IOException {
    return run(TokenAggregation.MEAN).shard(new Shard(number, 3)).run(texts);
  }

  @Test
  void shards_mergeToTheWhole() throws IOException {
    Path texts = texts(400);
    HeadStatistics whole = run(TokenAggregation.MEAN, texts);
    HeadStatistics merged = shard(texts, 3).merge(shard(texts, 1)).merge(shard(texts, 2));

    assertThat(merged.samples()).isEqualTo(whole.samples());
    assertThat(merged.tokens()).isEqualTo(whole.tokens());
    assertThat(merged.skips()).isEqualTo(whole.skips());
    for (int m = 0; m < METRICS.size(); m++) {
      for (int layer = 0; layer < 4; layer++) {
        double expected = whole.cell(m, layer, 2).macro().mean().orElseThrow();
        // The model itself rounds otherwise in other batches.
        assertThat(merged.cell(m, layer, 2).macro().mean().orElseThrow())
            .isCloseTo(expected, within(1e-5 * Math.max(1, expected)));
      }
    }
  }

  @Test
  void rowsOfNoUse_arePassedOverByName_orEndAStrictRun() throws IOException {
    long[] four = ids(4, 1);
    Path file =
        file(
            "odd.jsonl",
            List.of(
                row("good", four, ""),
                row("padded", ids(6, 2), new long[6], ""),
                row("holes", ids(6, 3), new long[] {0, 1, 0, 1, 1, 0}, ""),
                "{\"input_ids\":[1,2],\"attention_mask\":[1]}",
                row("unknown", new long[] {1, 99999}, ""),
                row("long", ids(300, 4), ""),
                "{\"id\":\"cut\",\"text\":\"" + "And ".repeat(400) + "\"}",
                "{\"text\":\"nothing\",\"weight\":-1}"));
    HeadStatistics statistics = run(TokenAggregation.MEAN, file);

    assertThat(statistics.samples()).isEqualTo(3);
    assertThat(statistics.tokens()).isEqualTo(4 + 3 + 256);
    assertThat(statistics.skips())
        .containsEntry("it has no real token", new SkippedSamples(1, List.of("padded")))
        .containsEntry(
            "its attention_mask is not as long as its input_ids",
            new SkippedSamples(1, List.of("line 4")))
        .containsEntry(
            "it has an id that the model does not know", new SkippedSamples(1, List.of("unknown")))
        .containsEntry("it is longer than the model takes", new SkippedSamples(1, List.of("long")))
        .hasSize(5);
    assertThat(statistics.remarks())
        .containsEntry("its attention_mask has holes", new SkippedSamples(1, List.of("holes")))
        .containsEntry("it was cut to 256 tokens", new SkippedSamples(1, List.of("cut")));

    assertThatThrownBy(() -> run(TokenAggregation.MEAN).strict(true).run(file))
        .isInstanceOf(DataException.class)
        .hasMessage("padded: it has no real token");
  }

  @Test
  void filesOfNoUse_areRefused_withTheReason() throws IOException {
    Path unmasked = file("unmasked.jsonl", List.of("{\"input_ids\":[1,2,3]}"));
    assertThatThrownBy(() -> run(TokenAggregation.MEAN, unmasked))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 1 has input_ids and no attention_mask, but 'tiny-gpt' takes");
    Path empty = file("empty.jsonl", List.of());
    assertThatThrownBy(() -> run(TokenAggregation.MEAN, empty))
        .hasMessage("no row of '" + empty + "' can be used: it has none");
    Path bad = file("bad.jsonl", List.of("{\"text\":\"a\"}", "nonsense"));
    assertThatThrownBy(() -> run(TokenAggregation.SPAN, bad))
        .hasMessageStartingWith(
            "no row of '"
                + bad
                + "' can be used; line 1: it has no span; line 2: it is not JSON: U");
    Path text = file("text.jsonl", List.of("{\"text\":\"a\"}"));
    assertThatThrownBy(() -> TinyGpt.run(model, TokenAggregation.MEAN).run(text))
        .hasMessageContaining("there is no tokenizer.json beside 'tiny-gpt'");
  }

  @Test
  void spanOfAText_isItsTokens() throws IOException {
    String text = "And the LORD said unto Moses.";
    TokenizedText tokens = tokenizer.encode(text, 256);
    int start = text.indexOf("LORD said");
    TokenizedText.Range range = tokens.tokensOf(start, start + "LORD said".length()).orElseThrow();
    HeadStatistics inCharacters =
        run(
            TokenAggregation.SPAN,
            file(
                "text.jsonl",
                List.of(
                    "{\"text\":\"%s\",\"span\":[%d,%d]}"
                        .formatted(text, start, start + "LORD said".length()))));
    HeadStatistics inTokens =
        run(
            TokenAggregation.SPAN,
            file(
                "tokens.jsonl",
                List.of(
                    row(
                        "1",
                        tokens.ids(),
                        ",\"span\":[%d,%d]".formatted(range.from(), range.to())))));
    int entropy = METRICS.indexOf(HeadMetric.ENTROPY);
    assertThat(inCharacters.cell(entropy, 2, 1).macro().mean())
        .isEqualTo(inTokens.cell(entropy, 2, 1).macro().mean())
        .isPresent();
    assertThat(new TokenChoice.Read(range.from(), range.to()).tokens())
        .isLessThan(tokens.length() - 2);
  }

  @Test
  void valuesThatAreNoNumbers_areCounted_andLeaveTheOthersAlone() throws IOException {
    // A first token that the model was never trained on cannot break it; a weight of NaN can.
    Model broken = Model.parse(TinyGpt.withNanEmbedding(77), "broken");
    Path file =
        file("ids.jsonl", List.of(row("a", ids(5, 1), ""), row("b", new long[] {1, 77, 5}, "")));
    HeadStatistics statistics =
        TinyGpt.run(broken, TokenAggregation.MEAN).run(file, DataFormat.JSONL);
    CellSummary cell = statistics.cell(METRICS.indexOf(HeadMetric.ENTROPY), 1, 2);

    assertThat(cell.samples()).isEqualTo(1);
    assertThat(cell.notFinite()).isEqualTo(1);
    assertThat(cell.macro().mean().orElseThrow()).isBetween(0.0, 3.0);
    // Unknown without a tokenizer, and not 0.
    assertThat(statistics.cell(METRICS.indexOf(HeadMetric.SPECIAL), 1, 2).reason())
        .hasValue("without a tokenizer, no id is known to be special");
  }
}
