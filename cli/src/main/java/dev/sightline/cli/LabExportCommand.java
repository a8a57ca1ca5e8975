package dev.sightline.cli;

import dev.sightline.lab.Lab;
import dev.sightline.lab.result.LabRun;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    description = {
      "Write a trained policy as an ONNX model, for audit, repair and heads.",
      "Tasks that it was not trained on are written beside it, as rows for 'heads --data'."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LabExportCommand implements Callable<Integer> {
  private static final int TASKS = 64;

  /** How a file of rows begins. */
  private static final String FIRST = "{\"id\": \"held-1\",";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DIR", description = "The folder of a training.")
  private Path folder;

  @Option(
      names = "-o",
      required = true,
      paramLabel = "FILE",
      description = "The model's file; rows get its name with .jsonl.")
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
    requireOwn(rows());
    return LabCommand.run(spec, run.attention(), this::export);
  }

  private Path rows() {
    String name = String.valueOf(file.getFileName());
    String stem = name.endsWith(".onnx") ? name.substring(0, name.length() - 5) : name;
    return file.resolveSibling(stem + ".jsonl");
  }

  /** The user did not name this file: it is replaced only if an earlier export wrote it. */
  private static void requireOwn(Path rows) throws IOException {
    if (!Files.exists(rows)) {
      return;
    }
    byte[] first = new byte[0];
    if (Files.isRegularFile(rows)) {
      try (InputStream in = Files.newInputStream(rows)) {
        first = in.readNBytes(FIRST.length());
      }
    }
    if (!new String(first, StandardCharsets.UTF_8).equals(FIRST)) {
      throw new IllegalArgumentException(
          "rows for the model are written to '"
              + rows
              + "', which is there and of no export; name another model, or move it");
    }
  }

  private int export(Lab lab) throws IOException {
    byte[] model = lab.onnx(folder, part);
    byte[] rows =
        (String.join("\n", lab.rows(folder, part, TASKS)) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, out -> out.write(model));
    AtomicFile.write(rows(), out -> out.write(rows));
    PrintWriter people = spec.commandLine().getOut();
    people.println("The model is " + file + ", " + model.length / 1000 + " kB");
    people.println(
        TASKS
            + " tasks that it was not trained on are "
            + rows()
            + ", "
            + rows.length / 1000
            + " kB, for 'sightline heads "
            + file
            + " --data "
            + rows()
            + "'");
    people.flush();
    return Sightline.FINE;
  }
}
