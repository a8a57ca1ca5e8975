package dev.sightline.spark.internal;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The models of this executor process, each loaded once, however many tasks run at a time: a
 * session holds the weights, and loading takes longer than many tasks. The next run of the same
 * model finds it loaded. A model that no task uses is closed when another one is loaded.
 */
final class SharedModels {
  /** Of the process, as Spark hands a task nothing that outlives it. */
  private static final SharedModels OF_PROCESS = new SharedModels();

  private final Map<HeadsTask, Entry> entries = new HashMap<>();

  private static final class Entry {
    private int users;
    private final Object loading = new Object();
    private LoadedMeter meter;

    @SuppressWarnings("NullAway.Init") // loaded by the first user
    Entry() {}
  }

  /** A model in use by a task. */
  record Use(SharedModels owner, HeadsTask task, LoadedMeter meter) implements AutoCloseable {
    @Override
    public void close() {
      owner.release(task);
    }
  }

  static SharedModels ofProcess() {
    return OF_PROCESS;
  }

  /**
   * Returns the model of a task, loaded by the first caller; others wait for it.
   *
   * @param threads that its session runs on, if it is not loaded yet
   */
  Use use(HeadsTask task, int threads) throws IOException {
    Entry entry;
    synchronized (entries) {
      entry = entries.computeIfAbsent(task, t -> new Entry());
      entry.users++;
    }
    try {
      synchronized (entry.loading) {
        if (entry.meter == null) {
          closeIdle();
          entry.meter = LoadedMeter.load(task, threads);
        }
        return new Use(this, task, entry.meter);
      }
    } catch (IOException | RuntimeException e) {
      release(task);
      throw e;
    }
  }

  private void release(HeadsTask task) {
    synchronized (entries) {
      Entry entry = Objects.requireNonNull(entries.get(task));
      entry.users--;
      if (entry.users == 0 && entry.meter == null) {
        entries.remove(task); // it could not be loaded
      }
    }
  }

  private void closeIdle() {
    synchronized (entries) {
      entries
          .values()
          .removeIf(entry -> {
            if (entry.users > 0) {
              return false;
            }
            entry.meter.close();
            return true;
          });
    }
  }
}
