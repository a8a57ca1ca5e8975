package dev.sightline.bench.comparison;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * One workload on a number of threads: the results of its tasks, and the limits of the machine
 * measured in the same rounds.
 *
 * @param together whether all shared one process
 * @param peak the FMA peak of these threads
 * @param reading the read bandwidth of these threads; empty unless the workload is bound by it
 */
record Row(
    Workload workload,
    int threads,
    boolean together,
    List<TaskResult> entries,
    Limit peak,
    Optional<Limit> reading) {

  Optional<TaskResult> entry(Entrant entrant) {
    return entries.stream().filter(e -> e.entrant() == entrant).findFirst();
  }

  Optional<Timing> timing(Entrant entrant) {
    return entry(entrant).flatMap(TaskResult::timing);
  }

  /** The time of Sightline. */
  Optional<Timing> ours() {
    return timing(Entrant.SIGHTLINE);
  }

  /** The time of the fastest other library. */
  Optional<Timing> bestPeer() {
    return best(Entrant::isPeer);
  }

  /** The time of ONNX Runtime's fastest operator. */
  Optional<Timing> bestOfOnnxRuntime() {
    return best(Entrant::isOnnxRuntime);
  }

  private Optional<Timing> best(Predicate<Entrant> some) {
    return entries.stream()
        .filter(e -> some.test(e.entrant()))
        .flatMap(e -> e.timing().stream())
        .min(Comparator.comparingDouble(Timing::median));
  }

  /** How many times as fast as an entrant Sightline is; empty if one of the two is missing. */
  OptionalDouble timesAsFastAs(Entrant peer) {
    return times(timing(peer));
  }

  /** How many times as fast as another timing of the same rounds Sightline is. */
  OptionalDouble times(Optional<Timing> other) {
    return ours().isPresent() && other.isPresent()
        ? OptionalDouble.of(ours().get().timesAsFastAs(other.get()))
        : OptionalDouble.empty();
  }

  /** GFLOP/s at a timing. */
  double gigaflops(Timing timing) {
    return workload.flops() / timing.median();
  }

  /**
   * The fraction of what the machine can do: of its reading for a decoding step, of its FMA peak
   * for all else; empty for what does neither.
   */
  OptionalDouble used(Timing timing) {
    return switch (workload.kind()) {
      case COMPILE -> OptionalDouble.empty();
      case DECODE ->
          reading.isPresent()
              ? OptionalDouble.of(reading.get().used(workload.keyValueBytes(), timing))
              : OptionalDouble.empty();
      default -> OptionalDouble.of(peak.used(workload.flops(), timing));
    };
  }
}
