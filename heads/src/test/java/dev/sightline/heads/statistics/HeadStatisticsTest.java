package dev.sightline.heads.statistics;

import static dev.sightline.heads.statistics.Statistics.PROVENANCE;
import static dev.sightline.heads.statistics.Statistics.json;
import static dev.sightline.heads.statistics.Statistics.sample;
import static dev.sightline.heads.statistics.Statistics.statistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeadStatisticsTest {
  @Test
  void threeSamplesThenOne_giveACountOf4() {
    HeadStatistics three = statistics();
    for (int i = 0; i < 3; i++) {
      three.add(sample("a" + i, 5, i));
    }
    HeadStatistics one = statistics();
    one.add(sample("b", 5, 9));

    HeadStatistics both = three.merge(one);

    assertThat(both.samples()).isEqualTo(4);
    assertThat(both.tokens()).isEqualTo(20);
    assertThat(both.cell(0, 0, 0).samples()).isEqualTo(4);
    assertThat(both.cell(0, 0, 0).macro().mean()).hasValue(3);
    assertThat(three.samples()).isEqualTo(3);
  }

  @Test
  void macro_weighsSamples_andMicro_weighsTokens() {
    HeadStatistics statistics = statistics();
    statistics.add(sample("short", 1, 10));
    statistics.add(sample("long", 9, 20));

    assertThat(statistics.cell(0, 0, 0).macro().mean()).hasValue(15);
    assertThat(statistics.cell(0, 0, 0).micro().mean()).hasValue(19);
  }

  @Test
  void noSample_isNoData_andOneIsAMeanWithoutDeviation() {
    HeadStatistics statistics = statistics();
    CellSummary none = statistics.cell(0, 0, 0);
    assertThat(none.samples()).isZero();
    assertThat(none.macro().mean()).isEmpty();
    assertThat(none.min()).isEmpty();
    assertThat(none.quantiles()).isEmpty();
    assertThat(none.reason()).hasValue("there were no samples");

    statistics.add(sample("a", 3, 7));
    CellSummary one = statistics.cell(0, 0, 0);
    assertThat(one.macro().mean()).hasValue(7);
    assertThat(one.macro().deviation()).isEmpty();
    assertThat(one.micro().deviation()).isEmpty();
    assertThat(one.macro().interval()).isEmpty();
    assertThat(one.reason()).isEmpty();
  }

  @Test
  void valuesThatAreNotFinite_areCountedAndLeftOut() {
    HeadStatistics statistics = statistics();
    for (double value : new double[] {1, Double.NaN, 3, Double.POSITIVE_INFINITY, -1e200}) {
      statistics.add(sample("v" + value, 1, value));
    }

    CellSummary cell = statistics.cell(0, 0, 0);
    assertThat(cell.samples()).isEqualTo(2);
    assertThat(cell.notFinite()).isEqualTo(3);
    assertThat(cell.macro().mean()).hasValue(2);
    assertThat(cell.max()).hasValue(3);
  }

  @Test
  void layerWithoutData_isListedWithItsReason_andPartOfItIsSaid() {
    HeadStatistics statistics = statistics();
    // Layer 1 of the second metric never delivers, layer 1 of the first one half of the time.
    for (int i = 0; i < 4; i++) {
      double[] heads = {1, 2, 3};
      double[] second = {4};
      statistics.add(
          new SampleValues(
              "s" + i,
              1,
              2,
              2,
              List.of(
                  i % 2 == 0 ? Arrays.asList(heads, null) : List.of(heads, second),
                  Arrays.asList(heads, null))));
    }
    statistics.missing(1, 1, "projection not identified");

    assertThat(statistics.cell(0, 1, 0).samples()).isEqualTo(2);
    assertThat(statistics.cell(0, 1, 0).absent()).isEqualTo(2);
    assertThat(statistics.cell(1, 1, 0).macro().mean()).isEmpty();
    assertThat(statistics.missingLayers())
        .containsExactly(
            new HeadStatistics.MissingLayer(
                PROVENANCE.metrics().get(1), 1, "projection not identified"));
  }

  @Test
  void shardsInAnyOrder_giveWhatOnePassGives() {
    for (long seed = 1; seed <= 10; seed++) {
      Random random = new Random(seed);
      HeadStatistics one = statistics();
      List<HeadStatistics> shards = new ArrayList<>();
      int n = 8;
      for (int k = 1; k <= n; k++) {
        shards.add(new HeadStatistics(PROVENANCE, new Shard(k, n), "texts.jsonl"));
      }
      for (int i = 0; i < 300; i++) {
        double value = seed % 2 == 0 ? 1e16 + 2 * random.nextInt(9) : random.nextGaussian();
        SampleValues sample = sample("row " + i, 1 + random.nextInt(40), value);
        one.add(sample);
        shards.get(i % n).add(sample);
      }
      one.skip("row 300", "it has no real token");
      shards.get(0).skip("row 300", "it has no real token");
      Collections.shuffle(shards, random);
      HeadStatistics merged =
          shards.stream().reduce((a, b) -> random.nextBoolean() ? a.merge(b) : b.merge(a)).get();

      CellSummary expected = one.cell(0, 0, 0);
      CellSummary actual = merged.cell(0, 0, 0);
      String context = "seed " + seed;
      assertThat(merged.samples()).as(context).isEqualTo(300);
      assertThat(merged.skips()).isEqualTo(one.skips());
      assertThat(merged.shards()).containsExactly(Shard.WHOLE);
      assertThat(actual.min()).isEqualTo(expected.min());
      assertThat(actual.max()).isEqualTo(expected.max());
      for (Weighting weighting : Weighting.values()) {
        CellSummary.Estimate a = actual.estimate(weighting);
        CellSummary.Estimate e = expected.estimate(weighting);
        close(a.mean().getAsDouble(), e.mean().getAsDouble(), context);
        close(a.deviation().getAsDouble(), e.deviation().getAsDouble(), context);
        assertThat(a.interval().get().low())
            .as(context)
            .isCloseTo(
                e.interval().get().low(),
                within(1e-12 * Math.max(Math.abs(expected.max().getAsDouble()), 1)));
      }
    }
  }

  private static void close(double actual, double expected, String context) {
    assertThat(actual).as(context).isCloseTo(expected, within(1e-12 * Math.abs(expected)));
  }

  /** A cell that misses a sample, now or later, must not differ either. */
  @Test
  void samplesAtOnce_areToTheBitSamplesOneByOne() throws IOException {
    Random random = new Random(4);
    List<SampleValues> samples = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      double[] heads = {random.nextGaussian(), 1e16 * random.nextDouble(), random.nextDouble()};
      double[] late = {random.nextDouble()};
      heads[1] = i == 70 ? Double.NaN : heads[1];
      heads[2] = i < 3 ? Double.POSITIVE_INFINITY : heads[2];
      int read = 1 + random.nextInt(9);
      samples.add(
          new SampleValues(
              "s" + i,
              0.1 + random.nextDouble(),
              9,
              read,
              List.of(
                  Arrays.asList(heads, i < 40 ? null : late),
                  Arrays.asList(i % 7 == 6 ? null : heads, null))));
    }
    HeadStatistics single = statistics();
    samples.forEach(single::add);
    for (int seed = 0; seed < 20; seed++) {
      HeadStatistics split = statistics();
      for (int from = 0; from < samples.size(); ) {
        int to = Math.min(samples.size(), from + random.nextInt(seed < 10 ? 90 : 9));
        split.addAll(samples.subList(from, to));
        from = to;
        split = random.nextInt(4) == 0 ? Statistics.read(json(split)) : split;
      }
      assertThat(json(split)).as("split " + seed).isEqualTo(json(single));
    }
    HeadStatistics whole = statistics();
    whole.addAll(samples);
    assertThat(json(whole)).isEqualTo(json(single));
    assertThat(whole.cell(0, 0, 1).samples()).isEqualTo(149);
    assertThat(whole.cell(0, 1, 0).samples()).isEqualTo(110);
  }

  /** The weights that cells share must still be those of the samples that each of them saw. */
  @Test
  void intervalOfACellThatMissedSamples_isThatOfItsOwn() {
    HeadStatistics some = statistics();
    HeadStatistics only = statistics();
    HeadStatistics rest = new HeadStatistics(PROVENANCE, new Shard(2, 2), "texts.jsonl");
    HeadStatistics first = new HeadStatistics(PROVENANCE, new Shard(1, 2), "texts.jsonl");
    Random random = new Random(6);
    List<SampleValues> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      boolean good = i > 9 && i % 3 > 0;
      SampleValues sample = sample("s" + i, 1 + i, good ? random.nextDouble() : Double.NaN);
      all.add(sample);
      (i < 50 ? first : rest).add(sample);
      if (good) {
        only.add(sample);
      }
    }
    some.addAll(all);

    CellSummary expected = only.cell(0, 0, 0);
    assertThat(some.cell(0, 0, 0).macro()).isEqualTo(expected.macro());
    assertThat(some.cell(0, 0, 0).micro()).isEqualTo(expected.micro());
    Interval merged = first.merge(rest).cell(0, 0, 0).micro().interval().get();
    assertThat(merged.low()).isCloseTo(expected.micro().interval().get().low(), within(1e-12));
    assertThat(merged.high()).isCloseTo(expected.micro().interval().get().high(), within(1e-12));
  }

  @Test
  void oneSampleOfAnotherShape_keepsAllOut() {
    HeadStatistics statistics = statistics();
    double[] two = {1, 2};
    SampleValues wrong =
        new SampleValues("b", 1, 1, 1, List.of(Arrays.asList(two, null), Arrays.asList(two, null)));
    assertThatThrownBy(() -> statistics.addAll(List.of(sample("a", 1, 1), wrong)))
        .hasMessage("layer 0 has 3 heads, and 2 values were given");
    assertThat(statistics.samples()).isZero();
  }

  @Test
  void whatIsNotOneWhole_isNotMerged_andBothSidesAreQuoted() {
    HeadStatistics mine = statistics();
    Provenance other =
        new Provenance(
            "other.onnx",
            PROVENANCE.modelSha256(),
            PROVENANCE.runtime(),
            PROVENANCE.aggregation(),
            PROVENANCE.maxTokens(),
            PROVENANCE.metrics(),
            PROVENANCE.headsPerLayer(),
            PROVENANCE.seed());
    refused(
        mine,
        new HeadStatistics(other, Shard.WHOLE, "texts.jsonl"),
        "the models differ: 'model.onnx' and 'other.onnx'");
    Provenance last =
        new Provenance(
            PROVENANCE.model(),
            PROVENANCE.modelSha256(),
            PROVENANCE.runtime(),
            TokenAggregation.LAST,
            PROVENANCE.maxTokens(),
            PROVENANCE.metrics(),
            PROVENANCE.headsPerLayer(),
            PROVENANCE.seed());
    refused(
        mine,
        new HeadStatistics(last, Shard.WHOLE, "texts.jsonl"),
        "the aggregations differ: 'mean' and 'last'");
    refused(
        new HeadStatistics(PROVENANCE, new Shard(2, 8), "texts.jsonl"),
        new HeadStatistics(PROVENANCE, new Shard(2, 8), "texts.jsonl"),
        "both hold shard 2/8");
    refused(
        new HeadStatistics(PROVENANCE, new Shard(2, 8), "texts.jsonl"),
        new HeadStatistics(PROVENANCE, new Shard(3, 4), "texts.jsonl"),
        "shards 2/8 and 3/4 are not of one division");
    mine.add(sample("a", 1, 1));
    HeadStatistics again = statistics();
    again.add(sample("a", 1, 1));
    refused(mine, again, "both hold the same 1 samples, by their ids; give the rows an id if not");
  }

  private static void refused(HeadStatistics a, HeadStatistics b, String message) {
    assertThatThrownBy(() -> a.merge(b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void valuesOfAnotherShape_changeNothing() {
    HeadStatistics statistics = statistics();
    double[] two = {1, 2};
    double[] one = {1};
    assertThatThrownBy(() ->
            statistics.add(
                new SampleValues("a", 1, 1, 1, List.of(List.of(two, one), List.of(two, one)))))
        .hasMessage("layer 0 has 3 heads, and 2 values were given");
    assertThat(statistics.samples()).isZero();
    assertThat(statistics.cell(0, 0, 0).samples()).isZero();
  }

  @Test
  void skips_countEachReason_andNameTheFirst_inAnyOrderOfMerging() throws IOException {
    HeadStatistics a = new HeadStatistics(PROVENANCE, new Shard(1, 2), "texts.jsonl");
    HeadStatistics b = new HeadStatistics(PROVENANCE, new Shard(2, 2), "texts.jsonl");
    for (int i = 1; i <= 20; i++) {
      (i % 3 == 0 ? a : b).skip(Integer.toString(i), "it has no span");
    }

    assertThat(a.merge(b).skips())
        .containsEntry("it has no span", new SkippedSamples(20, List.of("1", "2", "3", "4", "5")));
    assertThat(json(a.merge(b))).isEqualTo(json(b.merge(a)));
  }

  @Test
  void csv_hasALineForEachHead_quotesWhatNeedsIt_andLeavesNoDataEmpty() throws IOException {
    HeadStatistics statistics = statistics();
    double[] heads = {1, 2, 3};
    statistics.add(
        new SampleValues(
            "s",
            1,
            2,
            2,
            List.of(Arrays.asList(heads, null), List.of(heads, new double[] {Double.NaN}))));
    statistics.missing(0, 1, "a \"norm\", not identified");
    StringWriter out = new StringWriter();

    statistics.writeCsv(out);

    String[] lines = out.toString().split("\r\n", -1);
    assertThat(lines).hasSize(10);
    assertThat(lines[0]).startsWith("metric,unit,layer,head,samples,absent,not_finite,macro_mean,");
    assertThat(lines[2]).isEqualTo("norm,,0,1,1,0,0,2.0,,,,2.0,,,,2.0,2.0,2.0,2.0,2.0,2.0,2.0,");
    assertThat(lines[4])
        .isEqualTo("norm,,1,0,0,1,0,,,,,,,,,,,,,,,,\"a \"\"norm\"\", not identified\"");
    assertThat(lines[8]).isEqualTo("entropy,nats,1,0,0,0,1,,,,,,,,,,,,,,,,no value was finite");
  }

  /** A spreadsheet would run what begins like a formula. */
  @Test
  void csv_hasNoFormulas() throws IOException {
    Provenance hostile =
        new Provenance(
            "m",
            "0".repeat(64),
            "r",
            TokenAggregation.MEAN,
            512,
            List.of(new Metric("=cmd|'/c calc'!A1", "@u", "")),
            List.of(1),
            42);
    HeadStatistics statistics = new HeadStatistics(hostile, Shard.WHOLE, "t");
    statistics.missing(0, 0, "-1+1");
    StringWriter out = new StringWriter();
    statistics.writeCsv(out);

    assertThat(out.toString().lines().skip(1).findFirst().orElseThrow())
        .startsWith("'=cmd|'/c calc'!A1,'@u,0,0,")
        .endsWith(",'-1+1");
    assertThat(StatisticsCsv.cell("")).isEmpty();
    assertThat(StatisticsCsv.cell("entropy")).isEqualTo("entropy");
    assertThat(StatisticsCsv.cell("+1")).isEqualTo("'+1");
  }

  /** As a file that was tampered with has them. */
  @Test
  void merge_ofCountsThatAreTooLarge_isRefused() throws IOException {
    String json = Statistics.json(Statistics.statistics());
    HeadStatistics large =
        Statistics.read(json.replace("\"tokens\" : 0", "\"tokens\" : " + Long.MAX_VALUE));
    HeadStatistics one = Statistics.statistics();
    one.add(Statistics.sample("a", 5, 1));

    assertThat(large.tokens()).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> large.merge(one))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("their counts are too large to be added");
  }

  @Test
  void inputs_areKept_andNotSummed() throws IOException {
    HeadStatistics one = Statistics.statistics();
    one.recordInputs(Map.of("data files", "4 bytes", "ids of padding", "0"));

    assertThat(Statistics.read(Statistics.json(one)).inputs())
        .containsExactly(Map.entry("data files", "4 bytes"), Map.entry("ids of padding", "0"));
    assertThat(one.merge(Statistics.statistics()).inputs()).isEmpty();
  }
}
