package dev.sightline.tensor.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Some bytes of a file.
 *
 * @param file the file
 * @param from the first byte
 * @param to the byte after the last
 */
public record FilePart(Path file, long from, long to) {
  /** Returns all bytes of a file. */
  public static FilePart whole(Path file) throws IOException {
    return new FilePart(file, 0, Files.size(file));
  }
}
