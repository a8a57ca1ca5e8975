package dev.sightline.cli;

import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.report.text.HeadsTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline heads merge}: the statistics of several shards as those of the whole. */
@Command(
    name = "merge",
    description = "Join the statistics of several shards, or of several data files.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class HeadsMergeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "RESULT",
      description = "A heads.json, or the folder that has it.")
  private List<Path> results;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "DIR",
      description = "Write heads.json, heads.csv and heads.html there.")
  private Path out;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  HeadsMergeCommand() {}

  @Override
  public Integer call() throws IOException {
    for (Path each : results) {
      Path file = HeadsFolder.file(each);
      if (Files.isRegularFile(file)) {
        OutputFiles.requireNoInput(List.of(file), HeadsFolder.files(out));
      }
    }
    HeadStatistics sum = HeadsFolder.read(results.getFirst());
    for (Path each : results.subList(1, results.size())) {
      HeadStatistics next = HeadsFolder.read(each);
      try {
        sum = sum.merge(next);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "'" + each + "' cannot be merged with what is before it: " + e.getMessage(), e);
      }
    }
    PrintWriter people = spec.commandLine().getOut();
    try (HeadsFolder folder = HeadsFolder.open(out, false)) {
      new HeadsTable(people).print(sum);
      folder.write(sum);
      people.println();
      people.println("The report is " + folder.page());
    }
    people.flush();
    return Sightline.FINE;
  }
}
