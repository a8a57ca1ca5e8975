package dev.sightline.cli;

import dev.sightline.heads.statistics.HeadDifference;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.report.HeadsReport;
import dev.sightline.report.text.HeadsTable;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline heads diff}: which heads differ between two runs, and by how much. */
@Command(
    name = "diff",
    description = "Compare two runs head by head: B less A, with intervals and significance.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class HeadsDiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "A", description = "A heads.json, or the folder with it.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private Path second;

  @Option(
      names = "--weighting",
      paramLabel = "WAY",
      defaultValue = "macro",
      description =
          "What counts once: each sample (macro) or each token (micro). Default: ${DEFAULT-VALUE}.")
  private Weighting weighting;

  @Option(
      names = "--margin",
      paramLabel = "METRIC=SIZE",
      description =
          "Call a difference none where all of its interval is within this; may be given several"
              + " times.")
  private Map<String, Double> margins = new LinkedHashMap<>();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "Write diff.csv and diff.html there.")
  private @Nullable Path out;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  HeadsDiffCommand() {}

  @Override
  public Integer call() throws IOException {
    HeadStatistics a = HeadsFolder.read(first);
    HeadStatistics b = HeadsFolder.read(second);
    HeadDifference difference = a.diff(b, weighting, margins);
    PrintWriter people = spec.commandLine().getOut();
    new HeadsTable(people).print(difference);
    if (out != null) {
      OutputFolder.create(out);
      AtomicFile.writeText(out.resolve("diff.csv"), difference::writeCsv);
      String html = HeadsReport.page(a, b, first.toString(), second.toString(), difference);
      Path page = out.resolve("diff.html");
      AtomicFile.writeText(page, stream -> stream.write(html));
      people.println();
      people.println("The report is " + page);
    }
    people.flush();
    return Sightline.FINE;
  }
}
