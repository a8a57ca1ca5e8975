package dev.sightline.onnx.internal.file;

import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder on disk.
 *
 * @param folder its path, as the user wrote it
 */
public record DiskFolder(Path folder) implements FilePlace {
  /** Returns the folder that a file is in. */
  public static DiskFolder of(Path file) {
    Path parent = file.getParent();
    return new DiskFolder(parent == null ? Path.of("") : parent);
  }

  @Override
  public List<String> names() throws ModelException {
    if (!Files.isDirectory(absolute())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(absolute())) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new ModelException("'" + folder + "' cannot be listed: " + e.getMessage(), e);
    }
  }

  @Override
  public Optional<byte[]> read(String name, long limit) throws ModelException {
    Path file = absolute().resolve(name);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      long size = Files.size(file);
      if (size > limit) {
        throw new ModelException(
            "'" + path(name) + "' has " + size + " bytes; expected at most " + limit);
      }
      return Optional.of(Files.readAllBytes(file));
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException("'" + path(name) + "' cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean has(String name) {
    return Files.isRegularFile(absolute().resolve(name));
  }

  @Override
  public String path(String name) {
    return folder.resolve(name).toString();
  }

  /** The folder above, written with "..", unless the path as it is written has a parent. */
  @Override
  public Optional<FilePlace> above() {
    if (absolute().getParent() == null) {
      return Optional.empty();
    }
    Path parent = folder.getParent();
    boolean goesUp = folder.endsWith("..") || folder.endsWith(".");
    return Optional.of(
        new DiskFolder(parent == null || goesUp ? folder.resolve("..").normalize() : parent));
  }

  private Path absolute() {
    return folder.toAbsolutePath();
  }
}
