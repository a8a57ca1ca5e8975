package dev.sightline.web.internal.job;

import dev.sightline.web.internal.http.HttpProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The one folder whose files the page may use; it names them, and never writes. */
final class DataFolder {
  private static final int MOST = 500;
  private static final List<String> DATA =
      List.of(".jsonl", ".csv", ".tsv", ".parquet", ".txt", ".npz", ".safetensors");

  private static final List<String> MODELS = List.of(".onnx");

  private final @Nullable Path folder;

  DataFolder(@Nullable Path folder) {
    this.folder = folder;
  }

  /** The folder itself. */
  Path path() {
    if (folder == null) {
      throw new HttpProblem(403, "the workbench was started without --folder");
    }
    return folder;
  }

  /** The names of the models and of the data files in the folder. */
  Map<String, Object> json() {
    return folder == null
        ? Map.of()
        : Map.of(
            "name", folder.toString(),
            "models", names(folder, MODELS),
            "data", names(folder, DATA));
  }

  private static List<String> names(Path folder, List<String> ends) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> endsIn(name, ends) && FileSets.isPlain(name))
          .sorted()
          .limit(MOST)
          .toList();
    } catch (IOException e) {
      throw new HttpProblem(500, "the folder cannot be read");
    }
  }

  /** Whether a file is a model, by its name in any case. */
  static boolean isModel(String name) {
    return endsIn(name, MODELS);
  }

  private static boolean endsIn(String name, List<String> ends) {
    return ends.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
  }

  /**
   * A file of the folder. Its name must be in the folder itself, and a link must not lead out of
   * it.
   */
  Path file(String name) {
    Path parent = path();
    if (!FileSets.isPlain(name)) {
      throw new HttpProblem(403, "only files in the folder of the workbench can be named");
    }
    try {
      Path real = parent.resolve(name).toRealPath();
      if (parent.equals(real.getParent()) && Files.isRegularFile(real)) {
        return real;
      }
    } catch (IOException e) {
      throw new HttpProblem(404, "there is no such file in the folder of the workbench");
    }
    throw new HttpProblem(403, "only files in the folder of the workbench can be named");
  }
}
