package dev.sightline.web.internal.job;

import dev.sightline.web.internal.http.HttpProblem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The queue of jobs. One runs at a time: a model takes all cores, and memory. */
final class Jobs implements AutoCloseable {
  private static final int MOST_OPEN = 20;
  private static final int MOST_KEPT = 100;

  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private final ExecutorService runner =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("jobs").factory());

  Jobs() {}

  synchronized void add(Job job) {
    if (jobs.values().stream().filter(each -> !each.isOver()).count() >= MOST_OPEN) {
      throw new HttpProblem(409, MOST_OPEN + " jobs wait already; cancel some, or wait");
    }
    if (jobs.size() >= MOST_KEPT) {
      throw new HttpProblem(409, "there are " + MOST_KEPT + " jobs already; remove some first");
    }
    jobs.put(job.id(), job);
    runner.execute(job::run);
  }

  synchronized Job find(String id) {
    Job job = jobs.get(id);
    if (job == null) {
      throw new HttpProblem(404, "this job is not here; it was removed, or the server restarted");
    }
    return job;
  }

  /** Stops a job and deletes what it wrote. */
  void remove(String id) {
    Job job = find(id);
    job.cancel();
    synchronized (this) {
      jobs.remove(id);
    }
    Folders.delete(job.folder());
  }

  /** Stops and deletes all jobs that use a set of files. */
  void removeOf(String set) {
    all().stream().filter(job -> job.set().equals(set)).map(Job::id).forEach(this::remove);
  }

  private synchronized List<Job> all() {
    return List.copyOf(jobs.values());
  }

  List<Map<String, Object>> json() {
    return all().stream().map(Job::json).toList();
  }

  @Override
  public void close() {
    runner.shutdownNow();
    all().forEach(Job::cancel);
  }
}
