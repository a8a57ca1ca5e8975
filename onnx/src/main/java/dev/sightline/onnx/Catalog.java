package dev.sightline.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** The ready models: real, small ones of known behaviour, one word away. */
public final class Catalog {
  private final List<CatalogModel> models;

  private Catalog(List<CatalogModel> models) {
    this.models = models;
  }

  /** The catalog that ships with this version. */
  public static Catalog load() {
    try (InputStream in = Catalog.class.getResourceAsStream("catalog.json")) {
      CatalogModel[] models =
          JsonMapper.shared()
              .readValue(Objects.requireNonNull(in, "catalog.json"), CatalogModel[].class);
      return new Catalog(List.of(models));
    } catch (IOException e) {
      throw new IllegalStateException("catalog.json cannot be read", e);
    }
  }

  /** All models, the default first. */
  public List<CatalogModel> models() {
    return models;
  }

  /** The model of that name. */
  public Optional<CatalogModel> find(String name) {
    return models.stream().filter(m -> m.name().equals(name)).findFirst();
  }
}
