package dev.sightline.bench.comparison;

import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Measures workloads, and prints and writes each row as it is measured. */
final class MeasuredTable {
  private final PrintWriter out;
  private final Table table;
  private final Function<Workload, List<Integer>> threadCounts;
  private final int repeat;
  private final @Nullable Path json;
  private @Nullable Path svg;
  private final Comparison.Plan plan;
  private final Results results;

  private MeasuredTable(
      PrintWriter out,
      Table table,
      Comparison.Plan plan,
      Function<Workload, List<Integer>> threadCounts,
      BenchOptions options,
      Results results) {
    this.out = out;
    this.table = table;
    this.plan = plan;
    this.threadCounts = threadCounts;
    this.repeat = options.repeat();
    this.json = options.json();
    this.results = results;
  }

  /**
   * Measures the machine, and prints what it is.
   *
   * @param threadCounts the numbers of threads that a workload is measured with
   */
  static MeasuredTable begin(
      PrintWriter out,
      Table table,
      Comparison.Plan plan,
      List<Workload> workloads,
      Function<Workload, List<Integer>> threadCounts,
      BenchOptions options)
      throws IOException {
    TreeSet<Integer> counts = new TreeSet<>();
    workloads.forEach(workload -> counts.addAll(threadCounts.apply(workload)));
    Map<String, String> facts = MachineFacts.read();
    facts.forEach((name, fact) -> out.println(name + ": " + fact));
    List<String> libraries = Entrant.libraries();
    out.println(
        String.join(", ", libraries)
            + "; threads: "
            + String.join(" and ", counts.stream().map(String::valueOf).toList()));
    List<Measurement.Machine> machines = new ArrayList<>();
    for (int count : counts) {
      Measurement.Machine machine = new Measurement(plan, false).machine(count);
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
    return new MeasuredTable(out, table, plan, threadCounts, options, results);
  }

  /** Writes a chart too, if it shows one of the workloads. */
  void chart(Path file) {
    svg = file;
  }

  Results results() {
    return results;
  }

  /** Measures workloads, with all contestants in one process or each in its own. */
  void measure(List<Workload> workloads, boolean together) throws IOException {
    Measurement measurement = new Measurement(plan, together);
    String title = together ? "All in one process" : "Each in a process of its own";
    out.println("\n" + title + "\n" + table.header());
    out.flush();
    for (Workload workload : workloads) {
      List<Integer> counts = threadCounts.apply(workload);
      List<List<Row>> runs = new ArrayList<>();
      for (int run = 0; run < repeat; run++) {
        runs.add(measurement.run(workload, counts));
      }
      for (int i = 0; i < counts.size(); i++) {
        int count = i;
        Repeats repeats = new Repeats(runs.stream().map(run -> run.get(count)).toList());
        Row row = repeats.worst();
        results.add(row);
        out.println(table.row(row, results.target(row)));
        if (repeat > 1) {
          out.println("  " + repeats);
        }
        row.entries()
            .forEach(
                e -> e.problem().ifPresent(p -> out.println("  " + e.entrant().title() + " " + p)));
      }
      out.flush();
      write();
    }
  }

  /** Prints what the columns are. */
  void end() {
    out.println("\n" + table.legend());
    out.flush();
  }

  private void write() throws IOException {
    if (json != null) {
      AtomicFile.writeText(json, file -> file.write(ResultJson.of(results)));
    }
    Optional<String> chart = Chart.of(results);
    if (svg != null && chart.isPresent()) {
      AtomicFile.writeText(svg, file -> file.write(chart.get()));
    }
  }
}
