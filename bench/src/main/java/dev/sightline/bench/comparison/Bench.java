package dev.sightline.bench.comparison;

import dev.sightline.bench.heads.HeadsBench;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sightline bench}. */
@Command(
    name = "sightline bench",
    description = {
      "Measure attention beside LibTorch and ONNX Runtime on this machine: the same data, masks"
          + " and threads, each in a process of its own, in turns. Run it on a quiet machine.",
      "",
      "Some workloads are measured again with all libraries in one process, as a service that"
          + " uses several of them has them.",
      ""
    },
    subcommands = HeadsBench.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured, whether the targets were reached or not",
      "1:an output of Sightline's was wrong",
      "2:misuse, or it cannot run"
    })
public final class Bench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli asks for a place to put it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  private boolean help;

  @Option(names = "--quick", description = "Fewer workloads and rounds: some five minutes.")
  private boolean quick;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of every backend; all cores if not given.")
  private int threads = Runtime.getRuntime().availableProcessors();

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

  @Option(names = "--svg", paramLabel = "FILE", description = "Write a chart as SVG.")
  private @Nullable Path svg;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  Bench() {}

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only workloads whose name has a match, as in 'dense.*L1920' or 'short'.")
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

  /** Measures and ends the process with its exit code. */
  public static void main(String[] args) {
    CommandLine command = new CommandLine(new Bench());
    command.setParameterExceptionHandler((e, given) -> {
      e.getCommandLine().getErr().println("sightline: " + e.getMessage());
      return 2;
    });
    command.setExecutionExceptionHandler((e, cmd, parsed) -> {
      cmd.getErr().println("sightline: " + e);
      return 2;
    });
    System.exit(command.execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (threads < 1) {
      throw misuse("--threads must be at least 1, but is " + threads);
    }
    if (repeat < 1) {
      throw misuse("--repeat must be at least 1, but is " + repeat);
    }
    List<Workload> workloads =
        Workloads.all(quick, threads).stream()
            .filter(workload -> only == null || only.matcher(workload.name()).find())
            .toList();
    if (workloads.isEmpty()) {
      throw misuse(
          "--only "
              + only
              + " matches none of "
              + String.join(
                  ", ", Workloads.all(quick, threads).stream().map(Workload::name).toList()));
    }
    TreeSet<Integer> threadCounts = new TreeSet<>();
    workloads.forEach(workload -> threadCounts.addAll(threadCounts(workload)));
    return measure(workloads, threadCounts) ? 0 : 1;
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private List<Integer> threadCounts(Workload workload) {
    return workload.kind() == WorkloadKind.SCALING ? List.of(1, 2) : List.of(threads);
  }

  /** Prints and writes each row as it is measured; false if an output of Sightline was wrong. */
  private boolean measure(List<Workload> workloads, Set<Integer> threadCounts) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Comparison.Plan plan = quick ? Comparison.Plan.QUICK : Comparison.Plan.FULL;
    Measurement apart = new Measurement(plan, false);
    Map<String, String> facts = MachineFacts.read();
    facts.forEach((name, fact) -> out.println(name + ": " + fact));
    List<String> libraries = Entrant.libraries();
    out.println(String.join(", ", libraries) + "; threads: " + threads);
    List<Measurement.Machine> machines = new ArrayList<>();
    for (int count : threadCounts) {
      Measurement.Machine machine = apart.machine(count);
      machines.add(machine);
      out.printf(
          Locale.ROOT,
          "%d thread%s: FMA peak %.1f GFLOP/s, reads %.1f GB/s%n",
          count,
          count == 1 ? "" : "s",
          machine.peak().rate(),
          machine.reading().rate());
    }
    Results results = new Results(facts, libraries, machines);
    out.println("\nEach in a process of its own\n" + Table.header());
    measure(apart, workloads, results);
    List<Workload> some = workloads.stream().filter(Workloads::together).toList();
    if (!some.isEmpty()) {
      out.println("\nAll in one process\n" + Table.header());
      measure(new Measurement(plan, true), some, results);
    }
    if (svg != null && Chart.of(results).isEmpty()) {
      spec.commandLine().getErr().println("sightline: no chart: it shows none of these workloads");
    }
    out.println("\n" + Table.legend());
    out.flush();
    return results.oursRight();
  }

  private void measure(Measurement measurement, List<Workload> workloads, Results results)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.flush();
    for (Workload workload : workloads) {
      List<List<Row>> runs = new ArrayList<>();
      for (int run = 0; run < repeat; run++) {
        runs.add(measurement.run(workload, threadCounts(workload)));
      }
      for (int i = 0; i < threadCounts(workload).size(); i++) {
        int count = i;
        Repeats repeats = new Repeats(runs.stream().map(run -> run.get(count)).toList());
        Row row = repeats.worst();
        results.add(row);
        out.println(Table.row(row, results.target(row)));
        if (repeat > 1) {
          out.println("  " + repeats);
        }
        row.entries()
            .forEach(
                e -> e.problem().ifPresent(p -> out.println("  " + e.entrant().title() + " " + p)));
      }
      out.flush();
      write(results);
    }
  }

  private void write(Results results) throws IOException {
    if (json != null) {
      AtomicFile.writeText(json, file -> file.write(ResultJson.of(results)));
    }
    Optional<String> chart = Chart.of(results);
    if (svg != null && chart.isPresent()) {
      AtomicFile.writeText(svg, file -> file.write(chart.get()));
    }
  }
}
