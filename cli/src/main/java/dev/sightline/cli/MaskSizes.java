package dev.sightline.cli;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.repair.MaskGraph;
import dev.sightline.report.internal.mask.GivenSizes;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The sizes that masks are bound to; the masks themselves determine batch rows and heads. */
final class MaskSizes {
  @Option(
      names = "--q",
      paramLabel = "N",
      description =
          "Number of queries. Default: the length that the mask names, else a short example.")
  private @Nullable Integer queries;

  @Option(
      names = "--k",
      paramLabel = "N",
      description =
          "Number of keys. Default: the number of queries, or the length that the mask names.")
  private @Nullable Integer keys;

  MaskSizes() {}

  /** The sizes for some masks, which must name a length where none was given. */
  MaskShape shapeFor(Mask... masks) {
    return given().shapeFor(masks);
  }

  /** As {@link #shapeFor}, with an example length where none was given or named. */
  MaskShape sampleFor(int atLeast, Mask... masks) {
    return given().sampleFor(atLeast, masks);
  }

  /** As {@link #shapeFor}, with sizes for a drawing where none was given. */
  MaskShape drawingFor(Mask mask) {
    return given().drawingFor(mask);
  }

  /** Whether the sizes of a drawing are an example: none was given, and the mask names none. */
  boolean areExample(Mask mask, MaskShape shape) {
    return given().areExample(mask, shape);
  }

  private GivenSizes given() {
    return new GivenSizes(optional(queries), optional(keys));
  }

  private static OptionalInt optional(@Nullable Integer size) {
    return size == null ? OptionalInt.empty() : OptionalInt.of(size);
  }

  /** The graph of a mask, with those of its sizes fixed that were given. */
  MaskGraph fix(MaskGraph graph) {
    MaskGraph fixed = queries == null ? graph : graph.queries(queries);
    return keys == null ? fixed : fixed.keys(keys);
  }
}
