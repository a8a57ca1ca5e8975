package dev.sightline.heads.statistics;

import dev.sightline.tensor.internal.Quoted;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Samples by reason: how many for each reason, the first few by name. Which are named does not
 * depend on the order of merging. Owned by one thread.
 */
final class Skips {
  static final int NAMED = 5;
  static final int MAX_REASONS = 100;

  /** Reasons are fixed sentences; one with data in it is counted here. */
  static final String OTHER = "other reasons";

  /** Line numbers in their order, other names after the alphabet. */
  static final Comparator<String> ORDER =
      Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

  private final TreeMap<String, Tally> reasons = new TreeMap<>();

  private static final class Tally {
    private long count;
    private final TreeSet<String> first = new TreeSet<>(ORDER);
  }

  void add(String reason, long count, Iterable<String> names) {
    String known = reasons.containsKey(reason) || reasons.size() < MAX_REASONS - 1 ? reason : OTHER;
    Tally tally = reasons.computeIfAbsent(known, r -> new Tally());
    tally.count = Math.addExact(tally.count, count);
    for (String name : names) {
      tally.first.add(Quoted.shortened(name));
      if (tally.first.size() > NAMED) {
        tally.first.pollLast();
      }
    }
  }

  void merge(Skips other) {
    other.reasons.forEach((reason, tally) -> add(reason, tally.count, tally.first));
  }

  long count() {
    return reasons.values().stream().mapToLong(tally -> tally.count).sum();
  }

  /** By reason, in alphabetical order. */
  Map<String, SkippedSamples> byReason() {
    Map<String, SkippedSamples> all = new TreeMap<>();
    reasons.forEach((reason, tally) ->
        all.put(reason, new SkippedSamples(tally.count, List.copyOf(tally.first))));
    return all;
  }
}
