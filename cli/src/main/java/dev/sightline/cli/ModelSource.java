package dev.sightline.cli;

import dev.sightline.data.MaskPolarity;
import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.CatalogModel;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens the model that the argument MODEL names: a name of the catalog, or a .onnx file. */
final class ModelSource {
  private final Catalog catalog = Catalog.load();

  /**
   * A model, and its tokenizer if there is one.
   *
   * @param tokenizer open; close the pair when done
   */
  record Loaded(Model model, @Nullable Tokenizer tokenizer) implements AutoCloseable {
    /** The id of padding: the tokenizer's, else the graph's own, else 0 as in most vocabularies. */
    long padId() {
      if (tokenizer != null) {
        return tokenizer.padId();
      }
      List<TokenStream> streams = model.roles().streams();
      return streams.isEmpty() ? 0 : model.padId(streams.getFirst()).orElse(0);
    }

    @Override
    public void close() {
      if (tokenizer != null) {
        tokenizer.close();
      }
    }
  }

  Loaded load(String nameOrFile, @Nullable Path tokenizer) throws ModelException {
    Optional<CatalogModel> listed = catalog.find(nameOrFile);
    if (listed.isEmpty()) {
      return file(nameOrFile, tokenizer);
    }
    if (tokenizer != null) {
      throw new IllegalArgumentException(
          "--tokenizer goes with a .onnx file, but '"
              + nameOrFile
              + "' is a model of the catalog, which has its own");
    }
    CatalogModel model = listed.get();
    try (MavenArtifacts artifacts = new MavenArtifacts()) {
      LoadedModel loaded = model.load(artifacts);
      return resolved(loaded.model(), loaded.tokenizer());
    }
  }

  private static Loaded resolved(Model model, @Nullable Tokenizer tokenizer)
      throws ModelException {
    Loaded loaded = new Loaded(model, tokenizer);
    return new Loaded(MaskPolarity.resolve(model, loaded.padId()), tokenizer);
  }

  private Loaded file(String file, @Nullable Path tokenizer) throws ModelException {
    Path path;
    try {
      path = Path.of(file);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + file + "' is not a path", e);
    }
    if (!Files.isRegularFile(path)) {
      throw new ModelException(
          "'"
              + file
              + "' is neither a model of the catalog ("
              + catalog.models().stream().map(CatalogModel::name).collect(Collectors.joining(", "))
              + ") nor a .onnx file");
    }
    Model model = Model.read(path);
    Path beside = tokenizer != null ? tokenizer : path.resolveSibling("tokenizer.json");
    boolean there = tokenizer != null || Files.isRegularFile(beside);
    return resolved(model, there ? Tokenizer.read(beside) : null);
  }
}
