package dev.sightline.onnx.internal.file;

import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The .onnx file that a path means, and where it is. A path is a .onnx file, a folder with one, a
 * folder of Hugging Face's layout ({@code onnx/model.onnx}), or a .jar with one.
 *
 * @param place the folder of the file
 * @param file its name there
 */
public record ModelFiles(FilePlace place, String file) {
  /** What one array can hold: the format allows 2 GiB. */
  private static final long LARGEST = Integer.MAX_VALUE - 16;

  private static final String USUAL_NAME = "model.onnx";

  private static final int NAMES_SHOWN = 10;

  /** Bytes that tell what kind of file it is. */
  private static final int HEAD = 4096;

  private static final List<String> OTHER_WEIGHTS =
      List.of(".safetensors", ".bin", ".pt", ".pth", ".h5", ".tflite", ".gguf", ".msgpack");

  /**
   * Finds the model.
   *
   * @throws ModelException if there is no such path, or it holds no model or several
   */
  public static ModelFiles of(Path path) throws ModelException {
    if (Files.isDirectory(path)) {
      return inFolder(path);
    }
    if (!Files.isRegularFile(path)) {
      throw new ModelException("there is no model file '" + path + "'");
    }
    if (isArchive(path)) {
      return inArchive(path);
    }
    return new ModelFiles(DiskFolder.of(path), path.getFileName().toString());
  }

  /** Returns the bytes of the file, which are read later if it is on disk. */
  public ModelSource source() throws ModelException {
    if (!(place instanceof DiskFolder disk)) {
      byte[] bytes = place.read(file, LARGEST).orElseThrow(this::missing);
      requireModel(bytes, bytes.length);
      return new ModelSource.InMemory(bytes);
    }
    Path path = disk.folder().toAbsolutePath().resolve(file);
    if (!Files.isRegularFile(path)) {
      throw missing();
    }
    try (InputStream in = Files.newInputStream(path)) {
      long size = Files.size(path);
      if (size > LARGEST) {
        throw new ModelException(
            "'" + name() + "' has " + size + " bytes; expected at most " + LARGEST);
      }
      requireModel(in.readNBytes(HEAD), size);
      return new ModelSource.OnDisk(path);
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException("'" + name() + "' cannot be read: " + e.getMessage(), e);
    }
  }

  private void requireModel(byte[] head, long size) throws ModelException {
    FileKind.require(head, size, "'" + name() + "'", "an ONNX model");
  }

  private ModelException missing() {
    return new ModelException("there is no model file '" + name() + "'");
  }

  /** Returns the path of the file, as messages show it. */
  public String name() {
    return place.path(file);
  }

  /** Returns the folder in which the model may keep weights; empty for one in a .jar. */
  public Optional<Path> folder() {
    return place instanceof DiskFolder disk
        ? Optional.of(disk.folder().toAbsolutePath())
        : Optional.empty();
  }

  private static boolean isArchive(Path path) throws ModelException {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    if (!name.endsWith(".jar") && !name.endsWith(".zip")) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] start = in.readNBytes(2);
      if (start.length < 2 || start[0] != 'P' || start[1] != 'K') {
        byte[] head = new byte[0];
        try (InputStream again = Files.newInputStream(path)) {
          head = again.readNBytes(256);
        }
        FileKind.require(head, Files.size(path), "'" + path + "'", "a .jar with a model");
        throw new ModelException("'" + path + "' is not a .jar: it is no zip archive");
      }
      return true;
    } catch (ModelException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelException("'" + path + "' cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isModel(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  private static ModelFiles inFolder(Path path) throws ModelException {
    DiskFolder folder = new DiskFolder(path);
    List<ModelFiles> found = new ArrayList<>();
    for (DiskFolder each : List.of(folder, new DiskFolder(path.resolve("onnx")))) {
      List<ModelFiles> here =
          each.names().stream()
              .filter(ModelFiles::isModel)
              .map(name -> new ModelFiles(each, name))
              .toList();
      for (ModelFiles model : here) {
        if (model.file.equals(USUAL_NAME)) {
          return model;
        }
      }
      found.addAll(here);
    }
    if (found.isEmpty()) {
      Optional<String> other =
          folder.names().stream()
              .filter(name -> OTHER_WEIGHTS.stream().anyMatch(name::endsWith))
              .findFirst();
      throw new ModelException(
          "the folder '"
              + path
              + "' has no .onnx file, nor has a folder 'onnx' in it"
              + other
                  .map(name -> "; export '" + name + "' to ONNX first, as with optimum-cli")
                  .orElse("; expected one, or the path of a file"));
    }
    return only("the folder '" + path + "'", found);
  }

  private static ModelFiles inArchive(Path path) throws ModelException {
    ZipFolder root = ZipFolder.of(path);
    List<ModelFiles> found =
        root.entries().stream()
            .filter(ModelFiles::isModel)
            .sorted()
            .map(entry ->
                new ModelFiles(root.folderOf(entry), entry.substring(entry.lastIndexOf('/') + 1)))
            .filter(model -> !model.file.startsWith("."))
            .toList();
    if (found.isEmpty()) {
      throw new ModelException("'" + path + "' has no .onnx file in it");
    }
    return only("'" + path + "'", found);
  }

  /** The only one, or the only one of the usual name. */
  private static ModelFiles only(String where, List<ModelFiles> found) throws ModelException {
    if (found.size() == 1) {
      return found.getFirst();
    }
    List<ModelFiles> usual = found.stream().filter(m -> m.file.equals(USUAL_NAME)).toList();
    if (usual.size() == 1) {
      return usual.getFirst();
    }
    throw new ModelException(
        where
            + " has "
            + found.size()
            + " .onnx files; name one of "
            + found.stream()
                .limit(NAMES_SHOWN)
                .map(ModelFiles::name)
                .collect(Collectors.joining(", "))
            + (found.size() > NAMES_SHOWN ? ", ..." : ""));
  }
}
