package dev.sightline.heads.statistics;

import static dev.sightline.heads.statistics.Statistics.PROVENANCE;
import static dev.sightline.heads.statistics.Statistics.json;
import static dev.sightline.heads.statistics.Statistics.read;
import static dev.sightline.heads.statistics.Statistics.sample;
import static dev.sightline.heads.statistics.Statistics.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StatisticsJsonTest {
  private static HeadStatistics filled(Shard shard, long seed, int n) {
    HeadStatistics statistics = new HeadStatistics(PROVENANCE, shard, "texts.jsonl");
    Random random = new Random(seed);
    for (int i = 0; i < n; i++) {
      double value = random.nextInt(30) == 0 ? Double.NaN : random.nextGaussian() / 3;
      statistics.add(sample(shard + ":" + i, 1 + random.nextInt(9), value));
    }
    statistics.skip("x", "it has no real token");
    statistics.remark("y", "it was cut off");
    statistics.missing(1, 1, "not identified");
    return statistics;
  }

  @Test
  void readBack_isTheSameState_andGoesOnAlike() throws IOException {
    HeadStatistics through = filled(Shard.WHOLE, 1, 700);
    HeadStatistics resumed = read(json(through));
    assertThat(json(resumed)).isEqualTo(json(through));

    Random random = new Random(5);
    for (int i = 0; i < 700; i++) {
      SampleValues sample = sample("more " + i, 3, random.nextDouble());
      through.add(sample);
      resumed.add(sample);
    }
    assertThat(json(resumed)).isEqualTo(json(through));
  }

  @Test
  void mergeOfStatesReadBack_equalsTheMergeInMemory() throws IOException {
    HeadStatistics a = filled(new Shard(1, 2), 1, 500);
    HeadStatistics b = filled(new Shard(2, 2), 2, 431);

    HeadStatistics merged = a.merge(b);
    assertThat(json(read(json(a)).merge(read(json(b))))).isEqualTo(json(merged));
    assertThat(merged.remarks())
        .containsEntry("it was cut off", new SkippedSamples(2, java.util.List.of("y")));
    assertThat(merged.data()).containsExactly("texts.jsonl");
  }

  @Test
  void humanNumbers_areThere_andNoDataIsNull() throws IOException {
    HeadStatistics statistics = statistics();
    JsonNode empty = JsonMapper.shared().readTree(json(statistics));
    assertThat(empty.path("cells").path(0).path("macro").path("mean").isNull()).isTrue();
    assertThat(empty.path("cells").path(0).path("reason").asString())
        .isEqualTo("there were no samples");

    statistics.add(sample("a", 1, 2));
    statistics.add(sample("b", 3, 4));
    JsonNode root = JsonMapper.shared().readTree(json(statistics));
    assertThat(root.path("schema").asString()).isEqualTo("sightline.heads");
    assertThat(root.path("version").asInt()).isEqualTo(1);
    assertThat(root.path("samples").asInt()).isEqualTo(2);
    assertThat(root.path("cells").path(0).path("macro").path("mean").asDouble()).isEqualTo(3);
    assertThat(root.path("cells").path(0).path("micro").path("mean").asDouble()).isEqualTo(3.5);
    assertThat(root.path("cells")).hasSize(8);
  }

  @Test
  void otherFiles_areRefused_withWhatTheyHold() throws IOException {
    String good = json(filled(Shard.WHOLE, 1, 5));
    refused("", "it is not a JSON object");
    refused("[]", "it is not a JSON object");
    refused("{}", "\"schema\" is a string, not nothing");
    refused("{\"a\": 1, \"a\": 2}", "uplicate");
    refused(good.substring(0, good.length() / 2), "is not JSON");
    refused(good + "{}", "something follows the JSON object");
    refused(good.replace("sightline.heads", "sightline.audit"), "its schema is 'sightline.audit'");
    refused(good.replace("\"version\" : 1", "\"version\" : 2"), "its version is 2");
    refused(good.replace("\"version\" : 1", "\"version\" : \"1\""), "whole number, not \"1\"");
    refused(good.replace("\"mean\",", "\"median\","), "'median' is not last, mean or span");
    refused(good.replace("0123456789abcdef", "0123456789ABCDEF"), "SHA-256");
    refused(good.replace("[ 3, 1 ]", "[ 3, 0 ]"), "1 to 2000 heads, not 0");
    refused(good.replace("[ 3, 1 ]", "[ 3, 1.5 ]"), "whole numbers, not 1.5");
    refused(good.replace("[ 3, 1 ]", "[ 2, 1 ]"), "\"cells.head\" is a whole number from 0 to 1");
    refused(good.replace("[ 3, 1 ]", "[ 3, 2 ]"), "it has 8 cells of 10");
    refused(good.replace("\"1/1\"", "\"9/1\""), "shard 9/1");
    refused(good.replace("\"replicates\" : 200", "\"replicates\" : 100"), "100 replicates");
    refused(good.replace("\"replicateWeights\" : {", "\"x\" : {"), "\"replicateWeights\" is an");
    refused(
        good.replaceFirst("\"macro\" : \"[^\"]*\"", "\"macro\" : \"AAAA\""),
        "200 replicates do not take 3 bytes");
    refused(
        good.replaceFirst("\"macro\" : \"[^\"]{11}", "\"macro\" : \"v/AAAAAAAAA"),
        "no samples have the replicate");
    refused(
        good.replaceFirst("\"replicates\" : \"[^\"]{11}", "\"replicates\" : \"f/AAAAAAAAA"),
        "no samples have the replicate Infinity");
    refused(good.replaceFirst("\"sketch\" : \"", "\"sketch\" : \"!"), "is not base64");
    refused(good.replaceFirst("\"samples\" : 5", "\"samples\" : 1"), "more samples than the 1");
    refused(
        good.replaceFirst("\"weight\" : \\[[^\\]]*\\]", "\"weight\" : [ 1e999, 0 ]"),
        "\"cells.state.macro.weight\" is a finite number");
    refused(good.replaceFirst("\"m2\" : \\[[^\\]]*\\]", "\"m2\" : [ -1, 0 ]"), "no values have");
    refused(good.replaceFirst("\"m2\" : \\[[^\\]]*\\]", "\"m2\" : [ NaN, 0 ]"), "is not JSON");
    refused(good.replaceFirst("\"m2\" : \\[[^\\]]*\\]", "\"m2\" : \"x\""), "a pair of numbers");
  }

  private static void refused(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'a.json'")
        .hasMessageContaining(message);
  }

  @Test
  void everyByteOfAState_mayBeWrong_andNothingButANamedErrorComes() throws IOException {
    String good = json(filled(Shard.WHOLE, 1, 3));
    Random random = new Random(7);
    for (int i = 0; i < 400; i++) {
      StringBuilder bad = new StringBuilder(good);
      bad.setCharAt(random.nextInt(bad.length()), "0-9\"x]}{,e".charAt(random.nextInt(10)));
      try {
        read(bad.toString());
      } catch (DataException expected) {
        assertThat(expected).hasMessageContaining("'a.json'");
      }
    }
  }

  /** A gigabyte that never becomes one in memory: an endless list where a name should be. */
  @Test
  void endlessPart_isGivenUpEarly() {
    InputStream start =
        new ByteArrayInputStream("{\"shards\": [0".getBytes(StandardCharsets.UTF_8));
    InputStream endless =
        new InputStream() {
          private long at;

          @Override
          public int read() {
            return at++ % 2 == 0 ? ',' : '0';
          }

          @Override
          public int read(byte[] into, int from, int length) {
            for (int i = 0; i < length; i++) {
              into[from + i] = (byte) read();
            }
            return length;
          }
        };
    assertThatThrownBy(() -> HeadStatistics.read(new SequenceInputStream(start, endless), "a.json"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a part of it is longer than 16777216 bytes");
    assertThatThrownBy(() -> read("[".repeat(100_000))).isInstanceOf(DataException.class);
    assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(100_000)))
        .isInstanceOf(DataException.class);
  }

  @Test
  void fullDisk_isAnIOException() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no space left on device");
          }
        };
    assertThatThrownBy(() -> filled(Shard.WHOLE, 1, 5).writeJson(full))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no space left");
  }
}
