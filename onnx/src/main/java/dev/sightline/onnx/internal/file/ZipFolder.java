package dev.sightline.onnx.internal.file;

import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A folder inside a .jar. Entries are read into memory and never written to disk, so that their
 * names can lead nowhere; and no more of them is unpacked than a model or a tokenizer can be.
 *
 * @param zip the .jar
 * @param prefix what the names of its entries begin with: empty, or a path that ends with a slash
 * @param entries the names of all entries of the .jar that are files
 */
public record ZipFolder(Path zip, String prefix, List<String> entries) implements FilePlace {
  /** What any entry may unpack to, bytes. */
  private static final long SMALL = 64L << 20;

  /** Bytes that one compressed byte may become in larger entries. Weights become 1 to 4. */
  private static final long LARGEST_RATIO = 50;

  public ZipFolder {
    entries = List.copyOf(entries);
  }

  /** Opens a .jar at its root. */
  public static ZipFolder of(Path zip) throws ModelException {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      List<String> names =
          file.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
      return new ZipFolder(zip, "", names);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(zip, e);
    }
  }

  private static ModelException unreadable(Path zip, Exception e) {
    return new ModelException("'" + zip + "' cannot be read as a .jar: " + e.getMessage(), e);
  }

  /** Returns the folder of an entry. */
  public ZipFolder folderOf(String entry) {
    return new ZipFolder(zip, entry.substring(0, entry.lastIndexOf('/') + 1), entries);
  }

  @Override
  public List<String> names() {
    return entries.stream()
        .filter(entry -> entry.startsWith(prefix) && entry.indexOf('/', prefix.length()) < 0)
        .map(entry -> entry.substring(prefix.length()))
        .filter(name -> !name.startsWith("."))
        .sorted()
        .toList();
  }

  @Override
  public Optional<byte[]> read(String name, long limit) throws ModelException {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      ZipEntry entry = file.getEntry(prefix + name);
      if (entry == null || entry.isDirectory()) {
        return Optional.empty();
      }
      long most =
          Math.min(limit, Math.max(SMALL, LARGEST_RATIO * Math.max(0, entry.getCompressedSize())));
      if (entry.getSize() > most) {
        throw tooLarge(name, most);
      }
      try (InputStream in = file.getInputStream(entry)) {
        byte[] bytes = in.readNBytes((int) Math.min(most + 1, Integer.MAX_VALUE - 16));
        if (bytes.length > most) {
          throw tooLarge(name, most);
        }
        return Optional.of(bytes);
      }
    } catch (ModelException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelException("'" + path(name) + "' cannot be read: " + e.getMessage(), e);
    }
  }

  private ModelException tooLarge(String name, long most) {
    return new ModelException(
        "'" + path(name) + "' unpacks to more than " + most + " bytes, and is not read");
  }

  @Override
  public boolean has(String name) {
    return entries.contains(prefix + name);
  }

  @Override
  public String path(String name) {
    return zip + "!/" + prefix + name;
  }

  @Override
  public Optional<FilePlace> above() {
    return prefix.isEmpty()
        ? Optional.empty()
        : Optional.of(folderOf(prefix.substring(0, prefix.length() - 1)));
  }
}
