package dev.sightline.cli;

import dev.sightline.lab.Lab;
import dev.sightline.lab.result.LabRun;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline lab export}: a trained policy as an ONNX model. */
@Command(
    name = "export",
    description = "Write a trained policy as an ONNX model, for audit, repair and heads.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LabExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DIR", description = "The folder of a training.")
  private Path folder;

  @Option(names = "-o", required = true, paramLabel = "FILE", description = "The model's file.")
  private Path file;

  @Option(
      names = "--part",
      paramLabel = "PART",
      defaultValue = "joint",
      description =
          "joint: all tokens in one run. Of pi05 also prefix, which gives the keys and values of"
              + " image and instruction, and step, which runs the actions over them. Default:"
              + " ${DEFAULT-VALUE}.")
  private String part;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  LabExportCommand() {}

  @Override
  public Integer call() throws Exception {
    LabRun run = Lab.run(folder);
    OutputFiles.requireNoInput(List.of(folder.resolve("checkpoint.pt")), file);
    return LabCommand.run(spec, run.attention(), this::export);
  }

  private int export(Lab lab) throws IOException {
    byte[] model = lab.onnx(folder, part);
    AtomicFile.write(file, out -> out.write(model));
    PrintWriter people = spec.commandLine().getOut();
    people.println("The model is " + file + ", " + model.length / 1000 + " kB");
    people.flush();
    return Sightline.FINE;
  }
}
