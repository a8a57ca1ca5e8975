package dev.sightline.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.json.JsonMapper;

/** Where the answer of a mask command goes: standard output, or a file. */
final class MaskOutput {
  /** Writes an answer that is no text. */
  @FunctionalInterface
  interface Writer {
    void to(OutputStream out) throws IOException;
  }

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

  /** Binary forms need a file: a terminal would only show noise. */
  static void binary(CommandSpec spec, @Nullable Path file, String form, Writer writer)
      throws IOException {
    if (file == null) {
      throw new IllegalArgumentException(form + " is no text; name a file with -o FILE");
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      writer.to(out);
    } catch (java.nio.file.NoSuchFileException e) {
      throw new IOException("cannot write " + file + ": its folder does not exist", e);
    } catch (java.nio.file.FileSystemException e) {
      throw new IOException("cannot write " + file + ": " + e, e);
    }
    spec.commandLine().getErr().println("wrote " + file);
    spec.commandLine().getErr().flush();
  }
}
