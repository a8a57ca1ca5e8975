package dev.sightline.cli;

import dev.sightline.lab.Lab;
import dev.sightline.lab.result.LabRun;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sightline lab}: small policies that train and run under right and wrong masks. */
@Command(
    name = "lab",
    description = {
      "Train small robot policies under right and wrong masks, and compare what they do.",
      "It computes with LibTorch on one thread; Maven fetches it when it is first used."
    },
    mixinStandardHelpOptions = true)
final class LabCommand implements Runnable {
  static final List<Class<?>> COMMANDS =
      List.of(
          LabTrainCommand.class,
          LabCompareCommand.class,
          LabRunCommand.class,
          LabExportCommand.class);

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  LabCommand() {}

  /** Refuses a command line without a command. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing; expected one of train, compare, run, export");
  }

  /** What a command does with the lab. */
  @FunctionalInterface
  interface Work {
    int with(Lab lab) throws Exception;
  }

  /**
   * Does the work here if LibTorch is on the class path, else has a process with it do it.
   *
   * @param backend of the attentions
   */
  static int run(CommandSpec spec, LabRun.Backend backend, Work work) throws Exception {
    if (!LibTorch.isHere()) {
      List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
      boolean vectors = backend == LabRun.Backend.SIGHTLINE;
      return LibTorch.run(arguments, vectors, spec.commandLine().getErr());
    }
    try (MavenArtifacts artifacts = new MavenArtifacts();
        Lab lab = new Lab(artifacts)) {
      return work.with(lab);
    }
  }
}
