package dev.sightline.web.internal.job;

import dev.sightline.web.internal.http.Access;
import dev.sightline.web.internal.http.HttpProblem;
import dev.sightline.web.internal.http.RequestBody;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;

/**
 * Files that were dropped on the page, those of one drop together: a model, its tokenizer, its
 * external data. They are deleted with their set, and with the server.
 */
final class FileSets {
  private static final int MOST_SETS = 20;
  private static final int MOST_FILES = 64;
  private static final int MOST_UPLOADS = 4;

  /** No separator, no control or invisible character, nothing hidden. */
  private static final Pattern NAME =
      Pattern.compile("(?!\\.)[^/\\\\\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]{1,200}");

  private final Path root;
  private final long limit;
  private final Map<String, Path> folders = new LinkedHashMap<>();
  private final Semaphore uploads = new Semaphore(MOST_UPLOADS);

  /**
   * Sets in a folder.
   *
   * @param limit the most bytes of a set
   */
  FileSets(Path root, long limit) {
    this.root = root;
    this.limit = limit;
  }

  synchronized String add() throws IOException {
    if (folders.size() >= MOST_SETS) {
      throw new HttpProblem(
          409, "there are files of " + MOST_SETS + " models already; remove some first");
    }
    String id = Access.secret();
    folders.put(id, Files.createDirectory(root.resolve("set-" + id)));
    return id;
  }

  /** The folder of a set. */
  synchronized Path folder(String id) {
    Path folder = folders.get(id);
    if (folder == null) {
      throw new HttpProblem(404, "these files are not here any more; drop them again");
    }
    return folder;
  }

  /** Whether a name is one of a file in a folder, and no character of it is invisible. */
  static boolean isPlain(String name) {
    return NAME.matcher(name).matches();
  }

  /** Writes a file of a set, and nothing if it is too large or ends early. */
  long write(String id, String name, InputStream in, long announced) throws IOException {
    if (!isPlain(name)) {
      throw new HttpProblem(422, "a file's name must be plain, without folders");
    }
    Path folder = folder(id);
    if (announced > limit) {
      throw tooLarge(name);
    }
    if (Folders.files(folder).size() >= MOST_FILES) {
      throw new HttpProblem(409, "a model may come with " + MOST_FILES + " files at most");
    }
    if (!uploads.tryAcquire()) {
      throw new HttpProblem(503, "other files are being taken; try again in a moment");
    }
    Path file = folder.resolve(name);
    boolean isWhole = false;
    try (OutputStream out = Files.newOutputStream(file)) {
      long size = RequestBody.copy(in, out, limit - size(folder));
      if (size < 0) {
        throw tooLarge(name);
      }
      if (announced >= 0 && size != announced) {
        throw new HttpProblem(400, name + " ended early");
      }
      isWhole = true;
      return size;
    } finally {
      uploads.release();
      if (!isWhole) {
        Files.deleteIfExists(file);
      }
    }
  }

  private HttpProblem tooLarge(String name) {
    return new HttpProblem(
        413,
        name
            + " is too large: all files of a model may have "
            + limit
            + " bytes; 'sightline serve --upload-limit' allows more");
  }

  private static long size(Path folder) throws IOException {
    long size = 0;
    for (Path file : Folders.files(folder).values()) {
      size += Files.size(file);
    }
    return size;
  }

  /** The model of a set: the file that ends in .onnx; of several the one named model.onnx. */
  static Optional<String> model(Path folder) {
    List<String> models =
        Folders.files(folder).keySet().stream().filter(DataFolder::isModel).toList();
    return models.contains("model.onnx") ? Optional.of("model.onnx") : models.stream().findFirst();
  }

  synchronized void remove(String id) {
    Path folder = folders.remove(id);
    if (folder != null) {
      Folders.delete(folder);
    }
  }

  synchronized List<Map<String, Object>> json() throws IOException {
    List<Map<String, Object>> sets = new ArrayList<>();
    for (Map.Entry<String, Path> set : folders.entrySet()) {
      List<Map<String, Object>> files = new ArrayList<>();
      for (Map.Entry<String, Path> file : Folders.files(set.getValue()).entrySet()) {
        files.add(Map.of("name", file.getKey(), "bytes", Files.size(file.getValue())));
      }
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("id", set.getKey());
      json.put("model", model(set.getValue()).orElse(""));
      json.put("files", files);
      sets.add(json);
    }
    return sets;
  }
}
