package dev.sightline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of {@code --out}. */
final class OutputFolder {
  private OutputFolder() {}

  /**
   * Creates the folder if it does not exist.
   *
   * @throws IOException naming the folder if it cannot be created
   */
  static void create(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException("'" + folder + "' cannot be made a folder for the report", e);
    }
  }
}
