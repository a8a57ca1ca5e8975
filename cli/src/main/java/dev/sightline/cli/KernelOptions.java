package dev.sightline.cli;

import dev.sightline.attention.AttentionOptions;
import dev.sightline.attention.Provider;
import dev.sightline.attention.Workers;
import dev.sightline.attention.internal.kernel.Kernels;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where attention is computed: which kernel, on how many threads. */
final class KernelOptions {
  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      description = "scalar or vector. Default: vector where it is fast, see 'sightline doctor'.")
  private @Nullable Provider provider;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads compute. Default: one for each processor.")
  private @Nullable Integer threads;

  KernelOptions() {}

  /** Whoever gets them closes them. */
  Workers workers() {
    return new Workers(
        threads != null
            ? threads
            : Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
  }

  /**
   * The kernel.
   *
   * @throws IllegalArgumentException if this JVM does not have it
   */
  Kernels.Choice kernel() {
    return provider == null ? Kernels.choice() : Kernels.choice(provider);
  }

  AttentionOptions on(Workers workers) {
    return AttentionOptions.defaults().workers(workers).provider(kernel().provider());
  }
}
