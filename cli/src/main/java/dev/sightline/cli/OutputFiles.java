package dev.sightline.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks files that a command will write, before the work. */
final class OutputFiles {
  /** What Sightline itself wrote into a folder, and may write again. */
  private static final Pattern OWN =
      Pattern.compile("(report|repair|heads|diff)\\.(html|json|csv)");

  private OutputFiles() {}

  /**
   * Returns the files that arguments name: themselves, or what a folder of a model has. Others may
   * be expressions, or names of the catalog.
   */
  static List<Path> existing(@Nullable Object... arguments) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Object argument : arguments) {
      Path path = argument == null ? null : path(String.valueOf(argument));
      if (path != null && Files.isDirectory(path)) {
        try (DirectoryStream<Path> inside = Files.newDirectoryStream(path)) {
          inside.forEach(file -> {
            if (!OWN.matcher(file.getFileName().toString()).matches()) {
              files.add(file);
            }
          });
        }
      } else if (path != null) {
        files.add(path);
      }
    }
    return files.stream().filter(Files::isRegularFile).toList();
  }

  private static @Nullable Path path(String text) {
    try {
      return text.length() < 4096 ? Path.of(text) : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /**
   * Refuses to replace an input, under whatever name.
   *
   * @param inputs files that are read
   * @param outputs files that would be written; those that do not exist are fine
   * @throws IllegalArgumentException if an output is an input
   */
  static void requireNoInput(Collection<Path> inputs, @Nullable Path... outputs)
      throws IOException {
    for (Path output : outputs) {
      if (output == null || !Files.isRegularFile(output)) {
        continue;
      }
      for (Path input : inputs) {
        if (Files.isSameFile(input, output)) {
          throw new IllegalArgumentException(
              "'" + output + "' is read by this command; name another file to write");
        }
      }
    }
  }
}
