package dev.sightline.audit;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** The robot policies among the test resources. */
public final class Policies {
  private Policies() {}

  /** A model or its samples. */
  public static Path file(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(Policies.class.getResource("/policies/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
