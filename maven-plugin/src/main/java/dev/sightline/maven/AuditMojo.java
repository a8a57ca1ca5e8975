package dev.sightline.maven;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/** Fails the build if a model does not obey its attention mask. */
@Mojo(name = "audit", defaultPhase = LifecyclePhase.VERIFY, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the fields
public final class AuditMojo extends AbstractModelMojo {
  /**
   * The masks that the model should have, such as {@code causal & padding}, or a file with them.
   */
  @Parameter(property = "sightline.expect")
  private @Nullable String expect;

  /** What fails the build: fail, inconclusive, rounding, pad-side, or several with commas. */
  @Parameter(property = "sightline.failOn", defaultValue = "fail")
  private String failOn;

  /** A file of findings that are accepted, a line each, as the failed build prints them. */
  @Parameter(property = "sightline.baseline")
  private @Nullable File baseline;

  /** Made by Maven. */
  public AuditMojo() {}

  @Override
  void describe(Properties request) {
    request.setProperty("goal", "audit");
    request.setProperty("failOn", failOn);
    put(request, "expect", expect);
    put(request, "baseline", baseline);
  }

  @Override
  List<File> furtherInputs() {
    List<File> files = new ArrayList<>(named(expect, folder()));
    if (baseline != null) {
      files.add(baseline);
    }
    return files;
  }
}
