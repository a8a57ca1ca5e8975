package dev.sightline.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.toolchain.Toolchain;
import org.apache.maven.toolchain.ToolchainManager;
import org.jspecify.annotations.Nullable;

/**
 * A Java to start.
 *
 * @param home its folder
 * @param version its feature version; 0 if unknown
 * @param reason why it was chosen, for a message
 */
record JavaHome(Path home, int version, String reason) {
  static final int LEAST = 21;

  /** The one that was asked for, else that of a toolchain, else the one that runs Maven. */
  static JavaHome choose(@Nullable File asked, MavenSession session, ToolchainManager toolchains) {
    if (asked != null) {
      return of(asked.toPath(), "<javaHome> is");
    }
    Toolchain chosen = toolchains.getToolchainFromBuildContext("jdk", session);
    String java = chosen == null ? null : chosen.findTool("java");
    if (java != null) {
      return of(homeOf(Path.of(java)), "the toolchain is");
    }
    for (Toolchain newer :
        toolchains.getToolchains(session, "jdk", Map.of("version", "[" + LEAST + ",)"))) {
      String tool = newer.findTool("java");
      if (tool != null) {
        return of(homeOf(Path.of(tool)), "the toolchain is");
      }
    }
    return of(Path.of(System.getProperty("java.home")), "Maven runs on");
  }

  private static Path homeOf(Path java) {
    Path bin = java.toAbsolutePath().getParent();
    Path home = bin == null ? null : bin.getParent();
    return home == null ? java : home;
  }

  private static JavaHome of(Path home, String reason) {
    Properties release = new Properties();
    try (var in = Files.newBufferedReader(home.resolve("release"))) {
      release.load(in);
    } catch (IOException | IllegalArgumentException e) {
      return new JavaHome(home, 0, reason);
    }
    String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
    String feature = version.split("[.+-]", -1)[0];
    return new JavaHome(home, feature.matches("\\d{1,4}") ? Integer.parseInt(feature) : 0, reason);
  }

  Path java() {
    boolean windows = File.separatorChar == '\\';
    return home.resolve("bin").resolve(windows ? "java.exe" : "java");
  }

  /** As in {@code Maven runs on Java 17 of '/usr/lib/jvm/java-17'}. */
  @Override
  public String toString() {
    return reason
        + " "
        + (version == 0 ? "an unknown Java" : "Java " + version)
        + " of '"
        + home
        + "'";
  }
}
