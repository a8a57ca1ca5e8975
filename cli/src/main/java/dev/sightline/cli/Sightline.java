package dev.sightline.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

  private static final List<Class<?>> COMMANDS =
      List.of(
          AuditCommand.class,
          RepairCommand.class,
          HeadsCommand.class,
          MaskCommand.class,
          AttendCommand.class,
          WalkthroughCommand.class,
          LabCommand.class,
          ConformanceCommand.class,
          ServeCommand.class,
          ModelsCommand.class,
          DoctorCommand.class,
          HelpCommand.class);

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
    Messages.open();
    CommandLine commands = commandLine(List.of(args));
    boolean colours = commands.getColorScheme().ansi().enabled();
    TerminalWriter out =
        writer(new FileOutputStream(FileDescriptor.out), System.out.charset(), colours);
    PrintWriter err = new PrintWriter(writer(System.err, System.err.charset(), colours), true);
    commands.setOut(new PrintWriter(out, true));
    commands.setErr(err);
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
      err.println("sightline: " + Failure.text(thrown));
      Runtime.getRuntime().halt(CANNOT_RUN); // others may wait for this thread
    });
    int code = execute(commands, args);
    commands.getOut().flush();
    IOException failure = out.failure();
    if (failure != null) {
      // A reader that went away, such as head, knows that it did.
      if (!String.valueOf(failure.getMessage()).contains("Broken pipe")) {
        err.println("sightline: standard output cannot be written: " + failure.getMessage());
      }
      code = CANNOT_RUN;
    }
    if (args.length > 1 && args[0].equals("mask") && !args[1].equals("of")) {
      // Exit looks for a logger in all jars first, and nothing is to be closed.
      System.err.flush();
      Runtime.getRuntime().halt(code);
    }
    System.exit(code);
  }

  /** Not System.out, which forgets that it could not write. */
  private static TerminalWriter writer(OutputStream stream, Charset charset, boolean colours) {
    return new TerminalWriter(new OutputStreamWriter(stream, charset), colours);
  }

  /**
   * Runs one command; picocli hands exceptions to {@link #explainFailure}, and errors to no one.
   */
  static int execute(CommandLine commands, String... args) {
    try {
      return commands.execute(args);
    } catch (Throwable thrown) {
      return explain(thrown, commands, List.of(args).contains("--debug"));
    }
  }

  /** Makes all commands. */
  static CommandLine commandLine() {
    return commandLine(List.of());
  }

  /**
   * Makes the command that is asked for, or all where none is, or an unknown one. To make all takes
   * picocli half a second of the processor, which is most of what a short command takes.
   */
  static CommandLine commandLine(List<String> args) {
    Sightline root = new Sightline();
    CommandLine commands = new CommandLine(root);
    List<String> words = args.stream().filter(word -> !word.startsWith("-")).toList();
    for (CommandLine below : add(commands, COMMANDS, words)) {
      List<String> rest = words.subList(Math.min(1, words.size()), words.size());
      switch (below.getCommand()) {
        case MaskCommand _ -> add(below, MaskCommand.COMMANDS, rest);
        case HeadsCommand _ -> add(below, HeadsCommand.COMMANDS, rest);
        case LabCommand _ -> add(below, LabCommand.COMMANDS, rest);
        default -> {}
      }
    }
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    commands.setExpandAtFiles(false); // a text may begin with an @
    commands.setParameterExceptionHandler(Sightline::explainMisuse);
    commands.setExecutionExceptionHandler(root::explainFailure);
    return commands;
  }

  /**
   * Adds the command that the first word names, or all; returns what was added. Help is about any.
   */
  private static List<CommandLine> add(
      CommandLine above, List<Class<?>> commands, List<String> words) {
    String first = words.isEmpty() ? "help" : words.getFirst();
    List<Class<?>> asked =
        commands.stream()
            .filter(type -> name(type).equals(first) && type != HelpCommand.class)
            .toList();
    List<CommandLine> added = new ArrayList<>();
    for (Class<?> type : asked.isEmpty() ? commands : asked) {
      CommandLine below = new CommandLine(type);
      above.addSubcommand(name(type), below);
      added.add(below);
    }
    return added;
  }

  private static String name(Class<?> command) {
    return Objects.requireNonNull(command.getAnnotation(Command.class)).name();
  }

  /** Refuses a command line without a command. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing; expected one of audit, repair, heads, mask, attend, walkthrough,"
            + " lab, serve, conformance, models, doctor, help");
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
    return explain(e, command, debug);
  }

  private static int explain(Throwable thrown, CommandLine command, boolean debug) {
    PrintWriter err = command.getErr();
    err.println("sightline: " + Failure.text(thrown));
    if (debug) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return CANNOT_RUN;
  }

  /** Returns the version that the build wrote into a resource. */
  static String version() throws IOException {
    return resource("version.txt");
  }

  static String resource(String name) throws IOException {
    try (var in = Sightline.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(name + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  /** Says the version and the commit of git. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      return new String[] {of(version(), resource("commit.txt"))};
    }

    /**
     * Returns the line that is printed.
     *
     * @param commit empty, or still the name of a property, if there was no git
     */
    static String of(String version, String commit) {
      boolean known = commit.matches("[0-9a-f]{7,40}");
      return "sightline " + version + (known ? " (commit " + commit + ")" : " (built without git)");
    }
  }
}
