package dev.sightline.web.internal.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Folders of uploaded files and of jobs, below one that is of this process alone. */
final class Folders {
  private static final String PREFIX = "sightline-serve-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,9})-.*");
  private static final int DEEPEST = 3;

  private Folders() {}

  /** A new folder for this process; those of processes that were killed are deleted. */
  static Path root() throws IOException {
    Path root = Files.createTempDirectory(PREFIX + ProcessHandle.current().pid() + "-");
    Path parent = root.getParent();
    if (parent != null) {
      try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, PREFIX + "*")) {
        left.forEach(Folders::deleteIfLeft);
      }
    }
    return root;
  }

  private static void deleteIfLeft(Path folder) {
    Matcher name = NAME.matcher(folder.getFileName().toString());
    if (name.matches()
        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
        && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        && Files.isWritable(folder)) {
      delete(folder);
    }
  }

  /** Deletes a folder and all in it, as far as that can be deleted. */
  static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException e)
                throws IOException {
              Files.deleteIfExists(each);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      folder.toFile().deleteOnExit(); // a process still writes into it
    }
  }

  /** The files in a folder and those below it, by their names from there, with / between. */
  static Map<String, Path> files(Path folder) {
    Map<String, Path> files = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return files;
    }
    try (Stream<Path> all = Files.walk(folder, DEEPEST)) {
      List<Path> regular =
          all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).toList();
      for (Path file : regular) {
        files.put(folder.relativize(file).toString().replace('\\', '/'), file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }
}
