package dev.sightline.spark.internal;

import dev.sightline.data.DataException;
import dev.sightline.data.MaskPolarity;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelBundle;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.internal.FilePart;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/**
 * A model as it travels to the executors.
 *
 * @param bundle the name under which Spark distributes its files
 * @param bundleSha256 of that file
 * @param modelSha256 of the model
 * @param polarity null for what the model shows
 */
public record SentModel(
    String bundle,
    String bundleSha256,
    String modelSha256,
    long padId,
    @Nullable MaskPolarity polarity)
    implements Serializable {

  /** Sends the model's files, unless an earlier run of this application sent the same ones. */
  public static SentModel send(
      JavaSparkContext spark, LoadedModel loaded, long padId, @Nullable MaskPolarity polarity)
      throws IOException {
    Path folder = Files.createTempDirectory("sightline-bundle");
    Path zip = folder.resolve("new.zip");
    ModelBundle.write(loaded, zip);
    String sha256 = sha256(zip);
    // Named by its content: Spark refuses two files of a name.
    String name = "sightline-" + sha256 + ".zip";
    if (spark.sc().listFiles().exists(file -> file.endsWith("/" + name))) {
      Files.delete(zip);
      Files.delete(folder);
    } else {
      Path named = Files.move(zip, folder.resolve(name));
      folder.toFile().deleteOnExit(); // in the opposite order
      named.toFile().deleteOnExit();
      spark.addFile(named.toString());
    }
    return new SentModel(name, sha256, loaded.model().sha256(), padId, polarity);
  }

  /** Returns the model with what its mask means. */
  Model resolve(LoadedModel loaded) throws ModelException {
    return ModelExperiments.resolve(loaded.model(), padId, Optional.ofNullable(polarity));
  }

  void requireBundle(Path zip) throws IOException {
    requireSame("the model's files", bundleSha256, sha256(zip));
  }

  void requireModel(LoadedModel loaded) throws IOException {
    requireSame("the model", modelSha256, loaded.model().sha256());
  }

  private static String sha256(Path file) throws IOException {
    return Sha256.of(new byte[0], List.of(FilePart.whole(file)));
  }

  private static void requireSame(String what, String expected, String actual) throws IOException {
    if (!expected.equals(actual)) {
      throw new DataException(
          what + " arrived damaged at this executor: SHA-256 " + actual + ", expected " + expected);
    }
  }
}
