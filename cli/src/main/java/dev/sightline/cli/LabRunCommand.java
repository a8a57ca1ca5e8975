package dev.sightline.cli;

import dev.sightline.lab.Lab;
import dev.sightline.lab.result.LabRun;
import dev.sightline.lab.result.Rollout;
import dev.sightline.report.LabReport;
import dev.sightline.report.text.LabTable;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline lab run}: what a trained policy does, as a picture. */
@Command(
    name = "run",
    description = "Run a trained policy on tasks that it was not trained on, and draw its paths.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LabRunCommand implements Callable<Integer> {
  private static final int MOST_TASKS = 60;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DIR", description = "The folder of a training.")
  private Path folder;

  @Option(
      names = "--padding",
      paramLabel = "KIND",
      defaultValue = "as-trained",
      description =
          "as-trained, none (alone), long (beside a much longer instruction) or foreign (another"
              + " instruction's content at padding). Default: ${DEFAULT-VALUE}.")
  private String padding;

  @Option(
      names = "--encoder-mask",
      paramLabel = "MASK",
      description = "Of groot: run it under this mask. Default: the mask it was trained under.")
  private @Nullable String encoderMask;

  @Option(
      names = "--mask",
      paramLabel = "MASK",
      description = "Of pi05: run it under this mask. Default: the mask it was trained under.")
  private @Nullable String mask;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      defaultValue = "12",
      description = "How many tasks, at most 60. Default: ${DEFAULT-VALUE}.")
  private int tasks;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "The picture, an SVG. Default: rollouts.svg in the folder.")
  private @Nullable Path file;

  private @Nullable String atInference;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  LabRunCommand() {}

  @Override
  public Integer call() throws Exception {
    if (tasks < 1 || tasks > MOST_TASKS) {
      throw new IllegalArgumentException(
          "--tasks is a number from 1 to " + MOST_TASKS + ", not " + tasks);
    }
    LabRun run = Lab.run(folder);
    String given = LabOptions.mask(run.policy(), encoderMask, mask);
    atInference = given == null ? null : run.under(given).mask();
    return LabCommand.run(spec, run.attention(), this::draw);
  }

  private int draw(Lab lab) throws IOException {
    List<Rollout> rollouts = lab.rollouts(folder, padding, atInference, tasks);
    Path target = file == null ? folder.resolve("rollouts.svg") : file;
    AtomicFile.writeText(target, out -> out.write(LabReport.svg(rollouts)));
    PrintWriter people = spec.commandLine().getOut();
    LabTable.rollouts(rollouts).forEach(people::println);
    people.println("The picture is " + target);
    people.flush();
    return Sightline.FINE;
  }
}
