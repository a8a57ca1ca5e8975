package dev.sightline.bench.comparison;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sightline bench backward}: the gradients of attention beside LibTorch's autograd. */
@Command(
    name = "backward",
    description = {
      "Measure the gradients of attention (dQ, dK, dV) beside LibTorch's autograd.",
      "Both get the same data, masks and threads; each has a process of its own, and they take"
          + " turns. Run it on a quiet machine.",
      "",
      "backward: gradients alone, from the output and the log-sum-exp of a forward pass that each"
          + " ran before and kept. fwd+bwd: the forward pass, and the gradients of it. Before any"
          + " is timed, its gradients are checked against the chain rule in double precision: to"
          + " 1e-5 of the largest.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured, whether the targets were reached or not",
      "1:a gradient of Sightline's was wrong",
      "2:misuse, or it cannot run"
    })
final class BackwardBench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BenchOptions options;

  @Option(names = "--quick", description = "Fewer workloads and rounds: some four minutes.")
  private boolean quick;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of both. If not given, one and two are measured, in the same rounds; one on a"
              + " machine with one core.")
  private @Nullable Integer threads;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  BackwardBench() {}

  @Override
  public Integer call() throws IOException {
    if (threads != null && threads < 1) {
      throw options.misuse("--threads must be at least 1, but is " + threads);
    }
    int most = Math.min(2, Runtime.getRuntime().availableProcessors());
    List<Integer> counts =
        threads == null ? IntStream.rangeClosed(1, most).boxed().toList() : List.of(threads);
    List<Workload> workloads = options.chosen(BackwardWorkloads.all(quick));
    MeasuredTable table =
        MeasuredTable.begin(
            spec.commandLine().getOut(),
            Table.BACKWARD,
            quick ? Comparison.Plan.QUICK : Comparison.Plan.FULL,
            workloads,
            workload -> counts,
            options);
    table.measure(workloads, false);
    table.end();
    return table.results().oursRight() ? 0 : 1;
  }
}
