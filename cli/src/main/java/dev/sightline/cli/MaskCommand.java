package dev.sightline.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sightline mask}: draws, checks, explains, compares and converts masks. */
@Command(
    name = "mask",
    description = {
      "Draw, check, explain, compare and convert attention masks.",
      "A mask is an expression such as 'causal & padding(5,6,3)', or a file that holds one."
    },
    mixinStandardHelpOptions = true)
final class MaskCommand implements Runnable {
  static final List<Class<?>> COMMANDS =
      List.of(
          MaskShowCommand.class,
          MaskDiffCommand.class,
          MaskCheckCommand.class,
          MaskExplainCommand.class,
          MaskConvertCommand.class,
          MaskEqualCommand.class,
          MaskOfCommand.class);

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  MaskCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing after 'mask'; expected one of show, diff, check, explain, convert,"
            + " equal, of");
  }
}
