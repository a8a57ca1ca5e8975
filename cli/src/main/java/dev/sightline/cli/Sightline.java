package dev.sightline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The entry point. Exit codes of every command: 0 fine, 1 a check failed, 2 misuse or cannot run.
 */
@Command(
    name = "sightline",
    description =
        "Attention masks for the JVM: write a mask, test whether a model obeys its mask, run"
            + " attention under a mask, measure attention heads.",
    subcommands = {
      AuditCommand.class,
      RepairCommand.class,
      HeadsCommand.class,
      MaskCommand.class,
      AttendCommand.class,
      ConformanceCommand.class,
      ModelsCommand.class,
      DoctorCommand.class,
      HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Sightline.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:success",
      "1:a check failed",
      "2:wrong arguments, or the command cannot run"
    },
    // Only the launcher has this command: bench and the libraries it compares with are not shipped.
    footer =
        "%nIn a checkout, './sightline bench' compares the speed of attention with LibTorch and"
            + " ONNX Runtime.")
public final class Sightline implements Runnable {
  static final int FINE = 0;
  static final int CHECK_FAILED = 1;
  static final int CANNOT_RUN = 2;

  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print stack traces of errors.")
  private boolean debug;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  Sightline() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param args the words after {@code sightline}
   */
  public static void main(String[] args) {
    int code;
    try {
      code = commandLine().execute(args);
    } catch (OutOfMemoryError e) {
      System.err.println(
          "sightline: out of memory with a heap of "
              + Runtime.getRuntime().maxMemory() / (1 << 20)
              + " MB; give it more with JAVA_TOOL_OPTIONS=-Xmx8g");
      code = CANNOT_RUN;
    }
    System.exit(code);
  }

  static CommandLine commandLine() {
    Sightline root = new Sightline();
    CommandLine commands = new CommandLine(root);
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    commands.setParameterExceptionHandler(Sightline::explainMisuse);
    commands.setExecutionExceptionHandler(root::explainFailure);
    return commands;
  }

  /** Refuses a command line without a command. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing; expected one of audit, heads, mask, attend, conformance, models,"
            + " doctor, help");
  }

  private static int explainMisuse(ParameterException e, String[] args) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("sightline: " + e.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
      String command = e.getCommandLine().getCommandSpec().qualifiedName();
      err.println("See '" + command + " --help'.");
    }
    return CANNOT_RUN;
  }

  private int explainFailure(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    boolean expected = e instanceof IOException || e instanceof IllegalArgumentException;
    String message = Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    err.println("sightline: " + (expected ? "" : "internal error: ") + message);
    if (debug) {
      e.printStackTrace(err);
    } else if (!expected) {
      err.println("Run it again with --debug and report the stack trace.");
    }
    err.flush();
    return CANNOT_RUN;
  }

  /** Returns the version that the build wrote into a resource. */
  static String version() throws IOException {
    try (var in = Sightline.class.getResourceAsStream("version.txt")) {
      if (in == null) {
        throw new IOException("version.txt is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  /** Says the version. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      return new String[] {"sightline " + version()};
    }
  }
}
