package dev.sightline.cli;

import dev.sightline.data.MaskPolarity;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.CatalogModel;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.inventory.ModelException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Opens the model that the argument MODEL names: a name of the catalog, a .onnx file, a folder with
 * one, or a .jar with one.
 */
final class ModelSource {
  private final Catalog catalog = Catalog.load();

  LoadedModel load(String nameOrPath, @Nullable Path tokenizer) throws ModelException {
    return load(nameOrPath, tokenizer, Optional.empty());
  }

  /** Opens a model whose masks have a polarity that was given, else the one that it shows. */
  LoadedModel load(String nameOrPath, @Nullable Path tokenizer, Optional<MaskPolarity> polarity)
      throws ModelException {
    LoadedModel loaded = open(nameOrPath, tokenizer);
    Model model = ModelExperiments.resolve(loaded.model(), loaded.padId(), polarity);
    return new LoadedModel(model, loaded.tokenizer(), loaded.search());
  }

  /** Tells whether the catalog has a model of a name. */
  boolean isListed(String name) {
    return catalog.find(name).isPresent();
  }

  private LoadedModel open(String nameOrPath, @Nullable Path tokenizer) throws ModelException {
    Optional<CatalogModel> listed = catalog.find(nameOrPath);
    if (listed.isEmpty()) {
      return LoadedModel.open(path(nameOrPath), Optional.ofNullable(tokenizer));
    }
    if (tokenizer != null) {
      throw new IllegalArgumentException(
          "--tokenizer goes with a model of your own, but '"
              + nameOrPath
              + "' is a model of the catalog, which has its own");
    }
    try (MavenArtifacts artifacts = new MavenArtifacts()) {
      return listed.get().load(artifacts);
    }
  }

  private Path path(String file) throws ModelException {
    Path path;
    try {
      path = Path.of(file);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + file + "' is not a path", e);
    }
    if (!Files.exists(path)) {
      throw new ModelException(
          "'"
              + file
              + "' is neither a model of the catalog ("
              + catalog.models().stream().map(CatalogModel::name).collect(Collectors.joining(", "))
              + ") nor a .onnx file, a folder with one or a .jar with one");
    }
    return path;
  }
}
