package dev.sightline.bench.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Holds one race for each work: checks everybody's output first, then times them in turns. */
final class Measurement implements AutoCloseable {
  private final List<Backend> sides;
  private final Comparison race;
  private final Map<Integer, FmaProbe> fma = new TreeMap<>();
  private final Map<Integer, ReadProbe> read = new TreeMap<>();

  /**
   * Measures.
   *
   * @param threadCounts for which the machine's peak and bandwidth will be asked
   */
  Measurement(List<Backend> sides, Comparison.Plan plan, Iterable<Integer> threadCounts) {
    this.sides = sides;
    this.race = new Comparison(plan);
    float[] memory = ReadProbe.memory();
    for (int threads : threadCounts) {
      fma.put(threads, new FmaProbe(threads));
      read.put(threads, new ReadProbe(threads, memory));
    }
  }

  /** What the machine can do with so many threads. */
  record Machine(int threads, Limit peak, Limit reading) {}

  /** The machine alone; this also gets the probes compiled. */
  List<Machine> machine() {
    List<TimedTask> probes = new ArrayList<>(fma.values());
    probes.addAll(read.values());
    Map<TimedTask, Timing> timings = race.run(probes, List.of());
    return fma.keySet().stream()
        .map(n -> new Machine(n, peak(n, timings), reading(n, timings).orElseThrow()))
        .toList();
  }

  private static <T> T probe(Map<Integer, T> probes, int threads) {
    T probe = probes.get(threads);
    if (probe == null) {
      throw new IllegalArgumentException(
          "no probe for " + threads + " threads, only for " + probes.keySet());
    }
    return probe;
  }

  /** Everybody who runs on so many threads: those that are right, with their errors, and others. */
  private record Lane(int threads, Map<TimedTask, Double> right, List<TaskResult> refused) {}

  /** One row for each number of threads, all of one race. */
  List<Row> run(Workload work, List<Integer> threadCounts) {
    Inputs inputs = Inputs.of(work);
    List<TimedTask> entered = new ArrayList<>();
    try {
      List<Lane> lanes = new ArrayList<>();
      List<TimedTask> probes = new ArrayList<>();
      for (int threads : threadCounts) {
        lanes.add(enter(work, inputs, threads, entered));
        probes.add(probe(fma, threads));
        if (work.group() == WorkloadKind.DECODE) {
          probes.add(probe(read, threads));
        }
      }
      List<TimedTask> racing = new ArrayList<>();
      lanes.forEach(lane -> racing.addAll(lane.right().keySet()));
      Map<TimedTask, Timing> timings = race.run(racing, probes);
      return lanes.stream().map(lane -> row(work, lane, timings)).toList();
    } finally {
      entered.forEach(TimedTask::close);
    }
  }

  private Row row(Workload work, Lane lane, Map<TimedTask, Timing> timings) {
    List<TaskResult> entries = new ArrayList<>(lane.refused());
    timings.forEach((one, timing) -> {
      Double error = lane.right().get(one);
      if (error != null) {
        entries.add(TaskResult.timed(one.name(), timing, error));
      }
    });
    return new Row(
        work,
        lane.threads(),
        List.copyOf(entries),
        peak(lane.threads(), timings),
        reading(lane.threads(), timings));
  }

  /** Runs each once and looks at what it computed. */
  private Lane enter(Workload work, Inputs inputs, int threads, List<TimedTask> entered) {
    Lane lane = new Lane(threads, new LinkedHashMap<>(), new ArrayList<>());
    Reference masked = new Reference(work, inputs);
    for (Backend side : sides) {
      List<TimedTask> contestants = side.enter(work, inputs, threads);
      entered.addAll(contestants);
      for (TimedTask one : contestants) {
        boolean dense = one.name().equals(SightlineBackend.DENSE);
        check(work, dense ? new Reference(work.dense(), inputs) : masked, one, lane);
      }
    }
    return lane;
  }

  private static void check(Workload work, Reference reference, TimedTask one, Lane lane) {
    double error = 0;
    try {
      one.run();
      if (work.group() != WorkloadKind.COMPILE) {
        error = reference.error(one.output());
      }
      one.release();
    } catch (RuntimeException e) {
      // One that cannot do this work is no reason not to measure the others.
      lane.refused().add(TaskResult.refused(one.name(), 0, "failed: " + e));
      return;
    }
    if (error <= Reference.TOLERANCE) {
      lane.right().put(one, error);
    } else {
      String problem =
          String.format(
              Locale.ROOT, "is wrong: the largest error is %.2g of the size of its row", error);
      lane.refused().add(TaskResult.refused(one.name(), error, problem));
    }
  }

  private Limit peak(int threads, Map<TimedTask, Timing> timings) {
    FmaProbe probe = probe(fma, threads);
    return new Limit(probe.flops(), timing(probe, timings).orElseThrow());
  }

  private Optional<Limit> reading(int threads, Map<TimedTask, Timing> timings) {
    ReadProbe probe = probe(read, threads);
    return timing(probe, timings).map(timing -> new Limit(probe.bytes(), timing));
  }

  private static Optional<Timing> timing(TimedTask probe, Map<TimedTask, Timing> timings) {
    return Optional.ofNullable(timings.get(probe));
  }

  @Override
  public void close() {
    fma.values().forEach(FmaProbe::close);
    read.values().forEach(ReadProbe::close);
  }
}
