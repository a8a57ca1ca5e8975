package dev.sightline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place that SARIF points to.
 *
 * @param file null for a model of the catalog, which no file here makes
 * @param line from 1
 */
record SourceLine(@Nullable Path file, int line) {
  private static final Pattern WITH_LINE = Pattern.compile("(.+):([1-9]\\d{0,8})");

  /**
   * Reads {@code --source}.
   *
   * @param source a file, with a line after a colon or without; null if it was not given
   * @param model what is audited, the place where it was not
   * @throws IllegalArgumentException if there is no such file
   */
  static SourceLine of(@Nullable String source, String model) throws IOException {
    if (source == null) {
      if (isFile(model)) {
        return new SourceLine(Path.of(model), 1);
      }
      return new SourceLine(
          OutputFiles.existing(model).stream()
              .filter(file -> file.toString().endsWith(".onnx"))
              .findFirst()
              .orElse(null),
          1);
    }
    Matcher matcher = WITH_LINE.matcher(source);
    boolean hasLine = OutputFiles.existing(source).isEmpty() && matcher.matches();
    String name = hasLine ? matcher.group(1) : source;
    if (!isFile(name)) {
      throw new IllegalArgumentException(
          "'" + name + "' of --source is not a file; expected FILE or FILE:LINE");
    }
    return new SourceLine(Path.of(name), hasLine ? Integer.parseInt(matcher.group(2)) : 1);
  }

  private static boolean isFile(String name) {
    try {
      return Files.isRegularFile(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
