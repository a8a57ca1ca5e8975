package dev.sightline.cli;

import dev.sightline.attention.Attention;
import dev.sightline.attention.Provider;
import dev.sightline.attention.Workers;
import dev.sightline.mask.Mask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The kernel that computes attention, and the number of its threads. */
final class KernelOptions {
  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      description =
          "scalar or vector. Default: vector where this machine has fast vectors; 'sightline"
              + " doctor' shows the choice.")
  private @Nullable Provider provider;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Number of threads. Default: one for each processor.")
  private @Nullable Integer threads;

  KernelOptions() {}

  /** Starts the threads; the caller closes them. */
  Workers workers() {
    return new Workers(
        threads != null
            ? threads
            : Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
  }

  /**
   * The kernel that the user asked for, or the preferred one.
   *
   * @throws IllegalArgumentException if this JVM does not have it
   */
  Provider provider() {
    Provider chosen = provider == null ? Provider.preferred() : provider;
    chosen.description(); // refuses a kernel that is missing before anything is read
    return chosen;
  }

  Attention under(Mask mask, Workers workers) {
    return Attention.under(mask).workers(workers).provider(provider());
  }
}
