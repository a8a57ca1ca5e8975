package dev.sightline.onnx;

import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A ready model of the catalog: real weights, published as a Maven artifact whose jar holds the
 * .onnx file and its tokenizer.json.
 *
 * @param name what users call it
 * @param about one line about the model
 * @param licence SPDX identifier of the weights' licence
 * @param groupId of the Maven artifact
 * @param artifactId of the Maven artifact
 * @param version of the Maven artifact
 * @param model the entry of the jar that is the model
 * @param tokenizer the entry of the jar that is the tokenizer
 * @param modelBytes size of the model file, bytes
 * @param jarBytes size of the jar, bytes: what is downloaded
 * @param sha256 of the model file, lower-case hexadecimal
 */
public record CatalogModel(
    String name,
    String about,
    String licence,
    String groupId,
    String artifactId,
    String version,
    String model,
    String tokenizer,
    long modelBytes,
    long jarBytes,
    String sha256) {

  /** Where a model of the catalog is to be had. */
  public enum Presence {
    /** On the class path: nothing to fetch, ever. */
    EMBEDDED,
    /** In the local Maven repository. */
    FETCHED,
    /** Not on this machine yet. */
    ABSENT
  }

  /** Where the model is now; asks no network. */
  public Presence presence(ArtifactSource source) throws ModelException {
    if (CatalogModel.class.getClassLoader().getResource(model) != null) {
      return Presence.EMBEDDED;
    }
    return source.cached(groupId, artifactId, version).isPresent()
        ? Presence.FETCHED
        : Presence.ABSENT;
  }

  /**
   * Reads model and tokenizer, from the class path or from the artifact, which is fetched if need
   * be.
   *
   * @throws ModelException if the artifact cannot be had or is not what the catalog promises
   */
  public LoadedModel load(ArtifactSource source) throws ModelException {
    Optional<byte[]> embedded = resource(model);
    byte[] modelFile;
    byte[] tokenizerFile;
    if (embedded.isPresent()) {
      modelFile = embedded.get();
      tokenizerFile =
          resource(tokenizer)
              .orElseThrow(() -> new ModelException(name + " has no tokenizer beside it"));
    } else {
      Path jar = source.fetch(groupId, artifactId, version);
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        modelFile = entry(zip, model);
        tokenizerFile = entry(zip, tokenizer);
      } catch (IOException e) {
        throw new ModelException(
            "'" + jar + "' cannot be read: " + e.getMessage() + "; delete it and fetch it again",
            e);
      }
    }
    String actual = Sha256.of(modelFile);
    if (!actual.equals(sha256)) {
      throw new ModelException(
          name
              + " is not the file it should be: its SHA-256 is "
              + actual
              + ", expected "
              + sha256
              + "; delete "
              + artifactId
              + " from the local Maven repository and fetch it again");
    }
    Model parsed = Model.parse(modelFile, name);
    return new LoadedModel(parsed, Tokenizer.parse(tokenizerFile, name + "'s tokenizer"));
  }

  private static Optional<byte[]> resource(String path) throws ModelException {
    try (InputStream in = CatalogModel.class.getClassLoader().getResourceAsStream(path)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new ModelException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static byte[] entry(ZipFile zip, String path) throws IOException {
    ZipEntry entry = zip.getEntry(path);
    if (entry == null) {
      throw new IOException("it holds no " + path);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }
}
