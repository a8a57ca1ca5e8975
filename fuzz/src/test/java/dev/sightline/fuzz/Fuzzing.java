package dev.sightline.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Runs a target on one input after another for {@code sightline.fuzz.seconds}. Input i of a seed is
 * always the same. An input that a target does not end as it should, or not within {@link
 * #INPUT_LIMIT_SECONDS}, is saved in {@code sightline.fuzz.folder}, and its name printed; {@code
 * sightline.fuzz.input} runs a saved one alone.
 */
final class Fuzzing {
  /** Of the processor's time: a machine that is busy with other tests makes no input hang. */
  static final int INPUT_LIMIT_SECONDS = 30;

  /** As the clock goes, for an input that waits for another thread. */
  private static final int WAITING_LIMIT_SECONDS = 10 * INPUT_LIMIT_SECONDS;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final int MOST_FAILURES = 20;

  private final String name;
  private final Target target;
  private final long seed;
  private final Path folder;
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private int inputs;
  private volatile long since;
  private volatile long cpuBefore;
  private volatile byte[] current = {};
  private volatile boolean ended;
  private int fullHeaps;

  private Fuzzing(String name, Target target, long seed, Path folder) {
    this.name = name;
    this.target = target;
    this.seed = seed;
    this.folder = folder;
  }

  /** A message that a command would print may not be as long as the file that it is about. */
  static void requireShort(Exception refusal, int longest) {
    int length = String.valueOf(refusal.getMessage()).length();
    if (length > longest) {
      throw new AssertionError("a message of " + length, refusal);
    }
  }

  static int seconds() {
    return Integer.getInteger("sightline.fuzz.seconds", 5);
  }

  static long seed() {
    String seed = System.getProperty("sightline.fuzz.seed", "1");
    return seed.equals("random") ? new Random().nextLong() >>> 16 : Long.parseLong(seed);
  }

  static Path folder() {
    return Path.of(System.getProperty("sightline.fuzz.folder", "target/fuzz"));
  }

  /** Fuzzes in this process, and fails if an input did. */
  static void run(String name, Target target) throws IOException, InterruptedException {
    Fuzzing fuzzing = new Fuzzing(name, target, seed(), Files.createDirectories(folder()));
    System.out.println(fuzzing.run(seconds()));
    assertThat(fuzzing.failures).as(name + ", seed " + fuzzing.seed).isEmpty();
  }

  /** Fuzzes with a seed, in a process that may die, and returns what happened in a line each. */
  static List<String> runHere(String name, Target target, long seed, int seconds, Path folder)
      throws IOException, InterruptedException {
    Fuzzing fuzzing = new Fuzzing(name, target, seed, folder);
    List<String> lines = new ArrayList<>(List.of(fuzzing.run(seconds)));
    fuzzing.failures.forEach(failure -> lines.add("FAILED " + failure));
    return lines;
  }

  private String run(int seconds) throws IOException, InterruptedException {
    String given = System.getProperty("sightline.fuzz.input");
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    Thread worker =
        Thread.ofPlatform()
            .daemon()
            .name("fuzz-" + name)
            .start(() -> {
              if (given != null) {
                one(read(Path.of(given)));
              }
              while (given == null && System.nanoTime() < end && failures.size() < MOST_FAILURES) {
                one(target.make(random(seed, inputs)));
              }
              ended = true;
            });
    while (!ended) {
      try {
        worker.join(200);
        if (!worker.isAlive() && !ended) {
          throw new IllegalStateException(name + " stopped at input " + inputs + ", seed " + seed);
        }
        if (isTooLong(worker)) {
          String place = List.of(worker.getStackTrace()).stream().limit(6).toList().toString();
          failures.add(save("does not end: " + place, current));
          break;
        }
      } catch (OutOfMemoryError e) {
        // The worker's input has taken the heap. The worker is told so too, and frees it.
        fullHeaps++;
      }
    }
    return "fuzz %s: seed %d, %d inputs in %d s, %s, %d failed, heap full %d times while watching"
        .formatted(
            name,
            seed,
            inputs,
            Math.round((System.nanoTime() - start) / 1e9),
            outcomes,
            failures.size(),
            fullHeaps);
  }

  private boolean isTooLong(Thread worker) {
    long begun = since;
    long used = THREADS.getThreadCpuTime(worker.threadId()) - cpuBefore;
    return begun != 0
        && (used > INPUT_LIMIT_SECONDS * 1_000_000_000L
            || System.nanoTime() - begun > WAITING_LIMIT_SECONDS * 1_000_000_000L);
  }

  private void one(byte[] input) {
    current = input;
    cpuBefore = THREADS.getCurrentThreadCpuTime();
    since = System.nanoTime();
    inputs++;
    try {
      outcomes.merge(target.run(input), 1, Integer::sum);
    } catch (Throwable e) {
      StackTraceElement[] trace = e.getStackTrace();
      String place = trace.length == 0 ? "" : " at " + trace[0];
      failures.add(save(e + place, input));
    } finally {
      since = 0;
    }
  }

  private String save(String what, byte[] input) {
    Path file = folder.resolve(name + "-" + seed + "-" + inputs + "-" + target.file(input));
    try {
      Files.write(file, input);
    } catch (IOException e) {
      return what + " (input " + inputs + " could not be saved: " + e + ")";
    }
    return what.replaceAll("\\s+", " ") + " (" + file + ")";
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("'" + file + "' cannot be read", e);
    }
  }

  /** Neighbouring seeds of Random begin alike; this spreads them. */
  static Random random(long seed, long input) {
    long mixed = (seed * 0x9E3779B97F4A7C15L + input) * 0xBF58476D1CE4E5B9L;
    return new Random(mixed ^ mixed >>> 31);
  }
}
