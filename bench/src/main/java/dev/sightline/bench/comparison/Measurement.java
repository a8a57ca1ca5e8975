package dev.sightline.bench.comparison;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Measures a workload: checks all outputs first, then times the contestants in turns. */
final class Measurement {
  private final Comparison comparison;
  private final boolean together;

  /**
   * How to measure.
   *
   * @param together whether all contestants live in one process, as in a service that has several
   *     libraries, or each in its own
   */
  Measurement(Comparison.Plan plan, boolean together) {
    this.comparison = new Comparison(plan);
    this.together = together;
  }

  /** The peak and the read bandwidth of the machine on a number of threads. */
  record Machine(int threads, Limit peak, Limit reading) {}

  /** Measures the machine alone. */
  Machine machine(int threads) throws IOException {
    Workload decode =
        Workloads.all(true, 1).stream()
            .filter(w -> w.kind() == WorkloadKind.DECODE)
            .findFirst()
            .orElseThrow();
    List<Contestant> probes = start(decode, List.of(Entrant.FMA, Entrant.READ), threads);
    try {
      probes.forEach(Contestant::check);
      Map<Contestant, Timing> timings = comparison.run(probes);
      return new Machine(
          threads,
          limit(Entrant.FMA, threads, timings).orElseThrow(),
          limit(Entrant.READ, threads, timings).orElseThrow());
    } finally {
      probes.forEach(Contestant::close);
    }
  }

  private List<Contestant> start(Workload workload, List<Entrant> entrants, int threads)
      throws IOException {
    if (together) {
      return ContestantProcess.start(workload, entrants, threads);
    }
    List<Contestant> contestants = new ArrayList<>();
    for (Entrant entrant : entrants) {
      contestants.addAll(ContestantProcess.start(workload, List.of(entrant), threads));
    }
    return contestants;
  }

  /** Measures one row for each number of threads, all in the same rounds. */
  List<Row> run(Workload workload, List<Integer> threadCounts) throws IOException {
    List<Entrant> entrants =
        Arrays.stream(Entrant.values()).filter(entrant -> entrant.enters(workload)).toList();
    List<Contestant> started = new ArrayList<>();
    try {
      for (int threads : threadCounts) {
        started.addAll(start(workload, entrants, threads));
      }
      Map<Contestant, Check> checks = new LinkedHashMap<>();
      started.forEach(one -> checks.put(one, one.check()));
      Map<Contestant, Timing> timings =
          comparison.run(started.stream().filter(one -> right(checks, one)).toList());
      List<Row> rows = new ArrayList<>();
      for (int threads : threadCounts) {
        rows.add(row(workload, threads, checks, timings));
      }
      return rows;
    } finally {
      started.forEach(Contestant::close);
    }
  }

  private static boolean right(Map<Contestant, Check> checks, Contestant one) {
    Check check = checks.get(one);
    return check != null && check.problem().isEmpty();
  }

  private Row row(
      Workload workload,
      int threads,
      Map<Contestant, Check> checks,
      Map<Contestant, Timing> timings) {
    List<TaskResult> results = new ArrayList<>();
    checks.forEach((one, check) -> {
      if (one.threads() == threads && !one.entrant().isProbe()) {
        results.add(
            new TaskResult(
                one.entrant(),
                Optional.ofNullable(timings.get(one)),
                check.error(),
                check.problem()));
      }
    });
    return new Row(
        workload,
        threads,
        together,
        List.copyOf(results),
        limit(Entrant.FMA, threads, timings).orElseThrow(),
        limit(Entrant.READ, threads, timings));
  }

  private static Optional<Limit> limit(
      Entrant probe, int threads, Map<Contestant, Timing> timings) {
    double amount = probe == Entrant.FMA ? FmaProbe.flops(threads) : ReadProbe.bytes(threads);
    return timings.entrySet().stream()
        .filter(e -> e.getKey().entrant() == probe && e.getKey().threads() == threads)
        .map(e -> new Limit(amount, e.getValue()))
        .findFirst();
  }
}
