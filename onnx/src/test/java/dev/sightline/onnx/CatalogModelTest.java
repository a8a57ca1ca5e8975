package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each file of a catalog's jar is checked before it is used. */
class CatalogModelTest {
  @TempDir Path folder;

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = CatalogModelTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private ArtifactSource jar(byte[] model, byte[] tokenizer) throws IOException {
    Path jar = folder.resolve("model.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("fetched.onnx"));
      zip.write(model);
      zip.putNextEntry(new ZipEntry("fetched-tokenizer.json"));
      zip.write(tokenizer);
    }
    return new ArtifactSource() {
      @Override
      public Optional<Path> cached(String groupId, String artifactId, String version) {
        return Optional.of(jar);
      }

      @Override
      public Path fetch(String groupId, String artifactId, String version) {
        return jar;
      }
    };
  }

  private static CatalogModel entry(byte[] model, byte[] tokenizer) {
    return new CatalogModel(
        "fetched",
        "a model",
        "MIT",
        "g",
        "the-artifact",
        "1",
        "fetched.onnx",
        "fetched-tokenizer.json",
        model.length,
        0,
        Sha256.of(model),
        Sha256.of(tokenizer));
  }

  @Test
  void aChangedTokenizer_isRefused_asAChangedModelIs() throws IOException {
    byte[] model = resource("/tiny-gpt.onnx");
    byte[] tokenizer = resource("/tiny-gpt-tokenizer.json");
    CatalogModel entry = entry(model, tokenizer);
    assertThatCode(() -> entry.load(jar(model, tokenizer)).close()).doesNotThrowAnyException();

    byte[] otherTokenizer = tokenizer.clone();
    otherTokenizer[otherTokenizer.length / 2] ^= 1;
    assertThatThrownBy(() -> entry.load(jar(model, otherTokenizer)))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("the tokenizer of fetched has the wrong SHA-256: it is ")
        .hasMessageContaining("delete the-artifact from the local Maven repository");

    byte[] otherModel = model.clone();
    otherModel[otherModel.length / 2] ^= 1;
    assertThatThrownBy(() -> entry.load(jar(otherModel, tokenizer)))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("fetched has the wrong SHA-256: it is ");
  }

  @Test
  void anEntryLargerThanItsModel_isNotReadToItsEnd() throws IOException {
    byte[] model = resource("/tiny-gpt.onnx");
    byte[] tokenizer = resource("/tiny-gpt-tokenizer.json");
    byte[] longer = Arrays.copyOf(model, model.length + 1);
    assertThatThrownBy(() -> entry(model, tokenizer).load(jar(longer, tokenizer)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("its fetched.onnx has more than " + model.length + " bytes");
  }

  @Test
  void eachModelOfTheCatalog_hasTheSumsOfBothFiles() {
    assertThat(Catalog.load().models())
        .allSatisfy(model -> {
          assertThat(model.sha256()).matches("[0-9a-f]{64}");
          assertThat(model.tokenizerSha256()).matches("[0-9a-f]{64}");
        });
  }
}
