package dev.sightline.bench.comparison;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A contestant in this process. A slot begins with a pause, in which the threads of other
 * contestants stop spinning, and with a run that is not counted, which brings its data back into
 * the caches.
 */
final class LocalContestant implements Contestant {
  private static final int MOST_RUNS = 400;
  private static final long PAUSE_MILLIS = 15;

  /** A run that takes longer than this gains nothing from warm caches. */
  private static final double LONG_RUN_NANOS = 50e6;

  private final Entrant entrant;
  private final Workload workload;
  private final int threads;
  private @Nullable TimedTask task;

  LocalContestant(Entrant entrant, Workload workload, int threads) {
    this.entrant = entrant;
    this.workload = workload;
    this.threads = threads;
  }

  @Override
  public Entrant entrant() {
    return entrant;
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public Check check() {
    Inputs inputs = Inputs.of(workload);
    double error = 0;
    String problem = "";
    try {
      TimedTask opened = entrant.open(workload, inputs, threads);
      task = opened;
      opened.run();
      float[] output = opened.output();
      if (output.length > 0) {
        Workload computed = entrant == Entrant.SIGHTLINE_DENSE ? workload.dense() : workload;
        Expectation expected = Expectation.of(computed, inputs);
        error = expected.error(output);
        problem = expected.problem(error);
      }
      opened.release();
    } catch (LinkageError | IOException e) {
      return Check.failed("does not load here: " + firstLine(e));
    } catch (RuntimeException e) {
      // An entrant that cannot do this workload does not keep the others from being measured.
      return Check.failed("failed: " + firstLine(e));
    }
    return new Check(error, problem.isEmpty() ? Optional.empty() : Optional.of(problem));
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e).lines().findFirst().orElseThrow();
  }

  @Override
  public void warmUp(long millis) {
    long end = System.nanoTime() + millis * 1_000_000;
    do {
      time();
    } while (System.nanoTime() < end);
  }

  @Override
  public double slot(long millis) {
    pause();
    double first = time();
    List<Double> runs = new ArrayList<>();
    if (first > LONG_RUN_NANOS) {
      runs.add(first);
    }
    double sum = first;
    while (runs.isEmpty() || (sum < millis * 1e6 && runs.size() < MOST_RUNS)) {
      double nanos = time();
      runs.add(nanos);
      sum += nanos;
    }
    return entrant.isProbe()
        ? runs.stream().mapToDouble(x -> x).min().orElseThrow()
        : Timing.median(runs);
  }

  private double time() {
    TimedTask one = task;
    if (one == null) {
      throw new IllegalStateException(entrant.title() + " has not been checked");
    }
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

  @Override
  public void close() {
    if (task != null) {
      task.close();
      task = null;
    }
  }
}
