package dev.sightline.bench.comparison;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the commands that measure attention beside other libraries. */
final class BenchOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @SuppressWarnings("UnusedVariable") // picocli asks for a place to put it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  private boolean help;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      description =
          "Measure each workload N times, with new processes, and show the run in which Sightline"
              + " did worst, and the range of all.")
  private int repeat = 1;

  private @Nullable Pattern only;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
  private @Nullable Path json;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  BenchOptions() {}

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only workloads whose name has a match, as in 'dense.*L1920' or 'window'.")
  void only(String expression) {
    try {
      only = Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      // Its own message is three lines, with an arrow.
      throw misuse(
          "--only must be a regular expression, but \""
              + expression
              + "\" is not: "
              + e.getDescription());
    }
  }

  ParameterException misuse(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  /** How often each workload is measured. */
  int repeat() {
    if (repeat < 1) {
      throw misuse("--repeat must be at least 1, but is " + repeat);
    }
    return repeat;
  }

  @Nullable Path json() {
    return json;
  }

  /** The workloads that are asked for, at least one. */
  List<Workload> chosen(List<Workload> all) {
    List<Workload> chosen =
        all.stream()
            .filter(workload -> only == null || only.matcher(workload.name()).find())
            .toList();
    if (chosen.isEmpty()) {
      throw misuse(
          "--only "
              + only
              + " matches none of "
              + String.join(", ", all.stream().map(Workload::name).toList()));
    }
    return chosen;
  }
}
