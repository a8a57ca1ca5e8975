package dev.sightline.onnx;

import dev.sightline.onnx.internal.file.TokenizerFiles;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A model of the catalog: real weights, published as a Maven artifact whose jar holds the .onnx
 * file and its tokenizer.json.
 *
 * @param name the name that selects it
 * @param about one line about the model
 * @param licence SPDX identifier of the weights' licence
 * @param groupId of the Maven artifact
 * @param artifactId of the Maven artifact
 * @param version of the Maven artifact
 * @param model the jar entry of the .onnx file
 * @param tokenizer the jar entry of the tokenizer.json
 * @param modelBytes size of the model file, bytes
 * @param jarBytes size of the jar, bytes: the size of the download
 * @param sha256 of the model file, lower-case hexadecimal
 * @param tokenizerSha256 of the tokenizer.json
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
    String sha256,
    String tokenizerSha256) {

  /** Where a model of the catalog is. */
  public enum Presence {
    /** On the class path; it needs no download. */
    EMBEDDED,
    /** In the local Maven repository. */
    FETCHED,
    /** Not on this machine yet. */
    ABSENT
  }

  /**
   * Returns where the model is now. Does not use the network.
   *
   * @param source the local repository to look in
   * @return class path, local repository or neither
   * @throws ModelException if the local repository cannot be read
   */
  public Presence presence(ArtifactSource source) throws ModelException {
    if (CatalogModel.class.getClassLoader().getResource(model) != null) {
      return Presence.EMBEDDED;
    }
    return source.cached(groupId, artifactId, version).isPresent()
        ? Presence.FETCHED
        : Presence.ABSENT;
  }

  /**
   * Reads model and tokenizer from the class path or else from the artifact, which is downloaded if
   * it is not on this machine.
   *
   * @param source the repository of the artifact
   * @return the model and its tokenizer, to be closed
   * @throws ModelException if the artifact cannot be downloaded or read, or if the SHA-256 of the
   *     model or of the tokenizer differs from the catalog's
   */
  public LoadedModel load(ArtifactSource source) throws ModelException {
    Optional<byte[]> embedded = resource(model, modelBytes);
    byte[] modelFile;
    byte[] tokenizerFile;
    if (embedded.isPresent()) {
      modelFile = embedded.get();
      tokenizerFile =
          resource(tokenizer, TokenizerFiles.LARGEST)
              .orElseThrow(() ->
                  new ModelException(name + " is on the class path without its tokenizer.json"));
    } else {
      Path jar = source.fetch(groupId, artifactId, version);
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        modelFile = entry(zip, model, modelBytes);
        tokenizerFile = entry(zip, tokenizer, TokenizerFiles.LARGEST);
      } catch (IOException e) {
        throw new ModelException(
            "'" + jar + "' cannot be read: " + e.getMessage() + "; delete it and fetch it again",
            e);
      }
    }
    return TokenizerOpening.beside(
        () -> {
          verify(name, modelFile, sha256);
          return Model.parse(modelFile, name);
        },
        () -> {
          verify("the tokenizer of " + name, tokenizerFile, tokenizerSha256);
          return Tokenizer.parse(tokenizerFile, name + "'s tokenizer");
        });
  }

  private void verify(String what, byte[] file, String expected) throws ModelException {
    String actual = Sha256.of(file);
    if (!actual.equals(expected)) {
      throw new ModelException(
          what
              + " has the wrong SHA-256: it is "
              + actual
              + ", expected "
              + expected
              + "; delete "
              + artifactId
              + " from the local Maven repository and fetch it again");
    }
  }

  private static Optional<byte[]> resource(String path, long most) throws ModelException {
    URL resource = CatalogModel.class.getClassLoader().getResource(path);
    if (resource == null) {
      return Optional.empty();
    }
    try {
      URLConnection connection = resource.openConnection();
      try (InputStream in = connection.getInputStream()) {
        return Optional.of(read(in, path, connection.getContentLengthLong(), most));
      }
    } catch (IOException e) {
      throw new ModelException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Reads no more than the file can have: a few bytes of a jar may unpack to any number. */
  private static byte[] entry(ZipFile zip, String path, long most) throws IOException {
    ZipEntry entry = zip.getEntry(path);
    if (entry == null) {
      throw new IOException("it holds no " + path);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return read(in, path, entry.getSize(), most);
    }
  }

  /**
   * At once into an array of its size: what collects the parts of 83 MB holds twice as much.
   *
   * @param size negative if it is not known
   */
  private static byte[] read(InputStream in, String path, long size, long most) throws IOException {
    int expected = (int) Math.clamp(size, 0, most);
    byte[] whole = new byte[expected];
    int read = in.readNBytes(whole, 0, expected);
    byte[] bytes =
        size < 0
            ? in.readNBytes(Math.toIntExact(most))
            : read == expected ? whole : Arrays.copyOf(whole, read);
    if (in.read() >= 0) {
      throw new IOException("its " + path + " has more than " + bytes.length + " bytes");
    }
    return bytes;
  }
}
