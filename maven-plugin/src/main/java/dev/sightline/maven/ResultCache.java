package dev.sightline.maven;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The last result of an execution, which holds as long as the request, the version of the plugin
 * and the SHA-256 of every file that was read stay the same. The files of a model are the .onnx
 * file and what the process names in {@value #FILES}: its weights. Tokenizers and configurations
 * are searched for in its folder and the one above, so all their .json files count.
 */
final class ResultCache {
  /** Written by the process: the further files of the model, a line each. */
  static final String FILES = "files.txt";

  private static final String REQUEST = "request";
  private static final String CODE = "code";
  private static final String LINES = "lines";

  private final Path folder;
  private final List<Path> inputs;
  private final String request;

  ResultCache(Path folder, String version, Properties request, List<Path> inputs) {
    this.folder = folder;
    this.inputs = inputs;
    Map<String, String> sorted = new TreeMap<>();
    request.stringPropertyNames().forEach(key -> sorted.put(key, request.getProperty(key)));
    this.request = version + " " + sorted;
  }

  /**
   * Returns the kept result; null if there is none, it no longer holds, or its reports are gone.
   */
  @Nullable Outcome find(Path reports) throws IOException {
    Path file = folder.resolve("result.properties");
    if (!Files.isRegularFile(file) || !Files.isDirectory(reports)) {
      return null;
    }
    Properties kept = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      kept.load(in);
    } catch (IllegalArgumentException e) {
      return null; // damaged: as if there were none
    }
    if (!request.equals(kept.getProperty(REQUEST))) {
      return null;
    }
    for (Map.Entry<String, String> digest : digests().entrySet()) {
      if (!digest.getValue().equals(kept.getProperty(digest.getKey()))) {
        return null;
      }
    }
    String code = kept.getProperty(CODE, "");
    return code.matches(Outcome.FINE + "|" + Outcome.FAILED)
        ? new Outcome(Integer.parseInt(code), kept.getProperty(LINES, "").lines().toList())
        : null;
  }

  void keep(Outcome outcome) throws IOException {
    Files.createDirectories(folder);
    Properties kept = new Properties();
    digests().forEach(kept::setProperty);
    kept.setProperty(REQUEST, request);
    kept.setProperty(CODE, Integer.toString(outcome.code()));
    kept.setProperty(LINES, String.join("\n", outcome.lines()));
    try (OutputStream out = Files.newOutputStream(folder.resolve("result.properties"))) {
      kept.store(out, null);
    }
  }

  /** Where the process names further files. */
  Path files() {
    return folder.resolve(FILES);
  }

  /** The SHA-256 of every file, and the names of those that a tokenizer is searched among. */
  private Map<String, String> digests() throws IOException {
    TreeSet<Path> files = new TreeSet<>();
    TreeSet<Path> folders = new TreeSet<>();
    for (Path input : inputs) {
      Path given = input.toAbsolutePath().normalize();
      Path folder = Files.isDirectory(given) ? given : given.getParent();
      if (folder != null && given.equals(inputs.get(0).toAbsolutePath().normalize())) {
        folders.add(folder);
        Path above = folder.getParent();
        if (above != null) {
          folders.add(above);
        }
      }
      if (Files.isDirectory(given)) {
        files.addAll(regular(given, name -> name.endsWith(".onnx")));
        files.addAll(regular(given.resolve("onnx"), name -> name.endsWith(".onnx")));
      } else {
        files.add(given);
      }
    }
    for (Path folder : folders) {
      files.addAll(regular(folder, name -> name.endsWith(".json")));
    }
    if (Files.isRegularFile(files())) {
      for (String line : Files.readAllLines(files(), StandardCharsets.UTF_8)) {
        files.add(Path.of(line));
      }
    }
    Map<String, String> digests = new TreeMap<>();
    digests.put("names", files.toString());
    for (Path file : files) {
      digests.put("sha256 " + file, Files.isRegularFile(file) ? sha256(file) : "none");
    }
    return digests;
  }

  private interface NameTest {
    boolean accepts(String lowerCaseName);
  }

  private static List<Path> regular(Path folder, NameTest test) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> found = new ArrayList<>();
      entries
          .filter(Files::isRegularFile)
          .filter(file -> test.accepts(file.getFileName().toString().toLowerCase(Locale.ROOT)))
          .forEach(found::add);
      return found;
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        byte[] chunk = new byte[1 << 16];
        while (in.read(chunk) >= 0) {
          // The digest takes what is read.
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
