package dev.sightline.lab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.lab.result.Comparison.Conclusion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ComparisonTest {
  private static final int TASKS = 200;

  private static Results results(String condition, int reached, double endError) {
    List<Double> success = new ArrayList<>();
    List<Double> errors = new ArrayList<>();
    for (int task = 0; task < TASKS; task++) {
      success.add(task < reached ? 1.0 : 0.0);
      errors.add(endError);
    }
    return new Results(condition, success, errors, null);
  }

  private static LabResult result(String mask, long seed, Results... conditions) {
    return new LabResult(
        new LabRun(LabRun.Kind.GROOT, mask, 10, seed, 4),
        new Curve(List.of(10), List.of(0.5f)),
        new Curve(List.of(10), List.of(0.6f)),
        List.of(conditions),
        List.of(results("expert", TASKS, 0)),
        Optional.empty(),
        new Costs(seed, 2 * seed, 7, 1000),
        List.of());
  }

  /** With three seeds, off is as good with padding as in training, and fails with foreign ones. */
  private static Comparison comparison() {
    List<LabResult> results = new ArrayList<>();
    for (long seed = 1; seed <= 3; seed++) {
      results.add(
          result("on", seed, results("as-trained", 180, 0.1), results("foreign", 180, 0.1)));
      results.add(
          result("off", seed, results("as-trained", 182, 0.1), results("foreign", 40, 0.5)));
    }
    return new Comparison(LabRun.Kind.GROOT, List.of("on", "off"), List.of(1L, 2L, 3L), results);
  }

  @Test
  void concludesUnderEachConditionAgainstTheFirstMask() {
    List<Comparison.Difference> differences = comparison().differences();
    assertThat(differences).extracting(Comparison.Difference::mask).containsOnly("off");
    assertThat(differences)
        .extracting(Comparison.Difference::condition)
        .containsExactly("as-trained", "foreign");
    assertThat(differences)
        .extracting(Comparison.Difference::conclusion)
        .containsExactly(Conclusion.NO_DIFFERENCE, Conclusion.HARMS);
    assertThat(differences.getLast().success().mean()).isCloseTo(-0.7, within(1e-9));
    assertThat(differences.getLast().endError().mean()).isCloseTo(0.4, within(1e-9));
  }

  @Test
  void tellsTheSuccessOfMasksAndBaselines() {
    assertThat(comparison().success("on", "as-trained").mean()).isCloseTo(0.9, within(1e-9));
    assertThat(comparison().success("off", "foreign").mean()).isCloseTo(0.2, within(1e-9));
    assertThat(comparison().success("off", "expert").mean()).isEqualTo(1);
    assertThat(comparison().costs().values())
        .extracting(Costs::actionMillis)
        .containsExactly(4.0, 4.0);
  }

  @Test
  void refusesMissingRuns() {
    assertThatThrownBy(() ->
            new Comparison(
                LabRun.Kind.GROOT,
                List.of("on", "off"),
                List.of(1L),
                List.of(result("on", 1, results("as-trained", 1, 0)))))
        .hasMessageContaining("2, not 1");
  }

  /** Its curve is another one, by rounding: it is not gone on with the other backend. */
  @Test
  void aRunKeepsWhatComputesItsAttention_andAnOlderOneHadLibTorch() {
    String older = "{\"policy\":\"PI05\",\"mask\":\"right\",\"steps\":9,\"seed\":2,\"texts\":3}";
    LabRun read = JsonMapper.shared().readValue(older, LabRun.class);
    LabRun ours = new LabRun(LabRun.Kind.PI05, "right", 9, 2, 3, LabRun.Backend.SIGHTLINE);

    assertThat(read).isEqualTo(new LabRun(LabRun.Kind.PI05, "right", 9, 2, 3)).isNotEqualTo(ours);
    assertThat(
            JsonMapper.shared()
                .readValue(JsonMapper.shared().writeValueAsString(ours), LabRun.class))
        .isEqualTo(ours);
    assertThat(ours.under("row-causal").attention()).isEqualTo(LabRun.Backend.SIGHTLINE);
    assertThat(ours.words()).endsWith("3 instructions, attention by sightline");
  }

  @Test
  void refusesARunThatIsNone() {
    assertThatThrownBy(() -> new LabRun(LabRun.Kind.GROOT, "right", 10, 1, 4))
        .hasMessage("'right' is no mask of groot; it has on, off, alternate");
    assertThatThrownBy(() -> new LabRun(LabRun.Kind.GROOT, "on", 0, 1, 4))
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> LabRun.Backend.of("onnx"))
        .hasMessage("'onnx' computes no attention in the lab; expected one of libtorch, sightline");
    assertThatThrownBy(() -> LabRun.Kind.of("act"))
        .hasMessage("'act' is no policy of the lab; it has groot, pi05");
  }
}
