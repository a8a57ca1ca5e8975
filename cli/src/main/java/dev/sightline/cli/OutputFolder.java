package dev.sightline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that a command was told to write into. */
final class OutputFolder {
  private OutputFolder() {}

  /**
   * Makes it if it is not there.
   *
   * @throws IOException naming it if it cannot be had
   */
  static void create(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException("'" + folder + "' cannot be made a folder for the report", e);
    }
  }
}
