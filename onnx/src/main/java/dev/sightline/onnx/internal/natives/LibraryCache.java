package dev.sightline.onnx.internal.natives;

import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * A folder of the user's with native libraries, each checked by its SHA-256 before it is used.
 *
 * <p>Another user must not be able to put a library there, or to exchange one after the check. So
 * the folders are the user's own and closed to others, links are not followed, and no folder above
 * may be written by others, unless they cannot get there. Where that does not hold, the cache is
 * not used. A library that is not whole, as after a crash, is unpacked again.
 */
final class LibraryCache {
  private static final int SHORT_HASH = 16;
  private static final int OTHERS_WRITE = 0022;
  private static final int OTHERS_SEARCH = 0011;
  private static final int STICKY = 01000;

  private final Path root;

  LibraryCache(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  /**
   * The cache of the user who runs this: {@code sightline.cache}, or a folder where the system
   * keeps what can be made again.
   *
   * @throws IOException if there is no such folder
   */
  static LibraryCache ofUser() throws IOException {
    String given = System.getProperty("sightline.cache");
    if (given != null) {
      return new LibraryCache(Path.of(given));
    }
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String xdg = System.getenv("XDG_CACHE_HOME");
    String local = System.getenv("LOCALAPPDATA");
    Path home = Path.of(System.getProperty("user.home", ""));
    if (!home.isAbsolute() || !Files.isDirectory(home)) {
      throw new IOException("the user has no home folder: '" + home + "'");
    }
    Path folder =
        system.contains("win") && local != null
            ? Path.of(local)
            : system.contains("mac")
                ? home.resolve("Library").resolve("Caches")
                : xdg != null && Path.of(xdg).isAbsolute() ? Path.of(xdg) : home.resolve(".cache");
    return new LibraryCache(folder.resolve("sightline"));
  }

  /**
   * Returns a folder with libraries, each of which is what its SHA-256 says.
   *
   * @throws IOException if the cache cannot be written, or others could change what is in it
   */
  Path folder(String name, List<NativeFile> files) throws IOException {
    String sums = files.stream().map(NativeFile::sha256).collect(Collectors.joining());
    String hash = Sha256.of(sums.getBytes(StandardCharsets.UTF_8));
    Path above = root.getParent();
    if (above == null) {
      throw new IOException("'" + root + "' is no folder for a cache");
    }
    if (!Files.isDirectory(above)) {
      Files.createDirectories(above);
    }
    above = above.toRealPath();
    Path real = above.resolve(root.getFileName());
    Path natives = real.resolve("native");
    Path folder = natives.resolve(name + "-" + hash.substring(0, SHORT_HASH));
    for (Path own : List.of(real, natives, folder)) {
      createClosed(own);
    }
    requireUnreachable(above);
    for (NativeFile file : files) {
      Path target = folder.resolve(file.name());
      if (!isWhole(target, file)) {
        unpack(file, target);
      }
    }
    return folder;
  }

  private static void createClosed(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, permissions(folder, "rwx------"));
    } catch (FileAlreadyExistsException e) {
      requireOwn(folder, true);
    }
  }

  private static FileAttribute<?>[] permissions(Path near, String permissions) {
    return isPosix(near)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }

  /** A folder or file that the user owns and no other can write; no link. */
  private static void requireOwn(Path path, boolean isFolder) throws IOException {
    boolean right =
        isFolder
            ? Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
            : Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    if (!right) {
      throw new IOException("'" + path + "' is no " + (isFolder ? "folder" : "file"));
    }
    if (isPosix(path)) {
      if (owner(path) != self()) {
        throw new IOException("'" + path + "' belongs to another user");
      }
      if ((mode(path) & OTHERS_WRITE) != 0) {
        throw new IOException("'" + path + "' can be written by others");
      }
    }
  }

  /** Whether no other user can rename the folder below a folder and put another in its place. */
  private static void requireUnreachable(Path from) throws IOException {
    if (!isPosix(from)) {
      return;
    }
    Path writable = null;
    for (Path folder = from; folder != null; folder = folder.getParent()) {
      int owner = owner(folder);
      int mode = mode(folder);
      if (owner != self() && owner != 0) {
        throw new IOException("'" + folder + "' belongs to another user");
      }
      if ((mode & OTHERS_SEARCH) == 0 && owner == self()) {
        return;
      }
      if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
        writable = folder;
      }
    }
    if (writable != null) {
      throw new IOException("'" + writable + "' can be written by others");
    }
  }

  private static int owner(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
  }

  /** The user of this process: the owner of a file that it makes. */
  private static int self() throws IOException {
    Path process = Path.of("/proc/self");
    if (Files.exists(process)) {
      return (int) Files.getAttribute(process, "unix:uid");
    }
    Path made = Files.createTempFile("sightline", ".owner");
    try {
      return owner(made);
    } finally {
      Files.delete(made);
    }
  }

  private static boolean isWhole(Path target, NativeFile file) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    requireOwn(target, false);
    try (FileChannel channel =
        FileChannel.open(target, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      return channel.size() == file.size() && Sha256.of(channel).equals(file.sha256());
    }
  }

  /** Under another name first: another process may be loading it, or doing the same. */
  private static void unpack(NativeFile file, Path target) throws IOException {
    byte[] bytes;
    try (InputStream in = Objects.requireNonNull(file.source(), file.path()).openStream()) {
      bytes = in.readAllBytes();
    }
    if (!Sha256.of(bytes).equals(file.sha256())) {
      throw new IOException("'" + file.path() + "' in its jar has another SHA-256 than expected");
    }
    String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path part = target.resolveSibling(target.getFileName() + "." + random + ".part");
    try {
      Files.createFile(part, permissions(part, "rwx------"));
      try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          out.write(left);
        }
        out.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
