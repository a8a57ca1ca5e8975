package dev.sightline.cli;

import dev.sightline.heads.internal.run.Checkpoint;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.report.HeadsReport;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * The folder of a run's checkpoint and results. The checkpoint is deleted after the results are
 * written, so one of the two always exists. A lock file admits one run at a time.
 */
final class HeadsFolder implements AutoCloseable {
  private final Path folder;
  private final Path lockFile;
  private final FileChannel lock;

  private HeadsFolder(Path folder, Path lockFile, FileChannel lock) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Opens and locks a folder.
   *
   * @param resume whether the folder may have a checkpoint
   * @throws IOException if it cannot be made or another run has it
   * @throws IllegalArgumentException if it has a checkpoint and may not
   */
  static HeadsFolder open(Path folder, boolean resume) throws IOException {
    OutputFolder.create(folder);
    Path lockFile = folder.resolve("heads.lock");
    FileChannel lock;
    try {
      lock =
          FileChannel.open(
              lockFile,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new IOException("nothing can be written into '" + folder + "': " + e.getMessage(), e);
    }
    HeadsFolder taken = new HeadsFolder(folder, lockFile, lock);
    if (!taken.isFree()) {
      lock.close();
      throw new IOException("another run is writing into '" + folder + "'");
    }
    for (Path file : files(folder)) {
      AtomicFile.deleteLeftovers(file); // no other run writes here
    }
    if (!resume && Files.exists(taken.checkpoint()) && Checkpoint.isEmpty(taken.checkpoint())) {
      Files.delete(taken.checkpoint()); // of a run that measured nothing
    }
    if (!resume && Files.exists(taken.checkpoint())) {
      taken.close();
      throw new IllegalArgumentException(
          "'"
              + taken.checkpoint()
              + "' is there, of a run that was not finished: go on with --resume, or delete it");
    }
    return taken;
  }

  /** Returns a heads.json, or that of a folder. */
  static Path file(Path result) {
    return Files.isDirectory(result) ? result.resolve("heads.json") : result;
  }

  /** Returns the files that are written into a folder. */
  static Path[] files(Path folder) {
    return Stream.of("heads.json", "heads.csv", "heads.html", "heads.checkpoint")
        .map(folder::resolve)
        .toArray(Path[]::new);
  }

  /** Reads a heads.json, or that of a folder. */
  static HeadStatistics read(Path result) throws IOException {
    Path file = file(result);
    if (!Files.isRegularFile(file)) {
      throw new IOException("there is no '" + file + "'; expected the heads.json of a run");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return HeadStatistics.read(in, file.toString());
    }
  }

  private boolean isFree() throws IOException {
    try {
      return lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Whether the folder has the results of a finished run, and no checkpoint. */
  boolean isFinished() {
    return Files.exists(folder.resolve("heads.json")) && !Files.exists(checkpoint());
  }

  /**
   * Refuses the finished results of another run.
   *
   * @param fresh what a run starts with
   */
  void requireSame(HeadStatistics fresh) throws IOException {
    Checkpoint.requireSame(folder.resolve("heads.json"), read(folder), fresh);
  }

  Path checkpoint() {
    return folder.resolve("heads.checkpoint");
  }

  Path page() {
    return folder.resolve("heads.html");
  }

  void write(HeadStatistics statistics) throws IOException {
    AtomicFile.write(folder.resolve("heads.json"), statistics::writeJson);
    AtomicFile.writeText(folder.resolve("heads.csv"), statistics::writeCsv);
    String html = HeadsReport.page(statistics);
    AtomicFile.writeText(page(), out -> out.write(html));
    Files.deleteIfExists(checkpoint());
  }

  @Override
  public void close() throws IOException {
    // While the lock is held, so that the next run creates a file of its own.
    Files.deleteIfExists(lockFile);
    lock.close();
  }
}
