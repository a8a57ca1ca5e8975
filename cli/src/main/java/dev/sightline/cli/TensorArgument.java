package dev.sightline.cli;

import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.TensorFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A tensor as it is given on the command line: a file, or {@code FILE:NAME} for one of the tensors
 * of an archive. If a file with the whole text as its name exists, it is that file.
 *
 * @param text what the user wrote
 */
record TensorArgument(String text, Path file, @Nullable String name) {
  private static final int NPY = 0x93;

  static TensorArgument parse(String text) throws IOException {
    for (int end = text.length(); end > 0; end = text.lastIndexOf(':', end - 1)) {
      Path file = path(text.substring(0, end));
      if (Files.isRegularFile(file)) {
        return new TensorArgument(
            text, file, end == text.length() ? null : text.substring(end + 1));
      }
    }
    return new TensorArgument(text, path(text), null);
  }

  private static Path path(String text) throws IOException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IOException("'" + text + "' is not a path", e);
    }
  }

  RawTensor read() throws IOException {
    return TensorFile.read(file, name);
  }

  /** Whether this is a file of tensors and not of text, by its first bytes. */
  boolean isTensorFile() throws IOException {
    if (!Files.isRegularFile(file)) {
      return text.matches(".*\\.(npy|npz|safetensors)");
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(9);
    }
    boolean npy = head.length > 0 && (head[0] & 0xFF) == NPY;
    boolean zip = head.length > 3 && head[0] == 'P' && head[1] == 'K' && head[2] == 3;
    boolean safetensors = head.length == 9 && head[7] == 0 && head[8] == '{';
    return npy || zip || safetensors || name != null;
  }
}
