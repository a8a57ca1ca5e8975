package dev.sightline.spark.internal;

import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelBundle;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.jspecify.annotations.Nullable;

/**
 * A model in an executor process, and its tokenizers. Several tasks may use it at a time; each
 * borrows a tokenizer, which is not thread-safe.
 */
final class UnpackedModel implements AutoCloseable {
  private final Model model;
  private final Path folder;
  private final Queue<Tokenizer> idle = new ConcurrentLinkedQueue<>();
  private final byte @Nullable [] tokenizer;

  private UnpackedModel(LoadedModel loaded, Model model, Path folder) {
    this.model = model;
    this.folder = folder;
    Tokenizer own = loaded.tokenizer();
    this.tokenizer = own == null ? null : own.json();
    if (own != null) {
      idle.add(own);
    }
  }

  /**
   * Unpacks the model that Spark brought to this process.
   *
   * @param threads that its sessions run on
   * @throws IOException if what arrived is not the model of the driver
   */
  static UnpackedModel of(SentModel sent, int threads) throws IOException {
    Path zip = Path.of(SparkFiles.get(sent.bundle()));
    sent.requireBundle(zip);
    Path folder = Files.createTempDirectory("sightline-model");
    try {
      LoadedModel loaded = ModelBundle.open(zip, folder);
      try {
        sent.requireModel(loaded);
        return new UnpackedModel(loaded, sent.resolve(loaded).withThreads(threads), folder);
      } catch (IOException | RuntimeException e) {
        loaded.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  Model model() {
    return model;
  }

  /** A tokenizer in use by one thread; null if the model has none. */
  record Borrowed(UnpackedModel owner, @Nullable Tokenizer tokenizer) implements AutoCloseable {
    @Override
    public void close() {
      if (tokenizer != null) {
        owner.idle.add(tokenizer);
      }
    }
  }

  Borrowed borrow() throws IOException {
    Tokenizer free = idle.poll();
    if (free == null && tokenizer != null) {
      free = Tokenizer.parse(tokenizer, "the tokenizer of " + model);
    }
    return new Borrowed(this, free);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // A folder of the system's temporary files, which the system removes.
      folder.toFile().deleteOnExit();
    }
  }

  @Override
  public void close() {
    idle.forEach(Tokenizer::close);
    delete(folder);
  }
}
