package dev.sightline.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.mask.Mask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private record Logger(Entrant entrant, List<String> log) implements Contestant {
    @Override
    public int threads() {
      return 1;
    }

    @Override
    public Check check() {
      return new Check(0, Optional.empty());
    }

    @Override
    public void warmUp(long millis) {
      log.add(entrant.title() + " warm " + millis);
    }

    @Override
    public double slot(long millis) {
      log.add(entrant.title() + " " + millis);
      return log.size();
    }

    @Override
    public void close() {}
  }

  @Test
  void contestants_takeTurns() {
    List<String> log = new ArrayList<>();
    Contestant a = new Logger(Entrant.SIGHTLINE, log);
    Contestant b = new Logger(Entrant.FMA, log);

    Map<Contestant, Timing> timings =
        new Comparison(new Comparison.Plan(2, 5, 7)).run(List.of(a, b));

    assertThat(log)
        .containsExactly(
            "sightline warm 7", "fma warm 7", "sightline 5", "fma 5", "sightline 5", "fma 5");
    assertThat(timings.get(a)).isEqualTo(new Timing(List.of(3.0, 5.0)));
    assertThat(timings.get(b)).isEqualTo(new Timing(List.of(4.0, 6.0)));
  }

  /** As a run of the bench does it: a child checks its output, and answers with its times. */
  @Test
  void processes_answer() throws Exception {
    Workload workload = Workloads.named("short B32 H12 D32 L16");
    List<Contestant> contestants =
        ContestantProcess.start(workload, List.of(Entrant.SIGHTLINE, Entrant.ORT_ATTENTION), 1);
    try {
      assertThat(contestants)
          .allSatisfy(one -> {
            Check check = one.check();
            assertThat(check.problem()).isEmpty();
            assertThat(check.error()).isBetween(1e-9, Reference.TOLERANCE);
            assertThat(one.slot(1)).isBetween(1e3, 1e10);
          });
    } finally {
      contestants.forEach(Contestant::close);
    }
  }

  @Test
  void processThatEnds_isAProblemOfItsEntrant() throws Exception {
    Workload unknown = ReferenceTest.workload(WorkloadKind.DENSE, Workload.Form.NONE, Mask.full());
    Contestant one = ContestantProcess.start(unknown, List.of(Entrant.SIGHTLINE), 1).getFirst();

    assertThat(one.check().problem().orElseThrow())
        .isEqualTo("failed: its process ended with exit code 1");
    one.close();
  }
}
