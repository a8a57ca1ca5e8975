package dev.sightline.cli;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The two masks that a command compares, and the sizes that it compares them over. */
final class TwoMasks {
  @Parameters(
      index = "0",
      paramLabel = "A",
      description = "A mask expression, or a file that holds one.")
  private String first;

  @Parameters(
      index = "1",
      paramLabel = "B",
      description = "A mask expression, or a file that holds one.")
  private String second;

  @Mixin private MaskSizes sizes;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  TwoMasks() {}

  Mask a() throws IOException {
    return MaskSource.read(first);
  }

  Mask b() throws IOException {
    return MaskSource.read(second);
  }

  /** Those of the two that are files. */
  List<Path> files() throws IOException {
    return OutputFiles.existing(first, second);
  }

  MaskShape shapeFor(Mask a, Mask b) {
    return sizes.sampleFor(1, a, b);
  }
}
