package dev.sightline.report.internal.mask;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.util.OptionalInt;

/**
 * The numbers of queries and keys, each as it was given or empty to take the masks' own; batch rows
 * and heads are always the masks' own.
 */
public record GivenSizes(OptionalInt queries, OptionalInt keys) {
  /** The sizes for some masks, which must name a length where none was given. */
  public MaskShape shapeFor(Mask... masks) {
    int named = named(masks);
    if (areOpen() && named < 0) {
      throw new IllegalArgumentException(
          masks[0]
              + " has no length of its own; give the number of queries and keys, as in --q 8 --k"
              + " 8");
    }
    return shape(named, named, masks);
  }

  /** As {@link #shapeFor}, with an example length where none was given or named. */
  public MaskShape sampleFor(int atLeast, Mask... masks) {
    int named = named(masks);
    int length = Math.max(atLeast, named);
    if (named < 0) { // A mask that lists its tokens decides; the others have to follow.
      for (Mask mask : masks) {
        length = Math.max(length, mask.sampleLength());
      }
    }
    return shape(length, named, masks);
  }

  /** As {@link #shapeFor}, with sizes for a drawing where none was given. */
  public MaskShape drawingFor(Mask mask) {
    return areOpen() ? mask.drawingShape() : shapeFor(mask);
  }

  /** Whether the sizes of a drawing are an example: none was given, and the mask names none. */
  public boolean areExample(Mask mask, MaskShape shape) {
    return areOpen() && mask.length().orElse(-1) != shape.keys();
  }

  private boolean areOpen() {
    return queries.isEmpty() && keys.isEmpty();
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
    int both = queries.orElse(keys.orElse(length));
    int k = keys.orElse(queries.isPresent() ? Math.max(both, named) : length);
    return new MaskShape(batch, heads, both, k);
  }
}
