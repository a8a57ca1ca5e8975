package dev.sightline.bench.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Compares the backends on each workload: checks all outputs first, then times them in turns. */
final class Measurement implements AutoCloseable {
  private final List<Backend> backends;
  private final Comparison comparison;
  private final Map<Integer, FmaProbe> fma = new TreeMap<>();
  private final Map<Integer, ReadProbe> read = new TreeMap<>();

  /**
   * Starts the probes.
   *
   * @param threadCounts the numbers of threads of the workloads and probes
   */
  Measurement(List<Backend> backends, Comparison.Plan plan, Iterable<Integer> threadCounts) {
    this.backends = backends;
    this.comparison = new Comparison(plan);
    float[] memory = ReadProbe.memory();
    for (int threads : threadCounts) {
      fma.put(threads, new FmaProbe(threads));
      read.put(threads, new ReadProbe(threads, memory));
    }
  }

  /** The peak and the read bandwidth of the machine on a number of threads. */
  record Machine(int threads, Limit peak, Limit reading) {}

  /** Measures the machine alone; this also compiles the probes. */
  List<Machine> machine() {
    List<TimedTask> probes = new ArrayList<>(fma.values());
    probes.addAll(read.values());
    Map<TimedTask, Timing> timings = comparison.run(probes, List.of());
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

  /**
   * The tasks of a number of threads: those with a right output, with its error, and the others.
   */
  private record Checked(int threads, Map<TimedTask, Double> right, List<TaskResult> refused) {}

  /** Measures one row for each number of threads, all in the same rounds. */
  List<Row> run(Workload workload, List<Integer> threadCounts) {
    Inputs inputs = Inputs.of(workload);
    List<TimedTask> opened = new ArrayList<>();
    try {
      List<Checked> checked = new ArrayList<>();
      List<TimedTask> probes = new ArrayList<>();
      for (int threads : threadCounts) {
        checked.add(check(workload, inputs, threads, opened));
        probes.add(probe(fma, threads));
        if (workload.kind() == WorkloadKind.DECODE) {
          probes.add(probe(read, threads));
        }
      }
      List<TimedTask> timed = new ArrayList<>();
      checked.forEach(each -> timed.addAll(each.right().keySet()));
      Map<TimedTask, Timing> timings = comparison.run(timed, probes);
      return checked.stream().map(each -> row(workload, each, timings)).toList();
    } finally {
      opened.forEach(TimedTask::close);
    }
  }

  private Row row(Workload workload, Checked checked, Map<TimedTask, Timing> timings) {
    List<TaskResult> entries = new ArrayList<>(checked.refused());
    timings.forEach((task, timing) -> {
      Double error = checked.right().get(task);
      if (error != null) {
        entries.add(TaskResult.timed(task.name(), timing, error));
      }
    });
    return new Row(
        workload,
        checked.threads(),
        List.copyOf(entries),
        peak(checked.threads(), timings),
        reading(checked.threads(), timings));
  }

  /** Runs each task once and checks its output. */
  private Checked check(Workload workload, Inputs inputs, int threads, List<TimedTask> opened) {
    Checked checked = new Checked(threads, new LinkedHashMap<>(), new ArrayList<>());
    Reference masked = new Reference(workload, inputs);
    for (Backend backend : backends) {
      List<TimedTask> tasks = backend.tasks(workload, inputs, threads);
      opened.addAll(tasks);
      for (TimedTask task : tasks) {
        boolean dense = task.name().equals(SightlineBackend.DENSE);
        check(workload, dense ? new Reference(workload.dense(), inputs) : masked, task, checked);
      }
    }
    return checked;
  }

  private static void check(
      Workload workload, Reference reference, TimedTask task, Checked checked) {
    double error = 0;
    try {
      task.run();
      if (workload.kind() != WorkloadKind.COMPILE) {
        error = reference.error(task.output());
      }
      task.release();
    } catch (RuntimeException e) {
      // A backend that cannot do this workload does not keep the others from being measured.
      checked.refused().add(TaskResult.refused(task.name(), 0, "failed: " + e));
      return;
    }
    if (error <= Reference.TOLERANCE) {
      checked.right().put(task, error);
    } else {
      String problem =
          String.format(
              Locale.ROOT, "is wrong: the largest error is %.2g of the size of its row", error);
      checked.refused().add(TaskResult.refused(task.name(), error, problem));
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
