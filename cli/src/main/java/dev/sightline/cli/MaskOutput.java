package dev.sightline.cli;

import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.json.JsonMapper;

/** Writes the output of a command to standard output or to a file. */
final class MaskOutput {
  private MaskOutput() {}

  static void text(CommandSpec spec, @Nullable Path file, String text) throws IOException {
    if (file == null) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(text);
      out.flush();
    } else {
      binary(spec, file, "", out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  static void json(CommandSpec spec, @Nullable Path file, Object value) throws IOException {
    text(spec, file, JsonMapper.shared().writeValueAsString(value) + "\n");
  }

  /** Writes a binary form, which needs a file. */
  static void binary(CommandSpec spec, @Nullable Path file, String form, AtomicFile.Content content)
      throws IOException {
    if (file == null) {
      throw new IllegalArgumentException(form + " is a binary form; name a file with -o FILE");
    }
    AtomicFile.write(file, content);
    spec.commandLine().getErr().println("wrote " + file);
    spec.commandLine().getErr().flush();
  }
}
