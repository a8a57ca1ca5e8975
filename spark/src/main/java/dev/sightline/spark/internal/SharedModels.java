package dev.sightline.spark.internal;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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

  private final Map<Serializable, Entry> entries = new HashMap<>();

  private static final class Entry {
    private int users;
    private final Object loading = new Object();
    private AutoCloseable model;

    @SuppressWarnings("NullAway.Init") // loaded by the first user
    Entry() {}
  }

  /** A model in use by a task. */
  record Use<T>(SharedModels owner, Serializable task, T model) implements AutoCloseable {
    @Override
    public void close() {
      owner.release(task);
    }
  }

  /** Loads a model. */
  @FunctionalInterface
  interface Loader<T> {
    T load() throws IOException;
  }

  static SharedModels ofProcess() {
    return OF_PROCESS;
  }

  /**
   * Returns the model of a task, loaded by the first caller; others wait for it.
   *
   * @param task with which it always has the same type
   */
  @SuppressWarnings("unchecked")
  <T extends AutoCloseable> Use<T> use(Serializable task, Loader<T> loader) throws IOException {
    Entry entry;
    synchronized (entries) {
      entry = entries.computeIfAbsent(task, t -> new Entry());
      entry.users++;
    }
    try {
      synchronized (entry.loading) {
        if (entry.model == null) {
          closeIdle();
          entry.model = loader.load();
        }
        return new Use<>(this, task, (T) entry.model);
      }
    } catch (IOException | RuntimeException e) {
      release(task);
      throw e;
    }
  }

  private void release(Serializable task) {
    synchronized (entries) {
      Entry entry = Objects.requireNonNull(entries.get(task));
      entry.users--;
      if (entry.users == 0 && entry.model == null) {
        entries.remove(task); // it could not be loaded
      }
    }
  }

  private void closeIdle() throws IOException {
    List<AutoCloseable> idle = new ArrayList<>();
    synchronized (entries) {
      entries
          .values()
          .removeIf(entry -> {
            boolean isIdle = entry.users == 0;
            if (isIdle) {
              idle.add(entry.model);
            }
            return isIdle;
          });
    }
    for (AutoCloseable model : idle) {
      try {
        model.close();
      } catch (Exception e) {
        throw new IOException("a model that no task uses could not be closed", e);
      }
    }
  }
}
