package dev.sightline.tensor;

import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * NumPy's .npz format: a zip file with one .npy file for each tensor, named after it. Names are
 * only ever compared, never used as paths, and an entry inflates to what its own header says or is
 * refused.
 *
 * <p>The file is open only while a method runs.
 */
public final class Npz {
  private static final String SUFFIX = ".npy";

  private final Path file;
  private final List<String> names;

  private Npz(Path file, List<String> names) {
    this.file = file;
    this.names = List.copyOf(names);
  }

  /**
   * Reads the names of the tensors in a .npz file. Entries whose name does not end in {@code .npy}
   * are skipped.
   *
   * @param file the .npz file
   * @return the archive; its tensors are read by {@link #read}
   * @throws TensorFileException if there is no such file, if it is no zip file, or if it holds two
   *     tensors of the same name
   */
  public static Npz open(Path file) throws TensorFileException {
    String label = Quoted.of(file.toString());
    if (!Files.isRegularFile(file)) {
      throw new TensorFileException("there is no tensor file " + label);
    }
    List<String> names = new ArrayList<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      zip.stream()
          .map(ZipEntry::getName)
          .filter(entry -> entry.endsWith(SUFFIX))
          .forEach(entry -> names.add(entry.substring(0, entry.length() - SUFFIX.length())));
    } catch (IOException e) {
      throw ByteSource.unreadable(label, e);
    }
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new TensorFileException(label + " holds two tensors named " + Quoted.of(name));
      }
    }
    return new Npz(file, names);
  }

  /**
   * Returns the tensors' names without {@code .npy}.
   *
   * @return the names in the order of the file
   */
  public List<String> names() {
    return names;
  }

  /**
   * Reads one tensor.
   *
   * @param name one of {@link #names()}
   * @return the tensor, row-major and little-endian
   * @throws TensorFileException if there is no tensor of that name, or as {@link Npy#read(Path)}
   */
  public RawTensor read(String name) throws TensorFileException {
    String label = Quoted.of(file.toString());
    String entryLabel = Quoted.of(name) + " in " + label;
    CRC32 crc = new CRC32();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(name + SUFFIX);
      if (entry == null) {
        throw new TensorFileException(
            label + " holds no tensor " + Quoted.of(name) + ", only " + Quoted.list(names));
      }
      try (ByteSource source =
          ByteSource.ofStream(
              entryLabel,
              new CheckedInputStream(zip.getInputStream(entry), crc),
              entry.getSize())) {
        RawTensor tensor = Npy.read(source);
        if (crc.getValue() != entry.getCrc()) { // ZipFile leaves it to the reader to check
          throw source.refusal("is damaged: its checksum is not the one that the zip file states");
        }
        return tensor;
      }
    } catch (TensorFileException e) {
      throw e;
    } catch (IOException e) {
      throw ByteSource.unreadable(entryLabel, e);
    }
  }
}
