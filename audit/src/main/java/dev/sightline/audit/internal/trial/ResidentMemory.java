package dev.sightline.audit.internal.trial;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process, native memory of the model runtime included. */
final class ResidentMemory {
  private static final long PAGE = 4096;

  private ResidentMemory() {}

  /** Resident bytes by Linux's account; -1 on other systems. */
  public static long bytes() {
    Path statm = Path.of("/proc/self/statm");
    try {
      return Files.isReadable(statm)
          ? Long.parseLong(Files.readString(statm).split(" ", 3)[1]) * PAGE
          : -1;
    } catch (IOException e) {
      return -1;
    }
  }
}
