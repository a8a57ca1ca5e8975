package dev.sightline.spark.internal;

import dev.sightline.data.DataException;
import dev.sightline.heads.statistics.HeadStatistics;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;
import scala.util.Try;

/**
 * Merges the states of shards in their order, whatever order they arrive in. States wait on disk
 * until it is their turn, so that the driver holds two of them at a time. Spark bounds what a job
 * returns ({@code spark.driver.maxResultSize}), so there is a job for every few hundred MB.
 */
public final class StateFold implements AutoCloseable {
  /** A quarter of Spark's default bound, bytes. */
  private static final long RESULT_BYTES = 256L << 20;

  private final JavaSparkContext spark;
  private final JavaRDD<ShardState> states;
  private final Path folder;
  private @Nullable HeadStatistics sum;
  private int merged;

  StateFold(JavaSparkContext spark, JavaRDD<ShardState> states) throws IOException {
    this.spark = spark;
    this.states = states;
    this.folder = Files.createTempDirectory("sightline-states");
  }

  /** Called after each shard that a task has finished. */
  @FunctionalInterface
  interface Done {
    void shard(int done, int all);
  }

  /** What comes from the job: a shard that is on disk, or the end. */
  private sealed interface Event {
    record Arrived(int shard, long bytes) implements Event {}

    record Ended(@Nullable Throwable failure) implements Event {}
  }

  @Nullable HeadStatistics run(Done done) throws IOException {
    int all = states.getNumPartitions();
    int wave = Math.max(1, Math.min(all, spark.defaultParallelism()));
    for (int from = 0; from < all; ) {
      int to = Math.min(all, from + wave);
      long largest = runWave(from, to, all, done);
      wave = (int) Math.max(wave, Math.min(all, RESULT_BYTES / Math.max(1, largest)));
      from = to;
    }
    return sum;
  }

  /** Returns the size of the largest state, bytes. */
  private long runWave(int from, int to, int all, Done done) throws IOException {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    Seq<Object> shards =
        CollectionConverters.asScala(
                IntStream.range(from, to).<Object>mapToObj(Integer::valueOf).iterator())
            .toSeq();
    SimpleFutureAction<BoxedUnit> job =
        spark
            .sc()
            .submitJob(
                states.rdd(),
                (Function1<scala.collection.Iterator<ShardState>, byte[]> & Serializable)
                    rows -> rows.next().state(),
                shards,
                (index, state) -> {
                  events.add(keep(from + (Integer) index, state)); // counted in the job
                  return BoxedUnit.UNIT;
                },
                () -> BoxedUnit.UNIT);
    job.onComplete(
        (Function1<Try<BoxedUnit>, Object>)
            end -> {
              events.add(new Event.Ended(end.isFailure() ? end.failed().get() : null));
              return BoxedUnit.UNIT;
            },
        scala.concurrent.ExecutionContext.global());
    long largest = 0;
    Set<Integer> waiting = new HashSet<>();
    int arrived = 0;
    try {
      while (true) {
        switch (events.take()) {
          case Event.Arrived next -> {
            largest = Math.max(largest, next.bytes());
            waiting.add(next.shard());
            arrived++;
            done.shard(from + arrived, all);
            while (waiting.remove(merged)) {
              merge(merged++);
            }
          }
          case Event.Ended(Throwable failure) -> {
            if (failure != null) {
              throw failed(failure);
            }
            return largest;
          }
        }
      }
    } catch (InterruptedException e) {
      job.cancel();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while Spark was running", e);
    }
  }

  private Event keep(int shard, byte[] state) {
    try {
      Files.write(file(shard), state);
      return new Event.Arrived(shard, state.length);
    } catch (IOException e) {
      return new Event.Ended(new UncheckedIOException(e));
    }
  }

  private Path file(int shard) {
    return folder.resolve(Integer.toString(shard));
  }

  private void merge(int shard) throws IOException {
    HeadStatistics next =
        ShardState.read(Files.readAllBytes(file(shard)), "the state of partition " + shard);
    Files.delete(file(shard));
    try {
      sum = sum == null ? next : sum.merge(next);
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "the state of partition "
              + shard
              + " cannot be merged with those before it: "
              + e.getMessage(),
          e);
    }
  }

  /** What a task threw is the cause of what Spark says. */
  public static IOException failed(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof SparkException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return new DataException("the run on Spark failed: " + cause.getMessage(), failure);
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      Iterator<Path> all = files.sorted(Comparator.reverseOrder()).iterator();
      while (all.hasNext()) {
        Files.deleteIfExists(all.next());
      }
    }
  }
}
