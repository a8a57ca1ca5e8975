package dev.sightline.bench.race;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One work on so many threads: who took how long, and what the machine could do meanwhile.
 *
 * @param peak the FMA peak of these threads, GFLOP/s
 * @param bandwidth what they read, GB/s; empty where it does not matter
 */
record Row(Work work, int threads, List<Entry> entries, double peak, OptionalDouble bandwidth) {

  Optional<Entry> entry(String name) {
    return entries.stream().filter(e -> e.name().equals(name)).findFirst();
  }

  Optional<Timing> timing(String name) {
    return entry(name).flatMap(Entry::timing);
  }

  /** The fastest contestant that is not ours, in nanoseconds. */
  OptionalDouble bestPeer() {
    return entries.stream()
        .filter(e -> !e.name().equals(OurSide.NAME) && !e.name().equals(OurSide.DENSE))
        .flatMap(e -> e.timing().stream())
        .mapToDouble(Timing::median)
        .min();
  }

  /** How many times as fast as a peer we are; empty if one of the two is missing. */
  OptionalDouble timesAsFastAs(String peer) {
    Optional<Timing> other = timing(peer);
    return other.isPresent() ? times(other.get().median()) : OptionalDouble.empty();
  }

  /** How many times as fast as the fastest peer we are. */
  OptionalDouble timesAsFastAsBest() {
    OptionalDouble best = bestPeer();
    return best.isPresent() ? times(best.getAsDouble()) : best;
  }

  /** How many times as fast as something that takes so long. */
  OptionalDouble times(double nanos) {
    Optional<Timing> ours = timing(OurSide.NAME);
    return ours.isPresent()
        ? OptionalDouble.of(nanos / ours.get().median())
        : OptionalDouble.empty();
  }

  /** GFLOP/s at a timing. */
  double gigaflops(Timing timing) {
    return work.flops() / timing.median();
  }

  /**
   * The fraction of what the machine can do: of its read bandwidth for a decoding step, of its FMA
   * peak for all else.
   */
  OptionalDouble utilization(Timing timing) {
    if (work.group() == Group.DECODE && bandwidth.isPresent()) {
      return OptionalDouble.of(work.keyValueBytes() / timing.median() / bandwidth.getAsDouble());
    }
    return work.group() == Group.COMPILE || work.group() == Group.DECODE
        ? OptionalDouble.empty()
        : OptionalDouble.of(gigaflops(timing) / peak);
  }
}
