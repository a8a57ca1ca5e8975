package dev.sightline.report.internal.page;

import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the files of reports. Messages are for the person who named the place. */
public final class ReportFiles {
  private ReportFiles() {}

  /**
   * Writes JSON and a page into a directory, which is created if it does not exist. Files of an
   * earlier report are replaced; a reader never finds half a file.
   *
   * @return the path of the page
   */
  public static Path write(
      Path directory, String jsonFile, String json, String pageFile, String html)
      throws IOException {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new IOException(
          "the report needs a directory, but '" + directory + "' is a file; name another one");
    }
    try {
      Files.createDirectories(directory);
      AtomicFile.writeText(directory.resolve(jsonFile), out -> out.write(json));
      Path page = directory.resolve(pageFile);
      AtomicFile.writeText(page, out -> out.write(html));
      return page;
    } catch (FileSystemException e) {
      throw new IOException("the report cannot be written to '" + directory + "': " + reason(e), e);
    }
  }

  /**
   * Writes a file; its directory is created if it does not exist.
   *
   * @param format its name in messages
   */
  public static void write(String format, Path file, String text) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(format + " needs a file, but '" + file + "' is a directory");
    }
    try {
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      AtomicFile.writeText(file, out -> out.write(text));
    } catch (FileSystemException e) {
      throw new IOException(format + " cannot be written to '" + file + "': " + reason(e), e);
    }
  }

  /** Some of these exceptions say what happened by their class alone. */
  private static String reason(FileSystemException e) {
    String reason = e.getReason();
    String file = e.getFile();
    return (reason != null ? reason : e.getClass().getSimpleName())
        + (file != null ? " ('" + file + "')" : "");
  }
}
