package dev.sightline.cli;

import dev.sightline.lab.result.LabRun;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of the commands that train. */
final class LabOptions {
  @Parameters(
      index = "0",
      paramLabel = "POLICY",
      description =
          "groot: an action head over a frozen language encoder; pi05: a policy that predicts a"
              + " subtask before it acts.")
  private String policy;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Batches of 64 tasks in a training. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--texts",
      paramLabel = "N",
      defaultValue = "512",
      description =
          "Different instructions in training; others are kept for the tests. Default:"
              + " ${DEFAULT-VALUE}.")
  private int texts;

  @Option(
      names = "--attention",
      paramLabel = "BACKEND",
      defaultValue = "libtorch",
      description =
          "What computes attentions and their gradients: libtorch, or sightline for Sightline's"
              + " kernels within LibTorch's autograd. Default: ${DEFAULT-VALUE}.")
  private String attention;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  LabOptions() {}

  LabRun.Kind policy() {
    return LabRun.Kind.of(policy);
  }

  LabRun run(String mask, long seed) {
    return new LabRun(policy(), mask, steps, seed, texts, LabRun.Backend.of(attention));
  }

  /** Returns the one of two options that a policy has, and refuses the other. */
  static @Nullable String mask(
      LabRun.Kind policy, @Nullable String encoderMask, @Nullable String mask) {
    boolean isGroot = policy == LabRun.Kind.GROOT;
    if ((isGroot ? mask : encoderMask) != null) {
      throw new IllegalArgumentException(
          isGroot
              ? "--mask is an option of pi05; groot has --encoder-mask"
              : "--encoder-mask is an option of groot; pi05 has --mask");
    }
    return isGroot ? encoderMask : mask;
  }

  /** The words of these options. */
  List<String> words() {
    List<String> words =
        new ArrayList<>(
            List.of(
                policy, "--steps", Integer.toString(steps), "--texts", Integer.toString(texts)));
    if (LabRun.Backend.of(attention) != LabRun.Backend.LIBTORCH) {
      words.addAll(List.of("--attention", attention));
    }
    return words;
  }
}
