package dev.sightline.onnx;

import dev.sightline.onnx.internal.model.ModelWriter;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.ModelException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A model with the files of its weights and its tokenizer in one .zip, to travel to another
 * machine.
 */
public final class ModelBundle {
  private static final String MODEL = "model.onnx";
  private static final String TOKENIZER = "tokenizer.json";

  private ModelBundle() {}

  /**
   * Writes the files of a model, as they are. The same model gives the same bytes.
   *
   * @param loaded the model and its tokenizer, if there is one
   * @param zip the file to write
   * @throws IOException if a file cannot be read or written
   */
  public static void write(LoadedModel loaded, Path zip) throws IOException {
    ModelWriter files = new ModelWriter(ParsedModel.of(loaded.model()));
    try (ZipOutputStream out =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(zip)))) {
      // Weights hardly become smaller.
      out.setLevel(Deflater.NO_COMPRESSION);
      out.putNextEntry(entry(MODEL));
      files.copyOwn(out);
      for (ModelWriter.External each : files.external()) {
        out.putNextEntry(entry(each.location()));
        Files.copy(each.file(), out);
      }
      Tokenizer tokenizer = loaded.tokenizer();
      if (tokenizer != null) {
        out.putNextEntry(entry(TOKENIZER));
        out.write(tokenizer.json());
      }
    }
  }

  private static ZipEntry entry(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0);
    return entry;
  }

  /**
   * Opens what {@link #write} wrote.
   *
   * @param zip the file
   * @param folder an empty folder for the model's files; they must stay as long as the model is
   *     used
   * @return the model, to be closed
   * @throws ModelException if the model cannot be used
   * @throws IOException if the file cannot be read, or names a file outside of the folder
   */
  public static LoadedModel open(Path zip, Path folder) throws IOException {
    // A folder below: a tokenizer would be looked for in the one above.
    Path root = folder.toAbsolutePath().normalize().resolve("model");
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(zip));
        ZipInputStream in = new ZipInputStream(bytes)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Path file = root.resolve(entry.getName()).normalize();
        Path parent = file.getParent();
        if (!file.startsWith(root) || parent == null) {
          throw new IOException(
              "'" + zip + "' names a file outside of its folder: '" + entry.getName() + "'");
        }
        Files.createDirectories(parent);
        Files.copy(in, file);
      }
    }
    return LoadedModel.open(root.resolve(MODEL));
  }
}
