package dev.sightline.bench.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times tasks in turns: every round each of them gets a slot, so that a machine that slows down
 * slows all of them. A slot begins with a pause, in which the threads of the previous task stop
 * spinning, and a run that is not counted, which brings its data back into the caches.
 */
final class Comparison {
  private static final int MOST_RUNS = 400;
  private static final long PAUSE_MILLIS = 15;

  /** A run that takes longer than this gains nothing from warm caches. */
  private static final double LONG_RUN_NANOS = 50e6;

  /**
   * The duration.
   *
   * @param rounds the samples of each task
   * @param slotMillis the time of a task in a round, at least one run
   * @param warmUpMillis the time of a task before the first round, at least one run, for C2
   */
  record Plan(int rounds, long slotMillis, long warmUpMillis) {
    static final Plan QUICK = new Plan(4, 40, 900);
    static final Plan FULL = new Plan(7, 150, 1500);
  }

  private final Plan plan;

  Comparison(Plan plan) {
    this.plan = plan;
  }

  /**
   * Times tasks.
   *
   * @param warm tasks that need no warm-up, such as the probes
   */
  Map<TimedTask, Timing> run(List<TimedTask> backends, List<? extends TimedTask> warm) {
    backends.forEach(this::warmUp);
    Map<TimedTask, List<Double>> rounds = new LinkedHashMap<>();
    backends.forEach(one -> rounds.put(one, new ArrayList<>()));
    warm.forEach(one -> rounds.put(one, new ArrayList<>()));
    for (int round = 0; round < plan.rounds(); round++) {
      rounds.forEach((one, samples) -> samples.add(slot(one)));
    }
    Map<TimedTask, Timing> timings = new LinkedHashMap<>();
    rounds.forEach((one, samples) -> timings.put(one, new Timing(samples)));
    return timings;
  }

  private void warmUp(TimedTask one) {
    long end = System.nanoTime() + plan.warmUpMillis() * 1_000_000;
    for (int runs = 0; runs < 1 || System.nanoTime() < end; runs++) {
      time(one);
    }
  }

  private double slot(TimedTask one) {
    pause();
    double first = time(one);
    List<Double> runs = new ArrayList<>();
    if (first > LONG_RUN_NANOS) {
      runs.add(first);
    }
    double sum = first;
    while (runs.isEmpty() || (sum < plan.slotMillis() * 1e6 && runs.size() < MOST_RUNS)) {
      double nanos = time(one);
      runs.add(nanos);
      sum += nanos;
    }
    return Timing.median(runs);
  }

  private static double time(TimedTask one) {
    long start = System.nanoTime();
    one.run();
    double nanos = System.nanoTime() - start;
    one.release();
    return nanos;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    }
  }
}
