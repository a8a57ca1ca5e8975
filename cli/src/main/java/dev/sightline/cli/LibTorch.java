package dev.sightline.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.eclipse.aether.resolution.ArtifactResolutionException;

/**
 * LibTorch, which only the lab needs: fetched with the user's own Maven when it is first used. It
 * goes on the class path of another process of this program, which then runs the command.
 */
final class LibTorch {
  /** Jars of all platforms; rounded up, in MB. */
  private static final int DOWNLOAD_MB = 115;

  /** What JavaCPP unpacks from them, once. */
  private static final long UNPACKED_BYTES = 400_000_000;

  private static final String GROUP = "org.bytedeco";

  private static final String VECTOR_API = "jdk.incubator.vector";

  private LibTorch() {}

  /** Returns whether LibTorch is on the class path, with its native code for this platform. */
  static boolean isHere() {
    return platform()
        .map(name -> "org/bytedeco/pytorch/" + name + "/")
        .map(folder -> LibTorch.class.getClassLoader().getResource(folder + library()))
        .isPresent();
  }

  private static String library() {
    return System.mapLibraryName("jnitorch");
  }

  /** JavaCPP's name of this platform; empty if it has no LibTorch for it. */
  private static Optional<String> platform() {
    return platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  private static Optional<String> platform(String name, String processor) {
    String os = name.toLowerCase(Locale.ROOT);
    boolean isX86 = processor.equals("amd64") || processor.equals("x86_64");
    if (os.startsWith("linux") && isX86) {
      return Optional.of("linux-x86_64");
    }
    if (os.startsWith("mac") && processor.equals("aarch64")) {
      return Optional.of("macosx-arm64");
    }
    return os.startsWith("windows") && isX86 ? Optional.of("windows-x86_64") : Optional.empty();
  }

  /**
   * Returns JavaCPP's name of a platform.
   *
   * @throws IOException if there is no LibTorch for it
   */
  static String requirePlatform(String os, String processor) throws IOException {
    return platform(os, processor)
        .orElseThrow(() ->
            new IOException(
                "the lab computes with LibTorch, which is not to be had for "
                    + os
                    + " on "
                    + processor
                    + "; it is for Linux and Windows on x86_64, and macOS on arm64"));
  }

  /**
   * Runs a command of this program in a process that has LibTorch.
   *
   * @param arguments of the program
   * @param vectors whether attention is computed there, for which Java needs the Vector API
   * @param err for what is said before
   * @return its exit code
   * @throws IOException if there is no LibTorch for this platform, no room for it, or no way to
   *     fetch it
   */
  static int run(List<String> arguments, boolean vectors, PrintWriter err) throws IOException {
    String platform =
        requirePlatform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    List<String> classPath = new ArrayList<>(List.of(System.getProperty("java.class.path")));
    for (Path jar : jars(platform, err)) {
      classPath.add(jar.toString());
    }
    requireRoom(platform, cache());
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            // JavaCPP reads memory through Unsafe.
            "--sun-misc-unsafe-memory-access=allow",
            "-Dsightline.progress=" + System.getProperty("sightline.progress", "false"),
            "-Dsightline.launcher=" + ProcessHandle.current().pid()));
    if (vectors && ModuleFinder.ofSystem().find(VECTOR_API).isPresent()) {
      words.addAll(List.of("--add-modules", VECTOR_API));
    }
    words.add(Sightline.class.getName());
    words.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
    // Not an argument: ONNX Runtime ends the process if the command line is long.
    builder.environment().put("CLASSPATH", String.join(File.pathSeparator, classPath));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    // More threads than one fight for the cores, and add up in another order each time.
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("OPENBLAS_NUM_THREADS", "1");
    Process process = builder.start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static List<Path> jars(String platform, PrintWriter err) throws IOException {
    Properties versions = versions();
    List<Path> jars = new ArrayList<>();
    boolean isTold = false;
    try (MavenArtifacts artifacts = new MavenArtifacts()) {
      for (String artifact : List.of("javacpp", "openblas", "pytorch")) {
        String version = Objects.requireNonNull(versions.getProperty(artifact));
        for (String classifier : List.of("", platform)) {
          boolean isThere = artifacts.cached(GROUP, artifact, classifier, version).isPresent();
          if (!isThere && !isTold) {
            isTold = true;
            requireRoom(platform, artifacts.localRepository());
            err.println(
                "sightline: the lab computes with LibTorch; Maven fetches it now, %d MB, once"
                    .formatted(DOWNLOAD_MB));
          }
          jars.add(artifacts.fetch(GROUP, artifact, classifier, version));
        }
      }
    } catch (ArtifactResolutionException e) {
      throw new IOException("LibTorch cannot be fetched through Maven: " + e.getMessage(), e);
    }
    return jars;
  }

  private static Properties versions() {
    Properties versions = new Properties();
    try (InputStream in =
        Objects.requireNonNull(LibTorch.class.getResourceAsStream("libtorch.properties"))) {
      versions.load(in);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return versions;
  }

  /** Where JavaCPP unpacks native code, unless it is told another folder. */
  private static Path cache() {
    String given = System.getProperty("org.bytedeco.javacpp.cachedir");
    return given == null
        ? Path.of(System.getProperty("user.home"), ".javacpp", "cache")
        : Path.of(given);
  }

  /** What was unpacked before needs no room again. */
  private static void requireRoom(String platform, Path folder) throws IOException {
    String unpacked = "pytorch-" + versions().getProperty("pytorch") + "-" + platform + ".jar";
    if (Files.isDirectory(folder.resolve(unpacked))) {
      return;
    }
    Path there = folder.toAbsolutePath();
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    long room = there == null ? Long.MAX_VALUE : Files.getFileStore(there).getUsableSpace();
    if (room < UNPACKED_BYTES) {
      throw new IOException(
          "LibTorch needs %d MB in '%s', where %d MB are free"
              .formatted(UNPACKED_BYTES / 1_000_000, folder, room / 1_000_000));
    }
  }
}
