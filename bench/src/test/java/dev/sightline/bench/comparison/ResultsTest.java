package dev.sightline.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.bench.comparison.Workload.Form;
import dev.sightline.mask.Mask;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Targets, table, JSON and picture of results that are made up. */
class ResultsTest {
  private static final Limit PEAK = new Limit(1e9, new Timing(List.of(1e7, 1e7)));

  private static TaskResult took(String name, double millis) {
    Timing timing = new Timing(List.of(millis * 1e6, millis * 1e6));
    return new TaskResult(Entrant.named(name), Optional.of(timing), 1e-6, Optional.empty());
  }

  private static Row row(WorkloadKind kind, Mask mask, TaskResult... entries) {
    Form form = mask.equals(Mask.full()) ? Form.NONE : Form.CELLS;
    Workload workload = ReferenceTest.workload(kind, form, mask);
    return new Row(workload, 1, false, List.of(entries), PEAK, Optional.empty());
  }

  private static Optional<Boolean> reached(Row row) {
    return Target.of(row, Optional.empty()).reached();
  }

  @Test
  void dense_mustBeatBothPeers() {
    TaskResult torch = took("libtorch", 120.1);

    assertThat(reached(row(WorkloadKind.DENSE, Mask.full(), took("sightline", 100), torch)))
        .isEmpty();
    assertThat(
            reached(
                row(
                    WorkloadKind.DENSE,
                    Mask.full(),
                    took("sightline", 100),
                    torch,
                    took("ort-mha", 105))))
        .contains(true);
    assertThat(
            reached(
                row(
                    WorkloadKind.DENSE,
                    Mask.full(),
                    took("sightline", 100),
                    torch,
                    took("ort-mha", 104))))
        .contains(false);
  }

  @Test
  void masked_mayTakeItsPartOfTheDenseTimeAndARowOfTiles() {
    Mask half = Mask.documents(10, 10);
    // 1.15 x 0.5 + 64 / 20 of 100 ms
    TaskResult dense = took("sightline-dense", 100);
    TaskResult torch = took("libtorch", 1000);

    assertThat(reached(row(WorkloadKind.MASKED, half, took("sightline", 377), dense, torch)))
        .contains(true);
    assertThat(reached(row(WorkloadKind.MASKED, half, took("sightline", 378), dense, torch)))
        .contains(false);
  }

  @Test
  void backward_mustBeatAutogradDense_andByTheDensityUnderAMask() {
    Row dense =
        row(WorkloadKind.BACKWARD, Mask.full(), took("sightline", 100), took("libtorch", 101));
    Mask half = Mask.documents(10, 10);
    TaskResult ours = took("sightline", 100);

    assertThat(reached(dense)).contains(true);
    assertThat(reached(row(WorkloadKind.BACKWARD, half, ours, took("libtorch", 139))))
        .contains(false);
    assertThat(reached(row(WorkloadKind.BACKWARD, half, ours, took("libtorch", 141))))
        .contains(true);
    assertThat(Table.BACKWARD.row(dense, Target.of(dense, Optional.empty())))
        .containsPattern("small, 1 thread +100\\+- 0% +101\\+- 0% +1\\.01 ")
        .endsWith("  reached");
  }

  @Test
  void short_mustMatchTheFastestPeer() {
    Row row =
        row(
            WorkloadKind.SHORT,
            Mask.full(),
            took("sightline", 2),
            took("libtorch", 3),
            took("ort-attention", 1));

    assertThat(reached(row)).contains(false);
    assertThat(Table.FORWARD.row(row, Target.of(row, Optional.empty())))
        .startsWith("small ")
        .containsPattern("2\\.00\\+- 0% +3\\.00\\+- 0% +- +1\\.00\\+- 0% +- +1\\.50 +0\\.50 ")
        .endsWith("not reached");
  }

  @Test
  void repeats_showTheRunInWhichSightlineDidWorst() {
    Row good = row(WorkloadKind.SHORT, Mask.full(), took("sightline", 2), took("ort-attention", 3));
    Row bad = row(WorkloadKind.SHORT, Mask.full(), took("sightline", 1), took("ort-attention", 1));

    Repeats repeats = new Repeats(List.of(good, bad));

    assertThat(repeats.worst()).isSameAs(bad);
    assertThat(repeats)
        .hasToString(
            "2 runs: sightline 1.00 to 2.00 ms, 1.00 to 1.50 x as fast as the fastest peer");
  }

  @Test
  void wrongContestant_isSaidToBeWrong_andNoneOfTheNumbersIsItsOwn() {
    Row row =
        row(
            WorkloadKind.SHORT,
            Mask.full(),
            took("sightline", 2),
            new TaskResult(Entrant.LIBTORCH, Optional.empty(), 0.3, Optional.of("is wrong")));

    assertThat(Table.FORWARD.row(row, Target.of(row, Optional.empty())))
        .contains("wrong")
        .endsWith("-");
  }

  @Test
  void json_hasEveryNumberAndWhatWasReached() {
    Results results = results(row(WorkloadKind.SHORT, Mask.full(), took("sightline", 2)));

    JsonNode workload =
        JsonMapper.shared().readTree(ResultJson.of(results)).get("workloads").get(0);

    assertThat(workload.get("query_shape").toString()).isEqualTo("[2,3,20,16]");
    assertThat(workload.get("gigaflop").asDouble()).isEqualTo(4e-9 * 6 * 400 * 16, within(1e-12));
    assertThat(workload.get("results").get(0).get("median_ms").asDouble()).isEqualTo(2);
    assertThat(workload.has("reached")).as("without a peer").isFalse();
  }

  @Test
  void chart_isWellFormed_andEscapesWhatItIsGiven() throws Exception {
    Results results = results(row(WorkloadKind.SHORT, Mask.full(), took("sightline", 2)));

    String svg = Chart.of(results).orElseThrow();

    assertThat(svg).contains("A &lt;CPU&gt; &amp; more").contains("prefers-color-scheme: dark");
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  @Test
  void chart_withoutABar_isNone() {
    assertThat(Chart.of(results(row(WorkloadKind.SHORT, Mask.full())))).isEmpty();
  }

  private static Results results(Row row) {
    Results results = new Results(Map.of("cpu", "A <CPU> & more"), List.of("Sightline"), List.of());
    results.add(row);
    return results;
  }
}
