package dev.sightline.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private record Logger(String name, List<String> log) implements TimedTask {
    @Override
    public void run() {
      log.add(name);
    }

    @Override
    public float[] output() {
      return new float[0];
    }

    @Override
    public void release() {
      log.add("released");
    }

    @Override
    public void close() {}
  }

  @Test
  void backends_takeTurns_andReleaseAfterEveryRun() {
    List<String> log = new ArrayList<>();
    TimedTask a = new Logger("a", log);
    TimedTask b = new Logger("b", log);

    Map<TimedTask, Timing> timings =
        new Comparison(new Comparison.Plan(3, 0, 0)).run(List.of(a), List.of(b));

    assertThat(timings.values()).hasSize(2).allSatisfy(t -> assertThat(t.rounds()).hasSize(3));
    assertThat(log.stream().filter(s -> !s.equals("released")))
        // one to warm up, then in each round one that does not count and one that does
        .containsExactly("a", "a", "a", "b", "b", "a", "a", "b", "b", "a", "a", "b", "b");
    assertThat(log.stream().filter(s -> s.equals("released"))).hasSize(13);
  }
}
