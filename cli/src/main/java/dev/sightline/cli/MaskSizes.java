package dev.sightline.cli;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.repair.MaskGraph;
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
    int named = named(masks);
    if (queries == null && keys == null && named < 0) {
      throw new IllegalArgumentException(
          masks[0]
              + " has no length of its own; give the number of queries and keys, as in --q 8 --k"
              + " 8");
    }
    return shape(named, named, masks);
  }

  /** As {@link #shapeFor}, with an example length where none was given or named. */
  MaskShape sampleFor(int atLeast, Mask... masks) {
    int named = named(masks);
    int length = Math.max(atLeast, named);
    for (Mask mask : masks) {
      // A mask that lists its tokens decides; the others have to follow.
      length = named < 0 ? Math.max(length, mask.sampleLength()) : length;
    }
    return shape(length, named, masks);
  }

  /** As {@link #shapeFor}, with sizes for a drawing where none was given. */
  MaskShape drawingFor(Mask mask) {
    return queries == null && keys == null ? mask.drawingShape() : shapeFor(mask);
  }

  /** Whether the sizes of a drawing are an example: none was given, and the mask names none. */
  boolean areExample(Mask mask, MaskShape shape) {
    return queries == null && keys == null && mask.length().orElse(-1) != shape.keys();
  }

  /** The graph of a mask, with those of its sizes fixed that were given. */
  MaskGraph fix(MaskGraph graph) {
    MaskGraph fixed = queries == null ? graph : graph.queries(queries);
    return keys == null ? fixed : fixed.keys(keys);
  }

  private static int named(Mask... masks) {
    int named = -1;
    for (Mask mask : masks) {
      named = Math.max(named, mask.length().orElse(-1));
    }
    return named;
  }

  private MaskShape shape(int length, int named, Mask... masks) {
    int batch = 1;
    int heads = 1;
    for (Mask mask : masks) {
      batch = Math.max(batch, mask.batchRows());
      heads = Math.max(heads, mask.heads());
    }
    int q = queries != null ? queries : keys != null ? keys : length;
    int k = keys != null ? keys : queries != null ? Math.max(queries, named) : length;
    return new MaskShape(batch, heads, q, k);
  }
}
