package dev.sightline.bench.race;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Holds one race for each work: checks everybody's output first, then times them in turns. */
final class Measurement implements AutoCloseable {
  private final List<Side> sides;
  private final Race race;
  private final Map<Integer, FmaProbe> fma = new TreeMap<>();
  private final Map<Integer, ReadProbe> read = new TreeMap<>();

  /**
   * Measures.
   *
   * @param threadCounts for which the machine's peak and bandwidth will be asked
   */
  Measurement(List<Side> sides, Race.Plan plan, Iterable<Integer> threadCounts) {
    this.sides = sides;
    this.race = new Race(plan);
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
    List<Contestant> probes = new ArrayList<>(fma.values());
    probes.addAll(read.values());
    Map<Contestant, Timing> timings = race.run(probes, List.of());
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
  private record Lane(int threads, Map<Contestant, Double> right, List<Entry> refused) {}

  /** One row for each number of threads, all of one race. */
  List<Row> run(Work work, List<Integer> threadCounts) {
    Inputs inputs = Inputs.of(work);
    List<Contestant> entered = new ArrayList<>();
    try {
      List<Lane> lanes = new ArrayList<>();
      List<Contestant> probes = new ArrayList<>();
      for (int threads : threadCounts) {
        lanes.add(enter(work, inputs, threads, entered));
        probes.add(probe(fma, threads));
        if (work.group() == Group.DECODE) {
          probes.add(probe(read, threads));
        }
      }
      List<Contestant> racing = new ArrayList<>();
      lanes.forEach(lane -> racing.addAll(lane.right().keySet()));
      Map<Contestant, Timing> timings = race.run(racing, probes);
      return lanes.stream().map(lane -> row(work, lane, timings)).toList();
    } finally {
      entered.forEach(Contestant::close);
    }
  }

  private Row row(Work work, Lane lane, Map<Contestant, Timing> timings) {
    List<Entry> entries = new ArrayList<>(lane.refused());
    timings.forEach((one, timing) -> {
      Double error = lane.right().get(one);
      if (error != null) {
        entries.add(Entry.timed(one.name(), timing, error));
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
  private Lane enter(Work work, Inputs inputs, int threads, List<Contestant> entered) {
    Lane lane = new Lane(threads, new LinkedHashMap<>(), new ArrayList<>());
    Reference masked = new Reference(work, inputs);
    for (Side side : sides) {
      List<Contestant> contestants = side.enter(work, inputs, threads);
      entered.addAll(contestants);
      for (Contestant one : contestants) {
        boolean dense = one.name().equals(OurSide.DENSE);
        check(work, dense ? new Reference(work.dense(), inputs) : masked, one, lane);
      }
    }
    return lane;
  }

  private static void check(Work work, Reference reference, Contestant one, Lane lane) {
    double error = 0;
    try {
      one.run();
      if (work.group() != Group.COMPILE) {
        error = reference.error(one.output());
      }
      one.release();
    } catch (RuntimeException e) {
      // One that cannot do this work is no reason not to measure the others.
      lane.refused().add(Entry.refused(one.name(), 0, "failed: " + e));
      return;
    }
    if (error <= Reference.TOLERANCE) {
      lane.right().put(one, error);
    } else {
      String problem =
          String.format(
              Locale.ROOT, "is wrong: the largest error is %.2g of the size of its row", error);
      lane.refused().add(Entry.refused(one.name(), error, problem));
    }
  }

  private Limit peak(int threads, Map<Contestant, Timing> timings) {
    FmaProbe probe = probe(fma, threads);
    return new Limit(probe.flops(), timing(probe, timings).orElseThrow());
  }

  private Optional<Limit> reading(int threads, Map<Contestant, Timing> timings) {
    ReadProbe probe = probe(read, threads);
    return timing(probe, timings).map(timing -> new Limit(probe.bytes(), timing));
  }

  private static Optional<Timing> timing(Contestant probe, Map<Contestant, Timing> timings) {
    return Optional.ofNullable(timings.get(probe));
  }

  @Override
  public void close() {
    fma.values().forEach(FmaProbe::close);
    read.values().forEach(ReadProbe::close);
  }
}
