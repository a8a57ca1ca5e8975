package dev.sightline.maven;

import java.io.File;
import java.util.List;
import java.util.Properties;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/** Writes a model with the right mask, and fails the build if it cannot be proved right. */
@Mojo(name = "repair", defaultPhase = LifecyclePhase.VERIFY, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the fields
public final class RepairMojo extends AbstractModelMojo {
  /** The masks that the model should have, such as {@code causal & padding}; else found out. */
  @Parameter(property = "sightline.mask")
  private @Nullable String mask;

  /** The new model. */
  @Parameter(
      property = "sightline.repaired",
      defaultValue = "${project.build.directory}/sightline/repaired.onnx")
  private File repaired;

  /** Made by Maven. */
  public RepairMojo() {}

  @Override
  void describe(Properties request) {
    request.setProperty("goal", "repair");
    request.setProperty("repaired", repaired.getPath());
    put(request, "mask", mask);
  }

  @Override
  List<File> furtherInputs() {
    return named(mask, folder());
  }
}
