package dev.sightline.cli;

import dev.sightline.lab.Lab;
import dev.sightline.lab.result.LabResult;
import dev.sightline.lab.result.LabRun;
import dev.sightline.report.text.LabTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sightline lab train}: one policy under one mask. */
@Command(
    name = "train",
    description = "Train a policy under a mask, and run it on tasks that it was not trained on.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LabTrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LabOptions options;

  @Option(
      names = "--encoder-mask",
      paramLabel = "MASK",
      description =
          "Of groot: on (padding is masked), off, or alternate (text in one cross-attention, the"
              + " scene in the next). Default: on.")
  private @Nullable String encoderMask;

  @Option(
      names = "--mask",
      paramLabel = "MASK",
      description =
          "Of pi05: right, flow-sees-subtask, language-causal, row-causal, or an expression of the"
              + " mask language over its 99 tokens: image=5, language=80, subtask=6, flow=8."
              + " Default: right.")
  private @Nullable String mask;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the first parameters and of the batches. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Write checkpoint.pt, curve.csv and result.json there.")
  private Path out;

  @Option(
      names = "--resume",
      description = "Go on with a training that was stopped; its curve is as if it had not been.")
  private boolean resume;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  LabTrainCommand() {}

  @Override
  public Integer call() throws Exception {
    LabRun run = options.run(maskName(), seed);
    if (Files.exists(out.resolve("run.json")) && !resume) {
      throw new IOException(
          "a training was begun in '"
              + out
              + "'; --resume goes on with it, or choose another --out");
    }
    OutputFolder.create(out);
    return LabCommand.run(spec, run.attention(), lab -> train(lab, run));
  }

  private String maskName() {
    String given = LabOptions.mask(options.policy(), encoderMask, mask);
    return Objects.requireNonNullElse(given, options.policy().masks().getFirst());
  }

  private int train(Lab lab, LabRun run) throws IOException {
    LabResult result;
    try (Progress progress = Progress.steps("training")) {
      result =
          lab.train(
              run,
              out,
              (training, done, loss) -> progress.of(done, training.steps(), LabTable.loss(loss)));
    }
    PrintWriter people = spec.commandLine().getOut();
    LabTable.lines(result).forEach(people::println);
    people.flush();
    return Sightline.FINE;
  }
}
