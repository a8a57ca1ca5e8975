package dev.sightline.onnx.internal.natives;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The native libraries of ONNX Runtime, of the tokenizers and of Parquet's compressions, unpacked
 * once into the user's {@link LibraryCache}. Left to themselves, the first unpacks 28 MB into a new
 * temporary folder for each process, which stays where the process is killed, the second loads
 * whatever it finds in its folder, and the others leave a file each behind a killed process.
 *
 * <p>Which files these are, with their sizes and SHA-256, is in natives.txt; jars of other versions
 * are left to themselves. So is everything where the user says where libraries are, or where the
 * cache cannot be used safely.
 */
public final class NativeLibraries {
  private static final String RUNTIME_PATH = "onnxruntime.native.path";
  private static final String TOKENIZERS_PATH = "RUST_LIBRARY_PATH";

  /** A part of the file's name; that of the jar which natives.txt lists. */
  private static final String ZSTD_VERSION = "1.5.7-28";

  private static final System.Logger LOG = System.getLogger("dev.sightline.onnx");

  private NativeLibraries() {}

  /** Loaded at first use, under the class loader's own lock. */
  private static final class RuntimeHolder {
    static {
      use(
          RUNTIME_PATH,
          "onnxruntime",
          "",
          "ai/onnxruntime/native/" + runtimePlatform() + "/",
          OrtEnvironment.class);
    }

    static void load() {}
  }

  /** As above. */
  private static final class TokenizersHolder {
    static {
      use(
          TOKENIZERS_PATH,
          "tokenizers",
          // The file: of a folder, version 0.38.0 asks for the kind of the graphics card first, and
          // fails where there is none.
          System.mapLibraryName("tokenizers"),
          "native/lib/" + tokenizersPlatform() + "/cpu/",
          HuggingFaceTokenizer.class);
    }

    static void load() {}
  }

  /** As above; both are on the class path where data files of the Parquet format can be read. */
  private static final class CompressionsHolder {
    static {
      use(
          "org.xerial.snappy.lib.path",
          "snappy",
          "",
          "org/xerial/snappy/native/" + snappyPlatform() + "/",
          "org.xerial.snappy.Snappy");
      use(
          "ZstdNativePath",
          "zstd",
          System.mapLibraryName("zstd-jni-" + ZSTD_VERSION).replaceFirst("^(?!lib)", "lib"),
          zstdPlatform() + "/",
          "com.github.luben.zstd.Zstd");
    }

    static void load() {}
  }

  /** Says where the libraries are that unpack the pages of Parquet; called before their use. */
  public static void prepareCompressions() {
    CompressionsHolder.load();
  }

  /** Says where ONNX Runtime's libraries are; called before its first use. */
  public static void prepareRuntime() {
    RuntimeHolder.load();
  }

  /**
   * Deletes the empty folder that ONNX Runtime makes even where it unpacks nothing, and deletes
   * only if the process ends in peace. Called after its first use.
   */
  public static void removeEmptyFolder() {
    Emptied.load();
  }

  /** As above. */
  private static final class Emptied {
    static {
      try {
        Field field = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("tempDirectory");
        field.setAccessible(true);
        if (field.get(null) instanceof Path folder) {
          Files.deleteIfExists(folder);
        }
      } catch (ReflectiveOperationException | InaccessibleObjectException | IOException e) {
        LOG.log(Level.DEBUG, () -> "ONNX Runtime's temporary folder stays: " + e);
      }
    }

    static void load() {}
  }

  /** Says where the tokenizers' library is; called before its first use. */
  public static void prepareTokenizers() {
    TokenizersHolder.load();
  }

  /** A class of the jar by its name, since this module does not need the jar. */
  private static void use(
      String property, String name, String file, String prefix, String classOfJar) {
    try {
      ClassLoader loader = NativeLibraries.class.getClassLoader();
      use(property, name, file, prefix, Class.forName(classOfJar, false, loader));
    } catch (ClassNotFoundException e) {
      LOG.log(Level.DEBUG, () -> "no " + classOfJar + ": its library is not looked for");
    }
  }

  private static void use(String property, String name, String file, String prefix, Class<?> jar) {
    if (System.getProperty(property) != null || System.getenv(property) != null) {
      return;
    }
    try {
      List<NativeFile> files = listed(prefix, jar);
      if (!files.isEmpty()) {
        Path folder = LibraryCache.ofUser().folder(name, files);
        System.setProperty(property, folder.resolve(file).toString());
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, () -> "no cache for the libraries of " + name + ": " + e.getMessage());
    }
  }

  /** The files of a platform, if the jar on the class path is the one that is listed. */
  private static List<NativeFile> listed(String prefix, Class<?> jar) throws IOException {
    List<NativeFile> files = new ArrayList<>();
    for (NativeFile file : all()) {
      if (file.path().startsWith(prefix)) {
        URL resource = jar.getResource("/" + file.path());
        if (resource == null || resource.openConnection().getContentLengthLong() != file.size()) {
          return List.of();
        }
        files.add(file.from(resource));
      }
    }
    return files;
  }

  /** Reads natives.txt: a line of SHA-256, size in bytes and path for each file. */
  static List<NativeFile> all() throws IOException {
    try (InputStream in = NativeLibraries.class.getResourceAsStream("natives.txt")) {
      String text =
          new String(
              Objects.requireNonNull(in, "natives.txt").readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .map(line -> line.split(" ", 3))
          .map(part -> new NativeFile(part[2], Long.parseLong(part[1]), part[0], null))
          .toList();
    }
  }

  private static String runtimePlatform() {
    return switch (system()) {
          case "osx" -> "osx-";
          case "win" -> "win-";
          default -> "linux-";
        }
        + (isArm() ? "aarch64" : "x64");
  }

  private static String tokenizersPlatform() {
    return system() + "-" + (isArm() ? "aarch64" : "x86_64");
  }

  private static String snappyPlatform() {
    return switch (system()) {
          case "osx" -> "Mac/";
          case "win" -> "Windows/";
          default -> "Linux/";
        }
        + (isArm() ? "aarch64" : "x86_64");
  }

  private static String zstdPlatform() {
    String system = system();
    String arch = isArm() ? "aarch64" : system.equals("osx") ? "x86_64" : "amd64";
    return (system.equals("osx") ? "darwin" : system) + "/" + arch;
  }

  private static String system() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return name.contains("mac") || name.contains("darwin")
        ? "osx"
        : name.contains("win") ? "win" : "linux";
  }

  private static boolean isArm() {
    String arch = System.getProperty("os.arch", "");
    return arch.equals("aarch64") || arch.equals("arm64");
  }
}
