package dev.sightline.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** The models that a name selects: small ones with real weights and known behaviour. */
public final class Catalog {
  private final List<CatalogModel> models;

  private Catalog(List<CatalogModel> models) {
    this.models = models;
  }

  /**
   * Reads the catalog of this version.
   *
   * @return the catalog
   */
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

  /**
   * Returns all models.
   *
   * @return the models, the default first
   */
  public List<CatalogModel> models() {
    return models;
  }

  /**
   * Returns the model of a name.
   *
   * @param name as in {@link CatalogModel#name()}, case-sensitive
   * @return the model; empty if there is none of that name
   */
  public Optional<CatalogModel> find(String name) {
    return models.stream().filter(m -> m.name().equals(name)).findFirst();
  }
}
