package dev.sightline.bench.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times contestants in turns: every round each of them gets a slot, so that a machine that slows
 * down slows all of them.
 */
final class Comparison {
  /**
   * The duration.
   *
   * @param rounds the samples of each contestant
   * @param slotMillis the time of a contestant in a round, at least one run
   * @param warmUpMillis the time of a contestant before the first round, at least one run, for C2
   */
  record Plan(int rounds, long slotMillis, long warmUpMillis) {
    static final Plan QUICK = new Plan(4, 40, 900);
    static final Plan FULL = new Plan(7, 150, 1500);
  }

  private final Plan plan;

  Comparison(Plan plan) {
    this.plan = plan;
  }

  /** Times contestants that have been checked. */
  Map<Contestant, Timing> run(List<? extends Contestant> contestants) {
    contestants.forEach(one -> one.warmUp(plan.warmUpMillis()));
    Map<Contestant, List<Double>> rounds = new LinkedHashMap<>();
    contestants.forEach(one -> rounds.put(one, new ArrayList<>()));
    for (int round = 0; round < plan.rounds(); round++) {
      rounds.forEach((one, samples) -> samples.add(one.slot(plan.slotMillis())));
    }
    Map<Contestant, Timing> timings = new LinkedHashMap<>();
    rounds.forEach((one, samples) -> timings.put(one, new Timing(samples)));
    return timings;
  }
}
