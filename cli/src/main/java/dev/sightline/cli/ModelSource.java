package dev.sightline.cli;

import dev.sightline.data.internal.batch.MaskPolarity;
import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.CatalogModel;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens the model that the argument MODEL names: a name of the catalog, or a .onnx file. */
final class ModelSource {
  private final Catalog catalog = Catalog.load();

  LoadedModel load(String nameOrFile, @Nullable Path tokenizer) throws ModelException {
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
      return resolved(model.load(artifacts));
    }
  }

  private static LoadedModel resolved(LoadedModel loaded) throws ModelException {
    Model model = MaskPolarity.resolve(loaded.model(), loaded.padId());
    return new LoadedModel(model, loaded.tokenizer());
  }

  private LoadedModel file(String file, @Nullable Path tokenizer) throws ModelException {
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
    Model model = Model.open(path);
    Path beside = tokenizer != null ? tokenizer : path.resolveSibling("tokenizer.json");
    boolean there = tokenizer != null || Files.isRegularFile(beside);
    return resolved(new LoadedModel(model, there ? Tokenizer.read(beside) : null));
  }
}
