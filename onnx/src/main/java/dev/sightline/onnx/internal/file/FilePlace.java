package dev.sightline.onnx.internal.file;

import dev.sightline.onnx.inventory.ModelException;
import java.util.List;
import java.util.Optional;

/** A folder that files of a model are read from: on disk, or inside a .jar. */
public sealed interface FilePlace permits DiskFolder, ZipFolder {
  /** Returns the names of the files here, sorted. Hidden files are left out. */
  List<String> names() throws ModelException;

  /**
   * Returns the bytes of a file here; empty if there is no such file.
   *
   * @param name one of {@link #names}, or a name to try
   * @param limit the largest size, bytes
   * @throws ModelException if it is larger, or cannot be read
   */
  Optional<byte[]> read(String name, long limit) throws ModelException;

  /** Returns whether there is a file of this name here. */
  boolean has(String name);

  /** Returns how messages name a file here. */
  String path(String name);

  /** Returns the folder that this one is in; empty if there is none. */
  Optional<FilePlace> above();
}
