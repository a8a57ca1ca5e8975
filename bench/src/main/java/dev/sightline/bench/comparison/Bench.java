package dev.sightline.bench.comparison;

import dev.sightline.bench.heads.HeadsBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
    subcommands = {BackwardBench.class, HeadsBench.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured, whether the targets were reached or not",
      "1:an output of Sightline's was wrong",
      "2:misuse, or it cannot run"
    })
public final class Bench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BenchOptions options;

  @Option(names = "--quick", description = "Fewer workloads and rounds: some five minutes.")
  private boolean quick;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of every backend; all cores if not given.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--svg", paramLabel = "FILE", description = "Write a chart as SVG.")
  private @Nullable Path svg;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  Bench() {}

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
      throw options.misuse("--threads must be at least 1, but is " + threads);
    }
    List<Workload> workloads = options.chosen(Workloads.all(quick, threads));
    MeasuredTable table =
        MeasuredTable.begin(
            spec.commandLine().getOut(),
            Table.FORWARD,
            quick ? Comparison.Plan.QUICK : Comparison.Plan.FULL,
            workloads,
            workload -> workload.kind() == WorkloadKind.SCALING ? List.of(1, 2) : List.of(threads),
            options);
    if (svg != null) {
      table.chart(svg);
    }
    table.measure(workloads, false);
    List<Workload> some = workloads.stream().filter(Workloads::together).toList();
    if (!some.isEmpty()) {
      table.measure(some, true);
    }
    if (svg != null && Chart.of(table.results()).isEmpty()) {
      spec.commandLine().getErr().println("sightline: no chart: it shows none of these workloads");
    }
    table.end();
    return table.results().oursRight() ? 0 : 1;
  }
}
