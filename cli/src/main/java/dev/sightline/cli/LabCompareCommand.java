package dev.sightline.cli;

import dev.sightline.lab.Lab;
import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.LabRun;
import dev.sightline.report.LabReport;
import dev.sightline.report.text.LabTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sightline lab compare}: policies that differ in a mask alone. */
@Command(
    name = "compare",
    description = {
      "Train a policy under each of several masks with several seeds, and compare what they do.",
      "Run the same command again to go on after it was stopped."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LabCompareCommand implements Callable<Integer> {
  private static final int MOST_SEEDS = 100;

  @Spec private CommandSpec spec;

  @Mixin private LabOptions options;

  @Option(
      names = "--vary",
      required = true,
      paramLabel = "OPTION=A,B",
      description =
          "The masks, as in encoder-mask=on,off or mask=right,row-causal or mask=right,\"causal\"."
              + " The others are compared with the first.")
  private String vary;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Train each with the seeds 1 to N. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Write compare.html, compare.json and a folder for each training there.")
  private Path out;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  LabCompareCommand() {}

  @Override
  public Integer call() throws Exception {
    List<LabRun> runs = runs();
    OutputFolder.create(out);
    return LabCommand.run(spec, runs.getFirst().attention(), lab -> compare(lab, runs));
  }

  /** Seed by seed, so that what a machine does for a while falls on all masks. */
  private List<LabRun> runs() {
    if (seeds < 1 || seeds > MOST_SEEDS) {
      throw new IllegalArgumentException(
          "--seeds is a number from 1 to " + MOST_SEEDS + ", not " + seeds);
    }
    String option = options.policy().varied();
    if (!vary.startsWith(option + "=")) {
      throw new IllegalArgumentException(
          "--vary '%s' names no option of %s; expected %s=A,B with some of %s"
              .formatted(
                  vary,
                  options.policy().id(),
                  option,
                  String.join(", ", options.policy().masks())));
    }
    List<String> masks = apart(vary.substring(option.length() + 1));
    if (masks.size() < 2 || new HashSet<>(masks).size() < masks.size()) {
      throw new IllegalArgumentException(
          "--vary '" + vary + "' must name two or more masks, each once");
    }
    List<LabRun> runs = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      for (String mask : masks) {
        runs.add(options.run(mask, seed));
      }
    }
    return runs;
  }

  /** Parts a list at its commas, but not at those within the parentheses of an expression. */
  private static List<String> apart(String list) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < list.length(); i++) {
      char c = list.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        parts.add(list.substring(start, i).strip());
        start = i + 1;
      }
    }
    parts.add(list.substring(start).strip());
    return parts;
  }

  private int compare(Lab lab, List<LabRun> runs) throws IOException {
    Comparison comparison;
    long total = (long) runs.size() * runs.getFirst().steps();
    try (Progress progress = Progress.steps("training")) {
      comparison =
          lab.compare(
              runs,
              out,
              (run, done, loss) ->
                  progress.of(
                      (long) runs.indexOf(run) * run.steps() + done,
                      total,
                      run.mask() + " seed " + run.seed() + ", " + LabTable.loss(loss)));
    }
    PrintWriter people = spec.commandLine().getOut();
    LabTable.lines(comparison).forEach(people::println);
    people.println(
        "The report is " + LabReport.of(comparison, command(), Sightline.version()).writeTo(out));
    people.flush();
    return Sightline.FINE;
  }

  private String command() {
    return new CommandWords("sightline", "lab", "compare")
        .addAll(options.words())
        .add("--vary", vary)
        .add("--seeds", seeds)
        .add("--out", out)
        .line();
  }
}
