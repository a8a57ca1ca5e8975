package dev.sightline.audit.internal.trial;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Memory of this process, native memory of the model runtime included. */
final class ResidentMemory {
  private static final long PAGE = 4096;

  private ResidentMemory() {}

  /** Resident bytes by Linux's account; empty on other systems. */
  static OptionalLong bytes() {
    Path statm = Path.of("/proc/self/statm");
    try {
      return Files.isReadable(statm)
          ? OptionalLong.of(Long.parseLong(Files.readString(statm).split(" ", 3)[1]) * PAGE)
          : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
