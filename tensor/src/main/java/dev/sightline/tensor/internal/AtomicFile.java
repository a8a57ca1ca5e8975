package dev.sightline.tensor.internal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Writes files so that a reader finds the old content or all of the new, at any moment. */
public final class AtomicFile {
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final String PREFIX = ".";
  private static final String SUFFIX = ".part";

  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it; the stream is buffered, and stays open. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes the text of a file. */
  @FunctionalInterface
  public interface Text {
    /** Writes all of it; the writer stays open. */
    void writeTo(Writer out) throws IOException;
  }

  /** Writes text as UTF-8; else as {@link #write}. */
  public static void writeText(Path file, Text text) throws IOException {
    write(
        file,
        out -> {
          Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          text.writeTo(writer);
          writer.flush();
        });
  }

  /**
   * Writes into a temporary file beside the file, and moves it into place when all of it is on the
   * disk. The temporary has a name that cannot be guessed and did not exist before. What is no
   * regular file, such as a pipe or a device, is written directly and never replaced. A link stays
   * a link to the new content, if it is the user's own and leads to a file; others are refused.
   *
   * @throws IOException if that fails, naming the file and the reason; the file is then as it was
   */
  public static void write(Path file, Content content) throws IOException {
    try {
      if (isSpecial(file)) {
        OwnLinks.require(file);
        try (OutputStream out =
            new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.WRITE))) {
          content.writeTo(out);
        }
      } else {
        replace(Files.isSymbolicLink(file) ? OwnLinks.target(file) : file, content);
      }
    } catch (IOException e) {
      throw new IOException("'" + file + "' cannot be written: " + reason(e), e);
    }
  }

  /** A device, a pipe, or what /dev/stdout points to, even if that is a file. */
  private static boolean isSpecial(Path file) {
    Path path = file.toAbsolutePath().normalize();
    boolean descriptor =
        Files.exists(file) && (path.startsWith("/dev/fd") || path.startsWith("/proc"));
    boolean standard = path.equals(Path.of("/dev/stdout")) || path.equals(Path.of("/dev/stderr"));
    return descriptor || standard || (Files.exists(file) && !Files.isRegularFile(file));
  }

  private static void replace(Path file, Content content) throws IOException {
    Path part = temporary(file);
    FileChannel channel =
        FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      try (channel;
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
        keepPermissions(file, part);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      move(part, file);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * Moves a finished file of the same folder into the place of another, as {@link #write} does.
   *
   * @throws IOException if that fails, naming the file and the reason; the file is then as it was
   */
  public static void moveInto(Path finished, Path file) throws IOException {
    try {
      Path target = Files.isSymbolicLink(file) ? OwnLinks.target(file) : file;
      keepPermissions(target, finished);
      move(finished, target);
    } catch (IOException e) {
      throw new IOException("'" + file + "' cannot be written: " + reason(e), e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** In the file's own folder: a rename works within one file system only. */
  private static Path temporary(Path file) {
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    String name = String.valueOf(file.getFileName());
    String stem =
        name.substring(
            0, name.offsetByCodePoints(0, Math.min(40, name.codePointCount(0, name.length()))));
    return file.resolveSibling(PREFIX + stem + "." + HexFormat.of().formatHex(random) + SUFFIX);
  }

  private static void keepPermissions(Path file, Path part) throws IOException {
    if (Files.exists(file) && Files.getFileStore(part).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(part, Files.getPosixFilePermissions(file));
    }
  }

  /**
   * Deletes temporaries of a file that a process left when it was killed. Only for a file that no
   * other process writes now.
   */
  public static void deleteLeftovers(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Pattern name =
        Pattern.compile(
            Pattern.quote(PREFIX + file.getFileName()) + "\\.[0-9a-f]{16}" + Pattern.quote(SUFFIX));
    if (folder == null) {
      return;
    }
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            folder, each -> name.matcher(each.getFileName().toString()).matches())) {
      for (Path left : files) {
        Files.deleteIfExists(left);
      }
    }
  }

  /** The message of some of these exceptions is the path alone. */
  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "its folder does not exist";
    }
    if (e instanceof FileSystemException system) {
      return system.getReason() != null ? system.getReason() : e.getClass().getSimpleName();
    }
    return String.valueOf(e.getMessage());
  }
}
